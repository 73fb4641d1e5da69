{{ config(sliced_by='persons') }}

-- depends_on: {{ ref('int_indicator_cell_changes') }}
-- Every indicator in every cell that is computed anew, where its numerator or its denominator has units;
-- exact.
with measure_values as {{ not_written_down() }} (

    select * from {{ ref('measure_values') }}

),

indicators as (

    select * from {{ ref('indicators') }}
    where {{ in_slice('indicator_id') }}

),

indicator_breakdowns as (

    select * from {{ ref('int_indicator_breakdowns') }}

),

poisson_limits as (

    select * from {{ ref('poisson_limits') }}

),

provisional_periods as (

    select * from {{ ref('int_provisional_periods') }}

),

numerators as (

    select
        indicators.indicator_id,
        {{ cell_columns('measure_values.') }},
        measure_values.value as numerator,
        cast(null as double) as denominator
    from indicators
    inner join measure_values on indicators.numerator = measure_values.measure_id

),

denominators as (

    select
        indicators.indicator_id,
        {{ cell_columns('measure_values.') }},
        cast(null as double) as numerator,
        measure_values.value as denominator
    from indicators
    inner join measure_values on indicators.denominator = measure_values.measure_id

),

halves as (

    select * from numerators
    union all
    select * from denominators

),

cells as (

    select
        halves.indicator_id,
        {{ cell_columns('halves.') }},
        coalesce(max(halves.numerator), 0) as numerator,
        coalesce(max(halves.denominator), 0) as denominator
    from halves
    inner join indicator_breakdowns
        on
            halves.indicator_id = indicator_breakdowns.indicator_id
            and halves.breakdown_type = indicator_breakdowns.breakdown_type
    {% if has_last_rows('int_described_units') %}
        inner join {{ ref('int_indicator_cell_changes') }} as changed
            on
                halves.indicator_id = changed.indicator_id
                and {{ same_cell('halves', 'changed') }}
    {% endif %}
    group by halves.indicator_id, {{ cell_columns('halves.') }}

),

prepared as (

    select
        cells.indicator_id,
        {{ cell_columns('cells.') }},
        indicators.statistic,
        indicators.multiplier,
        cells.numerator,
        case when indicators.statistic <> 'count' then cells.denominator end as denominator,
        poisson_limits.lower_limit as exact_lower,
        poisson_limits.upper_limit as exact_upper,
        provisional_periods.indicator_id is not null as is_provisional
    from cells
    inner join indicators on cells.indicator_id = indicators.indicator_id
    left join poisson_limits on cells.numerator = poisson_limits.observed
    left join provisional_periods
        on
            cells.indicator_id = provisional_periods.indicator_id
            and cells.period_type = provisional_periods.period_type
            and cells.period_start = provisional_periods.period_start

),

final as (

    select
        indicator_id,
        {{ cell_columns() }},
        numerator,
        denominator,
        {{ value_and_interval('numerator', 'denominator') }},
        is_provisional
    from prepared

)

select * from final
