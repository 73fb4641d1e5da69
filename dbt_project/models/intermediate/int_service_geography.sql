-- Which provider works in which areas at which tier: what a reader knows from the registry.
with services as (

    select * from {{ ref('stg_registry__services') }}

),

areas as (

    select * from {{ ref('stg_registry__areas') }}

),

final as (

    select distinct
        services.provider_code,
        services.place_code,
        place.parent_code as local_authority_code,
        local_authority.parent_code as system_code,
        cast(services.tier as {{ dbt.type_string() }}) as tier
    from services
    inner join areas as place on services.place_code = place.area_code
    inner join areas as local_authority on place.parent_code = local_authority.area_code

)

select * from final
