-- The breaks within each monthly series: months at which it is counted anew, and why. One in the
-- first month or before it parts nothing, nor does one after the last.
with published_indicators as (

    select * from {{ ref('published_indicators') }}

),

breaks as (

    select * from {{ ref('stg_registry__breaks') }}

),

series as (

    select
        {{ series_columns() }},
        min(period_start) as first_month,
        max(period_start) as last_month
    from published_indicators
    where period_type = 'month' and breakdown_type = 'all'
    group by {{ series_columns() }}

),

-- One for every area and one for this area may fall on the same month.
final as (

    select
        {{ series_columns('series.') }},
        breaks.month,
        min(breaks.reason) as reason
    from series
    inner join breaks
        on
            series.indicator_id = breaks.indicator_id
            and (breaks.area_code is null or series.area_code = breaks.area_code)
            and series.first_month < breaks.month
            and series.last_month >= breaks.month
    group by {{ series_columns('series.') }}, breaks.month

)

select * from final
