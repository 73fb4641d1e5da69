{{ config(materialized="view") }}

-- The shape of measure_values, where there are none of a last time.
with measures as (

    select * from {{ ref('measures') }}

),

final as (

    select
        measure_id,
        cast('' as {{ dbt.type_string() }}) as period_type,
        cast(null as date) as period_start,
        cast('' as {{ dbt.type_string() }}) as area_type,
        cast('' as {{ dbt.type_string() }}) as area_code,
        cast('' as {{ dbt.type_string() }}) as breakdown_type,
        cast('' as {{ dbt.type_string() }}) as breakdown_value,
        cast(null as double) as value
    from measures
    where 1 = 0

)

select * from final
