-- The months that are over of every monthly series, with the phase that each is in and, where the
-- month before it is shown and in the same phase, that month's value. A month that is hidden may
-- lie anywhere, so nothing is told across it.
with published_indicators as (

    select * from {{ ref('published_indicators') }}

),

indicators as (

    select * from {{ ref('indicators') }}

),

measures as (

    select * from {{ ref('measures') }}

),

series_breaks as (

    select * from {{ ref('int_series_breaks') }}

),

refresh as (

    select * from {{ ref('stg_intake__refresh') }}

),

months as (

    select
        published_indicators.release_id,
        {{ series_columns('published_indicators.') }},
        published_indicators.period_start,
        published_indicators.value,
        published_indicators.status,
        published_indicators.is_provisional,
        -- Rounding is to nearest 5, whatever the count: what matters is the least that the value
        -- rests on. Of pounds, it is what they are divided by.
        case
            when published_indicators.value is null then null
            when measures.concerns_people <> 'yes' then published_indicators.denominator
            when indicators.statistic = 'proportion'
                then least(
                    published_indicators.numerator,
                    greatest(published_indicators.denominator - published_indicators.numerator, 0)
                )
            else published_indicators.numerator
        end as least_count
    from published_indicators
    inner join indicators on published_indicators.indicator_id = indicators.indicator_id
    inner join measures on indicators.numerator = measures.measure_id
    cross join refresh
    where
        published_indicators.period_type = 'month'
        and published_indicators.breakdown_type = 'all'
        and {{ last_day_of_month('published_indicators.period_start') }} < refresh.as_at

),

phases as (

    select
        {{ series_columns('months.') }},
        months.period_start,
        1 + count(series_breaks.month) as phase
    from months
    left join series_breaks
        on
            months.indicator_id = series_breaks.indicator_id
            and months.area_type = series_breaks.area_type
            and months.area_code = series_breaks.area_code
            and months.period_start >= series_breaks.month
    group by {{ series_columns('months.') }}, months.period_start

),

before as (

    select
        months.*,
        phases.phase,
        lag(months.period_start) over (
            partition by {{ series_columns('months.') }}, phases.phase order by months.period_start
        ) as month_before,
        lag(months.value) over (
            partition by {{ series_columns('months.') }}, phases.phase order by months.period_start
        ) as value_before
    from months
    inner join phases
        on
            months.indicator_id = phases.indicator_id
            and months.area_type = phases.area_type
            and months.area_code = phases.area_code
            and months.period_start = phases.period_start

),

final as (

    select
        release_id,
        {{ series_columns() }},
        period_start,
        value,
        status,
        is_provisional,
        least_count,
        phase,
        case
            when value is not null and month_before = {{ add_months('period_start', -1) }} then value_before
        end as value_before
    from before

)

select * from final
