-- Each provider's place in the funnel of its indicator and period: a provider is told from the
-- system as a whole only where it differs more than chance would make one of its size
-- (Spiegelhalter, 2005). A funnel is there where the system's value is shown.
with cells as (

    select * from {{ ref('int_compared_cells') }}

),

limits as (

    select * from {{ ref('int_funnel_limits') }}

),

positions as (

    select * from {{ ref('funnel_positions') }}

),

-- A value without an interval was given no limits to be held against.
placed as (

    select
        cells.release_id,
        cells.indicator_id,
        cells.period_type,
        cells.period_start,
        cells.area_type,
        cells.area_code,
        cells.denominator,
        cells.value,
        cells.benchmark_area_code,
        cells.benchmark_value,
        limits.lower_limit,
        limits.upper_limit,
        limits.lower_limit_998,
        limits.upper_limit_998,
        {{ outside(
            'cells.value > limits.upper_limit_998', 'cells.value > limits.upper_limit',
            'cells.value < limits.lower_limit_998', 'cells.value < limits.lower_limit'
        ) }} as outside
    from cells
    inner join limits
        on
            cells.indicator_id = limits.indicator_id
            and cells.period_type = limits.period_type
            and cells.period_start = limits.period_start
            and cells.benchmark_area_code = limits.benchmark_area_code
            and cells.denominator = limits.denominator
    where cells.area_type = 'provider' and cells.lower_ci is not null

),

final as (

    select
        placed.release_id,
        placed.indicator_id,
        placed.period_type,
        placed.period_start,
        placed.area_type,
        placed.area_code,
        placed.denominator,
        placed.value,
        placed.benchmark_area_code,
        placed.benchmark_value,
        placed.lower_limit,
        placed.upper_limit,
        placed.lower_limit_998,
        placed.upper_limit_998,
        positions.position
    from placed
    inner join positions on placed.outside = positions.outside

)

select * from final
