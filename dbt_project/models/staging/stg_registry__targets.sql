with source as (

    select * from {{ source('registry', 'targets') }}

),

final as (

    select
        line,
        indicator_id,
        area_type,
        area_code,
        period_type,
        baseline_period_start,
        baseline_period_end,
        target_value,
        due_date,
        message
    from source

)

select * from final
