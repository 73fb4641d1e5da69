with source as (

    select * from {{ source('registry', 'breaks') }}

),

final as (

    select
        indicator_id,
        nullif(area_code, '') as area_code,
        month,
        reason
    from source

)

select * from final
