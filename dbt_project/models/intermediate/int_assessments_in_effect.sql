-- Every assessments row of a return in effect, with the person and the service of its episode.
with assessments as (

    select * from {{ ref('stg_returns__assessments') }}

),

returns_in_effect as (

    select * from {{ ref('int_returns_in_effect') }}

),

episodes as (

    select * from {{ ref('int_episodes_in_effect') }}

),

final as (

    select
        assessments.provider_code,
        assessments.month,
        assessments.episode_id,
        episodes.person_key,
        episodes.service_code,
        assessments.assessment_id,
        assessments.assessment_date,
        assessments.measure,
        assessments.score
    from assessments
    inner join returns_in_effect on assessments.judgement_id = returns_in_effect.judgement_id
    inner join episodes
        on
            assessments.provider_code = episodes.provider_code
            and assessments.episode_id = episodes.episode_id

)

select * from final
