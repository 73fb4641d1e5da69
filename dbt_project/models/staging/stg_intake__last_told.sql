with source as (

    select * from {{ source('intake', 'last_told') }}

),

final as (

    select
        subject,
        {{ cell_columns() }},
        exact,
        at_least,
        at_most
    from source

)

select * from final
