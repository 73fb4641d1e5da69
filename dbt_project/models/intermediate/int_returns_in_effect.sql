-- For each provider and month, the accepted submission with the highest number is in effect.
with submissions as (

    select * from {{ ref('stg_intake__submissions') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by provider_code, month order by submission_no desc, judgement_id asc
        ) as place
    from submissions
    where is_accepted

),

final as (

    select
        judgement_id,
        provider_code,
        month,
        submission_no
    from ranked
    where place = 1

)

select * from final
