with source as (

    select * from {{ source('lake', 'person_groups') }}

),

final as (

    select
        judgement_id,
        provider_code,
        cast(period || '-01' as date) as month,
        person_id,
        inclusion_group
    from source

)

select * from final
