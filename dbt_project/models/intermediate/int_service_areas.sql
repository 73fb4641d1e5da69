-- The areas that a service lies in, one row each, with its tier: its place, the place's local authority, that
-- one's system, and the provider that runs it.
with services as (

    select * from {{ ref('stg_registry__services') }}

),

areas as (

    select * from {{ ref('stg_registry__areas') }}

),

placed as (

    select
        services.service_code,
        services.provider_code,
        cast(services.tier as {{ dbt.type_string() }}) as tier,
        services.place_code,
        place.parent_code as local_authority_code,
        local_authority.parent_code as system_code
    from services
    inner join areas as place on services.place_code = place.area_code
    inner join areas as local_authority on place.parent_code = local_authority.area_code

),

final as (

    select
        service_code,
        tier,
        'system' as area_type,
        system_code as area_code
    from placed
    union all
    select
        service_code,
        tier,
        'local_authority' as area_type,
        local_authority_code as area_code
    from placed
    union all
    select
        service_code,
        tier,
        'place' as area_type,
        place_code as area_code
    from placed
    union all
    select
        service_code,
        tier,
        'provider' as area_type,
        provider_code as area_code
    from placed

)

select * from final
