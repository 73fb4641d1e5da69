-- Every published cell of everyone in an area that is not the system, with both its intervals and
-- the system's value of the same indicator and period: from what is published alone.
with published_indicators as (

    select * from {{ ref('published_indicators') }}

),

indicators as (

    select * from {{ ref('indicators') }}

),

poisson_limits as (

    select * from {{ ref('poisson_limits') }}

),

area_systems as (

    select * from {{ ref('int_area_systems') }}

),

cells as (

    select
        published_indicators.release_id,
        published_indicators.indicator_id,
        published_indicators.period_type,
        published_indicators.period_start,
        published_indicators.area_type,
        published_indicators.area_code,
        published_indicators.numerator,
        published_indicators.denominator,
        published_indicators.value,
        published_indicators.lower_ci,
        published_indicators.upper_ci,
        indicators.statistic,
        indicators.multiplier,
        indicators.unit,
        indicators.better,
        poisson_limits.lower_limit_998 as exact_lower_998,
        poisson_limits.upper_limit_998 as exact_upper_998,
        -- a figure that is hidden has no numerator either
        published_indicators.status = 'shown' as is_shown
    from published_indicators
    inner join indicators on published_indicators.indicator_id = indicators.indicator_id
    left join poisson_limits on published_indicators.numerator = poisson_limits.observed
    where published_indicators.breakdown_type = 'all'

),

with_intervals as (

    select
        *,
        {{ interval_limits('numerator', 'denominator', '998', '_998') }}
    from cells
    where area_type <> 'system'

),

benchmarks as (

    select
        indicator_id,
        period_type,
        period_start,
        area_code as benchmark_area_code,
        value as benchmark_value
    from cells
    where area_type = 'system'

),

final as (

    select
        with_intervals.release_id,
        with_intervals.indicator_id,
        with_intervals.period_type,
        with_intervals.period_start,
        with_intervals.area_type,
        with_intervals.area_code,
        with_intervals.statistic,
        with_intervals.multiplier,
        with_intervals.unit,
        with_intervals.better,
        with_intervals.numerator,
        with_intervals.denominator,
        with_intervals.value,
        with_intervals.lower_ci,
        with_intervals.upper_ci,
        case when with_intervals.is_shown then with_intervals.lower_ci_998 end as lower_ci_998,
        case when with_intervals.is_shown then with_intervals.upper_ci_998 end as upper_ci_998,
        benchmarks.benchmark_area_code,
        benchmarks.benchmark_value
    from with_intervals
    left join area_systems
        on
            with_intervals.area_type = area_systems.area_type
            and with_intervals.area_code = area_systems.area_code
    left join benchmarks
        on
            area_systems.system_code = benchmarks.benchmark_area_code
            and with_intervals.indicator_id = benchmarks.indicator_id
            and with_intervals.period_type = benchmarks.period_type
            and with_intervals.period_start = benchmarks.period_start

)

select * from final
