with source as (

    select * from {{ source('intake', 'last_digests') }}

),

final as (

    select
        period_type,
        period_start,
        digest
    from source

)

select * from final
