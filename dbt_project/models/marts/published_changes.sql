-- Each month that is over of every monthly series, on its control chart (NHS England, Making Data
-- Count): from what is published alone. A month that is hidden has its row and no value.
with months as (

    select * from {{ ref('int_change_months') }}

),

phases as (

    select * from {{ ref('int_change_phases') }}

),

signals as (

    select * from {{ ref('int_change_signals') }}

),

indicators as (

    select * from {{ ref('indicators') }}

),

variations as (

    select * from {{ ref('variations') }}

),

charted as (

    select
        months.*,
        phases.points_in_phase,
        phases.mean,
        phases.lower_limit,
        phases.upper_limit,
        phases.is_trial,
        phases.no_verdict_reason,
        abs(months.value - months.value_before) as moving_range,
        signals.is_beyond_limit,
        signals.is_shift,
        signals.is_trend,
        signals.is_two_of_three,
        case when indicators.better = 'neutral' then 'no' else 'yes' end as judged,
        case when indicators.better = 'lower' then -1 else 1 end * signals.direction as direction
    from months
    inner join phases
        on
            months.indicator_id = phases.indicator_id
            and months.area_type = phases.area_type
            and months.area_code = phases.area_code
            and months.phase = phases.phase
    inner join indicators on months.indicator_id = indicators.indicator_id
    left join signals
        on
            months.indicator_id = signals.indicator_id
            and months.area_type = signals.area_type
            and months.area_code = signals.area_code
            and months.period_start = signals.period_start

),

final as (

    select
        charted.release_id,
        {{ series_columns('charted.') }},
        charted.period_start,
        charted.value,
        charted.status,
        charted.is_provisional,
        charted.phase,
        charted.points_in_phase,
        charted.mean,
        charted.lower_limit,
        charted.upper_limit,
        charted.is_trial,
        charted.moving_range,
        charted.is_beyond_limit,
        charted.is_shift,
        charted.is_trend,
        charted.is_two_of_three,
        variations.variation,
        charted.no_verdict_reason
    from charted
    left join variations
        on
            charted.direction = variations.direction
            and variations.judged in (charted.judged, 'any')

)

select * from final
