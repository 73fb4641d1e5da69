-- Every handovers row of a return in effect, with the person and the service of its episode.
with handovers as (

    select * from {{ ref('stg_returns__handovers') }}

),

returns_in_effect as (

    select * from {{ ref('int_returns_in_effect') }}

),

episodes as (

    select * from {{ ref('int_episodes_in_effect') }}

),

final as (

    select
        handovers.provider_code,
        handovers.month,
        handovers.episode_id,
        episodes.person_key,
        episodes.service_code,
        handovers.handover_id,
        handovers.handover_date,
        handovers.result
    from handovers
    inner join returns_in_effect on handovers.judgement_id = returns_in_effect.judgement_id
    inner join episodes
        on
            handovers.provider_code = episodes.provider_code
            and handovers.episode_id = episodes.episode_id

)

select * from final
