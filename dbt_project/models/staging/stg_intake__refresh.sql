with source as (

    select * from {{ source('intake', 'refresh') }}

),

final as (

    select
        release_id,
        as_at
    from source

)

select * from final
