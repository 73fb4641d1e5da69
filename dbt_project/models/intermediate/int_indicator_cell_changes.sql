{{ config(materialized="view") }}

-- The cells of indicators that are computed anew: where the numerator or the denominator has another
-- value, and in periods that have become provisional, or are so no longer.
with cell_changes as (

    select * from {{ ref('int_cell_changes') }}

),

measure_values as (

    select * from {{ ref('measure_values') }}

),

indicators as (

    select * from {{ ref('indicators') }}

),

indicator_breakdowns as (

    select * from {{ ref('int_indicator_breakdowns') }}

),

provisional_periods as (

    select * from {{ ref('int_provisional_periods') }}

),

last_provisional_periods as (

    {{ last_rows_of('int_provisional_periods') }}

),

both_nights as (

    select * from provisional_periods
    union all
    select * from last_provisional_periods

),

changed_periods as (

    select
        indicator_id,
        period_type,
        period_start
    from both_nights
    group by indicator_id, period_type, period_start
    having count(*) = 1

),

of_values as (

    select
        indicators.indicator_id,
        {{ cell_columns('cell_changes.') }}
    from cell_changes
    inner join indicators
        on
            cell_changes.measure_id = indicators.numerator
            or cell_changes.measure_id = indicators.denominator

),

of_periods as (

    select
        changed_periods.indicator_id,
        {{ cell_columns('measure_values.') }}
    from changed_periods
    inner join indicators on changed_periods.indicator_id = indicators.indicator_id
    inner join measure_values
        on
            changed_periods.period_type = measure_values.period_type
            and changed_periods.period_start = measure_values.period_start
            and (
                indicators.numerator = measure_values.measure_id
                or indicators.denominator = measure_values.measure_id
            )

),

changed as (

    select * from of_values
    union distinct
    select * from of_periods

),

final as (

    select changed.*
    from changed
    inner join indicator_breakdowns
        on
            changed.indicator_id = indicator_breakdowns.indicator_id
            and changed.breakdown_type = indicator_breakdowns.breakdown_type

)

select * from final
