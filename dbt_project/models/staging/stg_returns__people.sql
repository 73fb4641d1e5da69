with source as (

    select * from {{ source('lake', 'people') }}

),

final as (

    select
        judgement_id,
        provider_code,
        cast(period || '-01' as date) as month,
        person_id,
        link_key,
        birth_year,
        gender,
        ethnic_category,
        gp_registered
    from source

)

select * from final
