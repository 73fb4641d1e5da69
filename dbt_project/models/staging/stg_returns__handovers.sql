with source as (

    select * from {{ source('lake', 'handovers') }}

),

final as (

    select
        judgement_id,
        provider_code,
        cast(period || '-01' as date) as month,
        handover_id,
        episode_id,
        handover_date,
        to_agency,
        kind,
        result
    from source

)

select * from final
