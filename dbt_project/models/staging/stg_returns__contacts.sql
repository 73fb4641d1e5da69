with source as (

    select * from {{ source('lake', 'contacts') }}

),

final as (

    select
        judgement_id,
        provider_code,
        cast(period || '-01' as date) as month,
        contact_id,
        episode_id,
        contact_date,
        contact_type,
        attendance,
        purpose,
        bedded_down,
        duration_minutes
    from source

)

select * from final
