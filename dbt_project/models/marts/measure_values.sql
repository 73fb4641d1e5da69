-- Every measure in every cell: the one place where units are counted and pounds are summed.
with unit_breakdowns as (

    select * from {{ ref('int_unit_breakdowns') }}

),

service_areas as (

    select * from {{ ref('int_service_areas') }}

),

measures as (

    select * from {{ ref('measures') }}

),

counted as (

    select
        unit_breakdowns.measure_id,
        unit_breakdowns.period_type,
        unit_breakdowns.period_start,
        service_areas.area_type,
        service_areas.area_code,
        unit_breakdowns.breakdown_type,
        unit_breakdowns.breakdown_value,
        count(distinct unit_breakdowns.unit_id) as units,
        sum(unit_breakdowns.amount) as amount
    from unit_breakdowns
    inner join service_areas on unit_breakdowns.service_code = service_areas.service_code
    group by
        unit_breakdowns.measure_id,
        unit_breakdowns.period_type,
        unit_breakdowns.period_start,
        service_areas.area_type,
        service_areas.area_code,
        unit_breakdowns.breakdown_type,
        unit_breakdowns.breakdown_value

),

final as (

    select
        counted.measure_id,
        {{ cell_columns('counted.') }},
        case
            when measures.aggregation = 'sum' then cast(counted.amount as double)
            else cast(counted.units as double)
        end as value
    from counted
    inner join measures on counted.measure_id = measures.measure_id

)

select * from final
