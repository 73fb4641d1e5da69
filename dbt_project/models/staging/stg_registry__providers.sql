with source as (

    select * from {{ source('registry', 'providers') }}

),

final as (

    select
        provider_code,
        provider_name,
        sector,
        active_from,
        active_to
    from source

)

select * from final
