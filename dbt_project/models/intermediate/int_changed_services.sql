{{ config(materialized="view") }}

-- The services that have another area or tier than the last time, are new, or are gone.
with service_areas as (

    select * from {{ ref('int_sided_service_areas') }}

),

changed as (

    select service_code
    from service_areas
    group by service_code, area_type, area_code, tier
    having count(*) = 1

),

final as (

    select distinct service_code
    from changed

)

select * from final
