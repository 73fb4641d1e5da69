with source as (

    select * from {{ source('intake', 'submissions') }}

),

final as (

    select
        judgement_id,
        provider_code,
        cast(period || '-01' as date) as month,
        submission_no,
        source_name,
        received_at,
        is_accepted,
        rows_received,
        rows_excluded,
        warnings
    from source

)

select * from final
