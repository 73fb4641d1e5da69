{{ config(materialized="view") }}

-- Why everybody is to be described anew, one row for each reason; no rows where touched persons are enough.
with returns_in_effect as (

    {{ last_rows_of('int_returns_in_effect') }}

),

people_in_effect as (

    {{ last_rows_of('int_people_in_effect') }}

),

submissions as (

    select * from {{ ref('stg_intake__submissions') }}

),

periods as (

    select * from {{ ref('int_periods') }}

),

last_periods as (

    {{ last_rows_of('int_periods') }}

),

live_periods as (

    select period
    from periods
    where has_return_in_effect
    union all
    select period
    from last_periods
    where has_return_in_effect

),

changed_periods as (

    select period
    from live_periods
    group by period
    having count(*) = 1

),

service_areas as (

    select * from {{ ref('int_sided_service_areas') }}

),

changed_services as (

    select service_code
    from service_areas
    group by service_code, area_type, area_code, tier
    having count(*) = 1

),

lost_returns as (

    select returns_in_effect.judgement_id
    from returns_in_effect
    left join submissions
        on
            returns_in_effect.judgement_id = submissions.judgement_id
            and returns_in_effect.provider_code = submissions.provider_code
            and returns_in_effect.month = submissions.month
            and submissions.is_accepted
    where submissions.judgement_id is null

),

final as (

    select 'nothing is known of the last time' as reason
    where not exists (select 1 from returns_in_effect) or not exists (select 1 from people_in_effect)
    union all
    select 'the rows of a return that was in effect are gone' as reason
    where exists (select 1 from lost_returns)
    union all
    -- What lasts longer than a month may lie in a period that is new, whoever it is of.
    select 'a period has its first return in effect, or has none any more' as reason
    where exists (select 1 from changed_periods)
    union all
    select 'a service lies in another area or tier' as reason
    where exists (select 1 from changed_services)

)

select * from final
