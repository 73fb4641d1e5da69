-- What is published of the numbers, and nothing else may be: computed from protected counts alone.
with cells as (

    select * from {{ ref('int_audited_cells') }}

),

poisson_limits as (

    select * from {{ ref('poisson_limits') }}

),

provisional_periods as (

    select * from {{ ref('int_provisional_periods') }}

),

refresh as (

    select * from {{ ref('stg_intake__refresh') }}

),

shown as (

    select
        cells.*,
        refresh.release_id,
        poisson_limits.lower_limit as exact_lower,
        poisson_limits.upper_limit as exact_upper,
        provisional_periods.indicator_id is not null as is_provisional
    from cells
    cross join refresh
    left join poisson_limits on cells.numerator = poisson_limits.observed
    left join provisional_periods
        on
            cells.indicator_id = provisional_periods.indicator_id
            and cells.period_type = provisional_periods.period_type
            and cells.period_start = provisional_periods.period_start

),

computed as (

    select
        *,
        {{ value_and_interval('numerator', 'denominator') }}
    from shown

),

final as (

    select
        release_id,
        indicator_id,
        domain,
        {{ cell_columns() }},
        case when status = 'shown' then numerator end as numerator,
        case when status <> 'not_submitted' then denominator end as denominator,
        case when status = 'shown' then value end as value,
        case when status = 'shown' then lower_ci end as lower_ci,
        case when status = 'shown' then upper_ci end as upper_ci,
        status,
        is_provisional,
        returns_expected,
        returns_in_effect
    from computed

)

select * from final
