{{ config(materialized="view") }}

-- The returns that are in effect and were not the last time, and those that were and are no longer.
with returns_in_effect as (

    select * from {{ ref('int_returns_in_effect') }}

),

last_returns_in_effect as (

    {{ last_rows_of('int_returns_in_effect') }}

),

both_nights as (

    select * from returns_in_effect
    union all
    select * from last_returns_in_effect

),

final as (

    select
        judgement_id,
        provider_code,
        month
    from both_nights
    group by judgement_id, provider_code, month
    having count(*) = 1

)

select * from final
