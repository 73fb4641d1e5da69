-- Which provider works in which areas at which tier: what a reader knows from the registry.
with services as (

    select * from {{ ref('stg_registry__services') }}

),

service_areas as (

    select * from {{ ref('int_service_areas') }}

),

placed as (

    select
        services.service_code,
        cast(services.tier as {{ dbt.type_string() }}) as tier,
        max(case when service_areas.area_type = 'provider' then service_areas.area_code end) as provider_code,
        max(case when service_areas.area_type = 'place' then service_areas.area_code end) as place_code,
        max(case when service_areas.area_type = 'local_authority' then service_areas.area_code end) as local_authority_code,
        max(case when service_areas.area_type = 'system' then service_areas.area_code end) as system_code
    from services
    inner join service_areas on services.service_code = service_areas.service_code
    group by services.service_code, services.tier

),

final as (

    select distinct
        provider_code,
        place_code,
        local_authority_code,
        system_code,
        tier
    from placed

)

select * from final
