-- Every outcomes row of a return in effect, with the person and the service of its episode.
with outcomes as (

    select * from {{ ref('stg_returns__outcomes') }}

),

returns_in_effect as (

    select * from {{ ref('int_returns_in_effect') }}

),

episodes as (

    select * from {{ ref('int_episodes_in_effect') }}

),

final as (

    select
        outcomes.provider_code,
        outcomes.month,
        outcomes.episode_id,
        episodes.person_key,
        episodes.service_code,
        outcomes.outcome_id,
        outcomes.outcome_date,
        outcomes.outcome
    from outcomes
    inner join returns_in_effect on outcomes.judgement_id = returns_in_effect.judgement_id
    inner join episodes
        on
            outcomes.provider_code = episodes.provider_code
            and outcomes.episode_id = episodes.episode_id

)

select * from final
