with source as (

    select * from {{ source('lake', 'outcomes') }}

),

final as (

    select
        judgement_id,
        provider_code,
        cast(period || '-01' as date) as month,
        outcome_id,
        episode_id,
        outcome_date,
        outcome
    from source

)

select * from final
