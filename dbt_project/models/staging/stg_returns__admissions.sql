with source as (

    select * from {{ source('lake', 'admissions') }}

),

final as (

    select
        judgement_id,
        provider_code,
        cast(period || '-01' as date) as month,
        admission_id,
        episode_id,
        admitted_date,
        discharged_date,
        method,
        reason,
        discharge_destination
    from source

)

select * from final
