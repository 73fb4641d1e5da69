{{ config(materialized="view") }}

-- The areas and tier of each service today (side 1) and the last time (side -1).
with service_areas as (

    select * from {{ ref('int_service_areas') }}

),

last_service_areas as (

    {{ last_rows_of('int_service_areas') }}

),

final as (

    select
        1 as side,
        service_code,
        area_type,
        area_code,
        tier
    from service_areas
    union all
    select
        -1 as side,
        service_code,
        area_type,
        area_code,
        tier
    from last_service_areas

)

select * from final
