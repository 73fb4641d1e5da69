-- The row that counts of each episode, with its person. An open episode counts as open until the
-- last day of the latest month in which it was sent.
with episodes as (

    select * from {{ ref('stg_returns__episodes') }}

),

returns_in_effect as (

    select * from {{ ref('int_returns_in_effect') }}

),

people as (

    select * from {{ ref('int_people_in_effect') }}

),

ranked as (

    select
        episodes.*,
        row_number() over (
            partition by episodes.provider_code, episodes.episode_id order by episodes.month desc
        ) as place
    from episodes
    inner join returns_in_effect on episodes.judgement_id = returns_in_effect.judgement_id

),

final as (

    select
        ranked.provider_code,
        ranked.episode_id,
        people.person_key,
        ranked.service_code,
        ranked.start_date,
        ranked.end_date,
        coalesce(ranked.end_date, {{ last_day_of_month('ranked.month') }}) as last_open_day
    from ranked
    inner join people
        on ranked.provider_code = people.provider_code and ranked.person_id = people.person_id
    where ranked.place = 1

)

select * from final
