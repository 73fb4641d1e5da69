-- The areas that each expected return is a part of. A provider belongs to the areas of the services
-- that it has open in the month.
with expected_returns as (

    select * from {{ ref('int_expected_returns') }}

),

returns_in_effect as (

    select * from {{ ref('int_returns_in_effect') }}

),

services as (

    select * from {{ ref('stg_registry__services') }}

),

service_areas as (

    select * from {{ ref('int_service_areas') }}

),

areas as (

    select * from {{ ref('stg_registry__areas') }}

),

expected as (

    select
        expected_returns.provider_code,
        expected_returns.month,
        case when returns_in_effect.provider_code is not null then 1 else 0 end as is_in_effect
    from expected_returns
    left join returns_in_effect
        on
            expected_returns.provider_code = returns_in_effect.provider_code
            and expected_returns.month = returns_in_effect.month

),

through_services as (

    select distinct
        expected.provider_code,
        expected.month,
        expected.is_in_effect,
        service_areas.area_type,
        service_areas.area_code
    from expected
    inner join services
        on
            expected.provider_code = services.provider_code
            and services.open_from <= {{ last_day_of_month('expected.month') }}
            and coalesce(services.open_to, expected.month) >= expected.month
    inner join service_areas on services.service_code = service_areas.service_code
    where service_areas.area_type in ('place', 'local_authority')

),

-- Whatever services are open, a return is the provider's own, and that of the system of its
-- services; of every system where it has none.
provider_systems as (

    select distinct
        services.provider_code,
        service_areas.area_code
    from services
    inner join service_areas on services.service_code = service_areas.service_code
    where service_areas.area_type = 'system'
    union distinct
    select
        expected.provider_code,
        areas.area_code
    from expected
    cross join areas
    left join services on expected.provider_code = services.provider_code
    where areas.area_type = 'system' and services.provider_code is null

),

final as (

    select
        provider_code,
        month,
        is_in_effect,
        area_type,
        area_code
    from through_services
    union all
    select
        provider_code,
        month,
        is_in_effect,
        'provider' as area_type,
        provider_code as area_code
    from expected
    union all
    select
        expected.provider_code,
        expected.month,
        expected.is_in_effect,
        'system' as area_type,
        provider_systems.area_code
    from expected
    inner join provider_systems on expected.provider_code = provider_systems.provider_code

)

select * from final
