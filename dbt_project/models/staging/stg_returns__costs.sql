with source as (

    select * from {{ source('lake', 'costs') }}

),

final as (

    select
        judgement_id,
        provider_code,
        cast(period || '-01' as date) as month,
        cost_id,
        service_code,
        cost_type,
        amount_gbp
    from source

)

select * from final
