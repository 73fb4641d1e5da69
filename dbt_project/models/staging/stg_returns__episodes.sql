with source as (

    select * from {{ source('lake', 'episodes') }}

),

final as (

    select
        judgement_id,
        provider_code,
        cast(period || '-01' as date) as month,
        episode_id,
        person_id,
        service_code,
        referral_date,
        start_date,
        end_date,
        end_reason
    from source

)

select * from final
