{{ config(materialized="view") }}

-- The units of every measure, counted for each period, person and service that they lie in. Measure
-- and period are numbers: there are many units, and numbers take a fraction of the room.
with units as (

    {% for domain in [
        'activity', 'joint_working', 'physical_health', 'mental_health',
        'social', 'accommodation', 'employment', 'choice'
    ] %}
        select * from {{ ref('measures_' ~ domain) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

measures as (

    select * from {{ ref('int_measures') }}

),

periods as (

    select * from {{ ref('int_periods') }}

),

months as (

    select * from {{ ref('int_period_months') }}

),

-- Most units lie in one month, and so in its periods. What lasts longer is held against every period.
within_a_month as (

    select
        units.measure_id,
        months.period,
        units.person_key,
        units.service_code,
        units.units,
        units.amount
    from units
    inner join months on {{ month_of('units.first_day') }} = months.month
    where
        {{ month_of('units.first_day') }} = {{ month_of('units.last_day') }}
        and units.period_type is null

),

for_a_period as (

    select
        units.measure_id,
        periods.period,
        units.person_key,
        units.service_code,
        units.units,
        units.amount
    from units
    inner join periods
        on
            units.period_type = periods.period_type
            and units.first_day = periods.period_start
    where periods.has_return_in_effect

),

over_months as (

    select
        units.measure_id,
        periods.period,
        units.person_key,
        units.service_code,
        units.units,
        units.amount
    from units
    inner join periods
        on
            units.first_day <= periods.period_end
            and units.last_day >= periods.period_start
    where
        {{ month_of('units.first_day') }} <> {{ month_of('units.last_day') }}
        and units.period_type is null
        and periods.has_return_in_effect

),

placed as (

    select * from within_a_month
    union all
    select * from for_a_period
    union all
    select * from over_months

),

final as (

    select
        measures.measure,
        placed.period,
        placed.person_key,
        placed.service_code,
        case
            when measures.counts_persons then 1
            else cast(sum(placed.units) as {{ dbt.type_bigint() }})
        end as units,
        sum(placed.amount) as amount
    from placed
    inner join measures on placed.measure_id = measures.measure_id
    group by
        measures.measure, measures.counts_persons, placed.period, placed.person_key, placed.service_code

)

select * from final
