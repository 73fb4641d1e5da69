{{ config(materialized="view") }}

-- Every unit of every measure, once for each period, area and tier that it lies in.
with units as (

    select * from {{ ref('int_measure_units') }}

),

services as (

    select * from {{ ref('stg_registry__services') }}

),

service_areas as (

    select * from {{ ref('int_service_areas') }}

),

final as (

    select distinct
        units.measure_id,
        units.period_type,
        units.period_start,
        service_areas.area_type,
        service_areas.area_code,
        units.unit_id,
        units.person_key,
        cast(services.tier as {{ dbt.type_string() }}) as tier,
        units.amount
    from units
    inner join services on units.service_code = services.service_code
    inner join service_areas on units.service_code = service_areas.service_code

)

select * from final
