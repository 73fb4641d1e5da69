with source as (

    select * from {{ source('lake', 'assessments') }}

),

final as (

    select
        judgement_id,
        provider_code,
        cast(period || '-01' as date) as month,
        assessment_id,
        episode_id,
        assessment_date,
        measure,
        score
    from source

)

select * from final
