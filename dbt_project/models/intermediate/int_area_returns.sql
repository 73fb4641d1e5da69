-- How many returns were expected from the providers of an area in a period, and how many are in
-- effect.
with placed as (

    select * from {{ ref('int_placed_returns') }}

),

periods as (

    select * from {{ ref('int_periods') }}

),

final as (

    select
        periods.period_type,
        periods.period_start,
        placed.area_type,
        placed.area_code,
        cast(count(*) as bigint) as returns_expected,
        cast(sum(placed.is_in_effect) as bigint) as returns_in_effect
    from placed
    inner join periods
        on placed.month >= periods.period_start and placed.month <= periods.period_end
    group by periods.period_type, periods.period_start, placed.area_type, placed.area_code

)

select * from final
