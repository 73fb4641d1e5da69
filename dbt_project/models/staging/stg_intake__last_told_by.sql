with source as (

    select * from {{ source('intake', 'last_told_by') }}

),

final as (

    select
        release_id,
        is_last_night
    from source

)

select * from final
