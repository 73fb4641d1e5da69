with source as (

    select * from {{ source('registry', 'areas') }}

),

final as (

    select
        area_type,
        area_code,
        area_name,
        parent_code
    from source

)

select * from final
