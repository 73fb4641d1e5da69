with source as (

    select * from {{ source('lake', 'stays') }}

),

final as (

    select
        judgement_id,
        provider_code,
        cast(period || '-01' as date) as month,
        stay_id,
        episode_id,
        accommodation,
        start_date,
        end_date,
        end_reason,
        supported
    from source

)

select * from final
