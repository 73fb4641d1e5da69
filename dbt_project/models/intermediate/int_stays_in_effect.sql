-- The row that counts of each stay, with the person and the service of its episode. A stay without
-- an end lasts until the last day of the latest month in which it was sent.
with stays as (

    select * from {{ ref('stg_returns__stays') }}

),

returns_in_effect as (

    select * from {{ ref('int_returns_in_effect') }}

),

episodes as (

    select * from {{ ref('int_episodes_in_effect') }}

),

ranked as (

    select
        stays.*,
        row_number() over (
            partition by stays.provider_code, stays.stay_id order by stays.month desc
        ) as place
    from stays
    inner join returns_in_effect on stays.judgement_id = returns_in_effect.judgement_id

),

final as (

    select
        ranked.provider_code,
        episodes.person_key,
        episodes.service_code,
        ranked.stay_id,
        ranked.accommodation,
        ranked.supported,
        ranked.start_date,
        coalesce(ranked.end_date, {{ last_day_of_month('ranked.month') }}) as last_day
    from ranked
    inner join episodes
        on ranked.provider_code = episodes.provider_code and ranked.episode_id = episodes.episode_id
    where ranked.place = 1

)

select * from final
