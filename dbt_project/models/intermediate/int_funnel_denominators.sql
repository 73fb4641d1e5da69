-- Where the control limits of each funnel are wanted: at the denominator of each of its providers,
-- and at a grid of denominators, along which a chart can draw them.
{% set grid_steps = 39 %}

with cells as (

    select * from {{ ref('int_compared_cells') }}

),

-- What has no interval (more than all are concerned) has no place among the others either.
points as (

    select
        *,
        cast(denominator as double) as at_denominator
    from cells
    where
        area_type = 'provider'
        and statistic in ('proportion', 'rate')
        and lower_ci is not null
        and benchmark_value is not null
        and not (statistic = 'proportion' and benchmark_value > multiplier)

),

funnels as (

    select
        release_id,
        indicator_id,
        period_type,
        period_start,
        statistic,
        multiplier,
        benchmark_area_code,
        benchmark_value,
        min(at_denominator) as smallest,
        max(at_denominator) as largest
    from points
    group by
        release_id, indicator_id, period_type, period_start, statistic, multiplier,
        benchmark_area_code, benchmark_value

),

steps as (

    {{ whole_numbers(2) }}

),

-- Evenly by ratio, since the limits bend most where there are few; whole, as denominators are.
grid as (

    select distinct
        funnels.release_id,
        funnels.indicator_id,
        funnels.period_type,
        funnels.period_start,
        funnels.statistic,
        funnels.multiplier,
        funnels.benchmark_area_code,
        funnels.benchmark_value,
        floor(
            funnels.smallest * power(funnels.largest / funnels.smallest, steps.number / {{ grid_steps }}.0e0) + 0.5e0
        ) as denominator
    from funnels
    inner join steps on steps.number <= {{ grid_steps }}

),

wanted as (

    select
        release_id,
        indicator_id,
        period_type,
        period_start,
        statistic,
        multiplier,
        benchmark_area_code,
        benchmark_value,
        at_denominator as denominator,
        0 as is_of_grid
    from points
    union all
    select
        release_id,
        indicator_id,
        period_type,
        period_start,
        statistic,
        multiplier,
        benchmark_area_code,
        benchmark_value,
        denominator,
        1 as is_of_grid
    from grid

),

final as (

    select
        release_id,
        indicator_id,
        period_type,
        period_start,
        statistic,
        multiplier,
        benchmark_area_code,
        benchmark_value,
        denominator,
        max(is_of_grid) = 1 as is_of_grid
    from wanted
    group by
        release_id, indicator_id, period_type, period_start, statistic, multiplier,
        benchmark_area_code, benchmark_value, denominator

)

select * from final
