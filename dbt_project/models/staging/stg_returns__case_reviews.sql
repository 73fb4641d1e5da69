with source as (

    select * from {{ source('lake', 'case_reviews') }}

),

final as (

    select
        judgement_id,
        provider_code,
        cast(period || '-01' as date) as month,
        review_id,
        episode_id,
        review_date,
        multidisciplinary,
        agencies_present
    from source

)

select * from final
