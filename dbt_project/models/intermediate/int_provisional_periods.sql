-- The periods in which an indicator may still change: those that are not over or lack a return, and
-- for re-admission, those with a discharge whose thirty days are not over.
with periods as (

    select * from {{ ref('int_periods') }}

),

indicators as (

    select * from {{ ref('indicators') }}

),

discharges as (

    select * from {{ ref('int_discharges') }}

),

unfinished as (

    select
        indicators.indicator_id,
        periods.period_type,
        periods.period_start
    from periods
    cross join indicators
    where periods.is_provisional

),

not_followed_up as (

    select
        indicators.indicator_id,
        periods.period_type,
        periods.period_start
    from discharges
    inner join periods
        on
            discharges.discharged_date >= periods.period_start
            and discharges.discharged_date <= periods.period_end
    inner join indicators on indicators.numerator = 'readmissions_30d'
    where not discharges.is_followed_up

),

final as (

    select * from unfinished
    union distinct
    select * from not_followed_up

)

select * from final
