-- Every rule that a return, or one of its rows, fails: the provider's to mend.
with failures as (

    select * from {{ source('intake', 'failures') }}

),

final as (

    select
        provider_code,
        period,
        submission_no,
        source_name,
        table_name,
        row_number,
        field,
        rule,
        severity,
        value,
        message
    from failures

)

select * from final
