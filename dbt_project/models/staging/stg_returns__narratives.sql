-- The day on which a narrative was collected, and its provider's identifier, go no further than the
-- lake: nothing is made of them, and they could tell who somebody is.
with source as (

    select * from {{ source('lake', 'narratives') }}

),

final as (

    select
        judgement_id,
        row_number,
        provider_code,
        cast(period || '-01' as date) as month,
        service_code,
        domain,
        kind,
        text,
        consent_to_publish
    from source

)

select * from final
