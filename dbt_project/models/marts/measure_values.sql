{{ config(
    materialized='incremental' if target.type == 'duckdb' else 'table',
    incremental_strategy='append',
    pre_hook="{{ forget_changed_periods() }}"
) }}

-- depends_on: {{ ref('int_changed_periods') }}
-- Every measure in every cell: the one place where units are counted and pounds are summed.
--
-- Counts of one service add up to those of its areas, unless a person who is known to several services
-- would stand there twice: these persons are few, and are counted by themselves, once in each area
-- and once in each tier. By inclusion group a person counts in each of their groups.
{% set place = 'measure_id, period_type, period_start, service_code' %}
{% set shared_place = 'measure_id, period_type, period_start, area_type, area_code' %}

with units as (

    select * from {{ ref('int_measure_units') }}

),

persons as (

    select * from {{ ref('int_persons') }}

),

shared_persons as (

    select * from {{ ref('int_shared_persons') }}

),

person_inclusion_groups as (

    select * from {{ ref('int_person_inclusion_groups') }}

),

person_ages as (

    select * from {{ ref('int_person_ages') }}

),

services as (

    select * from {{ ref('stg_registry__services') }}

),

service_areas as (

    select * from {{ ref('int_service_areas') }}

),

measures as (

    select * from {{ ref('measures') }}

),

measure_breakdowns as (

    select * from {{ ref('int_measure_breakdowns') }}

),

described as (

    select
        units.measure_id,
        units.period_type,
        units.period_start,
        units.service_code,
        units.person_key,
        units.units,
        units.amount,
        persons.gender,
        persons.ethnic_group,
        coalesce(person_ages.age_band, 'unknown') as age_band,
        measures.unit = 'person' and shared_persons.person_key is not null as is_shared
    from units
    inner join measures on units.measure_id = measures.measure_id
    left join persons on units.person_key = persons.person_key
    left join shared_persons on units.person_key = shared_persons.person_key
    left join person_ages
        on
            persons.birth_year = person_ages.birth_year
            and extract(year from units.period_start) = person_ages.year_of_period
    where {{ period_is_changed('units') }}

),

of_services as (

    select
        {{ place }},
        {{ breakdown_of_grouping() }},
        sum(units) as units,
        sum(amount) as amount
    from described
    where not is_shared
    group by {{ person_groupings(place) }}  -- noqa: PRS

),

of_services_by_tier as (

    select
        of_services.measure_id,
        of_services.period_type,
        of_services.period_start,
        of_services.service_code,
        'tier' as breakdown_type,
        cast(services.tier as {{ dbt.type_string() }}) as breakdown_value,
        of_services.units,
        of_services.amount
    from of_services
    inner join services on of_services.service_code = services.service_code
    where of_services.breakdown_type = 'all'

),

-- A person without a group counts in none.
of_services_by_inclusion_group as (

    select
        described.measure_id,
        described.period_type,
        described.period_start,
        described.service_code,
        'inclusion_group' as breakdown_type,
        person_inclusion_groups.inclusion_group as breakdown_value,
        sum(described.units) as units,
        sum(described.amount) as amount
    from described
    inner join person_inclusion_groups on described.person_key = person_inclusion_groups.person_key
    where not described.is_shared
    group by
        described.measure_id,
        described.period_type,
        described.period_start,
        described.service_code,
        person_inclusion_groups.inclusion_group

),

counted_in_services as (

    select * from of_services
    union all
    select * from of_services_by_tier
    union all
    select * from of_services_by_inclusion_group

),

shared_in_tiers as (

    select distinct
        described.measure_id,
        described.period_type,
        described.period_start,
        service_areas.area_type,
        service_areas.area_code,
        described.person_key,
        described.gender,
        described.ethnic_group,
        described.age_band,
        cast(services.tier as {{ dbt.type_string() }}) as tier
    from described
    inner join services on described.service_code = services.service_code
    inner join service_areas on described.service_code = service_areas.service_code
    where described.is_shared

),

shared_in_areas as (

    select distinct
        {{ shared_place }},
        person_key,
        gender,
        ethnic_group,
        age_band
    from shared_in_tiers

),

counted_in_areas as (

    select
        {{ shared_place }},
        {{ breakdown_of_grouping() }},
        count(*) as units
    from shared_in_areas
    group by {{ person_groupings(shared_place) }}  -- noqa: PRS

),

counted_in_areas_by_tier as (

    select
        {{ shared_place }},
        'tier' as breakdown_type,
        tier as breakdown_value,
        count(*) as units
    from shared_in_tiers
    group by {{ shared_place }}, tier

),

counted_in_areas_by_inclusion_group as (

    select
        shared.measure_id,
        shared.period_type,
        shared.period_start,
        shared.area_type,
        shared.area_code,
        'inclusion_group' as breakdown_type,
        person_inclusion_groups.inclusion_group as breakdown_value,
        count(*) as units
    from shared_in_areas as shared
    inner join person_inclusion_groups on shared.person_key = person_inclusion_groups.person_key
    group by
        shared.measure_id,
        shared.period_type,
        shared.period_start,
        shared.area_type,
        shared.area_code,
        person_inclusion_groups.inclusion_group

),

counted_by_themselves as (

    select * from counted_in_areas
    union all
    select * from counted_in_areas_by_tier
    union all
    select * from counted_in_areas_by_inclusion_group

),

counted as (

    select
        counted_in_services.measure_id,
        counted_in_services.period_type,
        counted_in_services.period_start,
        service_areas.area_type,
        service_areas.area_code,
        counted_in_services.breakdown_type,
        counted_in_services.breakdown_value,
        counted_in_services.units,
        counted_in_services.amount
    from counted_in_services
    inner join service_areas on counted_in_services.service_code = service_areas.service_code
    union all
    select
        measure_id,
        {{ cell_columns() }},
        units,
        null as amount
    from counted_by_themselves

),

cells as (

    select
        measure_id,
        {{ cell_columns() }},
        sum(units) as units,
        sum(amount) as amount
    from counted
    group by measure_id, {{ cell_columns() }}

),

final as (

    select
        cells.measure_id,
        {{ cell_columns('cells.') }},
        case
            when measures.aggregation = 'sum' then cast(cells.amount as double)
            else cast(cells.units as double)
        end as value
    from cells
    inner join measures on cells.measure_id = measures.measure_id
    inner join measure_breakdowns
        on
            cells.measure_id = measure_breakdowns.measure_id
            and cells.breakdown_type = measure_breakdowns.breakdown_type

)

select * from final
