{{ config(materialized="view") }}

-- The number of each period that there is today or was the last time.
with periods as (

    select * from {{ ref('int_periods') }}

),

last_periods as (

    {{ last_rows_of('int_periods') }}

),

final as (

    select
        period,
        period_type,
        period_start
    from periods
    union distinct
    select
        period,
        period_type,
        period_start
    from last_periods

)

select * from final
