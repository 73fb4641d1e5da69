-- Every unit of every measure, once for each period and service that it lies in.
with units as (

    {% for domain in [
        'activity', 'joint_working', 'physical_health', 'mental_health',
        'social', 'accommodation', 'employment', 'choice'
    ] %}
        select * from {{ ref('measures_' ~ domain) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

periods as (

    select * from {{ ref('int_periods') }}

),

final as (

    select distinct
        units.measure_id,
        periods.period_type,
        periods.period_start,
        units.unit_id,
        units.person_key,
        units.service_code,
        units.amount
    from units
    inner join periods
        on
            units.first_day <= periods.period_end
            and units.last_day >= periods.period_start
            and (units.period_type is null or units.period_type = periods.period_type)
    where periods.has_return_in_effect

)

select * from final
