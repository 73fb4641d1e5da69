-- The system that an area is part of, which its figures are compared with; an area that is in two
-- systems at once has none.
with service_areas as (

    select * from {{ ref('int_service_areas') }}

),

systems as (

    select * from service_areas
    where area_type = 'system'

),

final as (

    select
        service_areas.area_type,
        service_areas.area_code,
        max(systems.area_code) as system_code
    from service_areas
    inner join systems on service_areas.service_code = systems.service_code
    where service_areas.area_type <> 'system'
    group by service_areas.area_type, service_areas.area_code
    having count(distinct systems.area_code) = 1

)

select * from final
