with source as (

    select * from {{ source('registry', 'services') }}

),

final as (

    select
        service_code,
        service_name,
        provider_code,
        place_code,
        tier,
        open_from,
        open_to
    from source

)

select * from final
