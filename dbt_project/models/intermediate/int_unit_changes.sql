{{ config(materialized="view") }}

-- The units of today (side 1) and of the last time (side -1) of every measure, period and person of
-- which anything has changed, the person's groups and the services' areas and tiers among it. Only those of
-- touched persons were put by: so only while `int_cell_changes` is made, which asks for touched persons
-- alone, is this what has changed.
{% set described = [
    'units.service_code', 'units.units', 'units.amount', 'units.gender', 'units.ethnic_group',
    'units.age_band', 'groups_of_persons.digest', 'areas_of_services.digest'
] %}

with units as (

    select * from {{ ref('int_described_units') }}
    where {{ is_touched('person_key') }}

),

last_units as (

    {{ last_rows_of('int_described_units') }}

),

person_inclusion_groups as (

    select * from {{ ref('int_sided_inclusion_groups') }}

),

service_areas as (

    select * from {{ ref('int_sided_service_areas') }}

),

groups_of_persons as (

    select
        side,
        person_key,
        sum({{ digest_of(['inclusion_group']) }}) as digest
    from person_inclusion_groups
    where {{ is_touched('person_key') }}
    group by side, person_key

),

areas_of_services as (

    select
        side,
        service_code,
        sum({{ digest_of(['area_type', 'area_code', 'tier']) }}) as digest
    from service_areas
    group by side, service_code

),

both_sides as (

    select
        *,
        1 as side
    from units
    union all
    select
        *,
        -1 as side
    from last_units

),

digests as (

    select
        units.side,
        units.measure,
        units.period,
        coalesce(units.person_key, '') as person_key,
        sum({{ digest_of(described) }}) as digest
    from both_sides as units
    left join groups_of_persons
        on units.side = groups_of_persons.side and units.person_key = groups_of_persons.person_key
    left join areas_of_services
        on units.side = areas_of_services.side and units.service_code = areas_of_services.service_code
    group by
        units.side, units.measure, units.period, coalesce(units.person_key, '')

),

changed as (

    select
        measure,
        period,
        person_key
    from digests
    group by measure, period, person_key
    having count(*) = 1 or min(digest) <> max(digest)

),

final as (

    select
        both_sides.side,
        both_sides.measure,
        both_sides.period,
        both_sides.person_key,
        both_sides.service_code,
        both_sides.units,
        both_sides.amount,
        both_sides.gender,
        both_sides.ethnic_group,
        both_sides.age_band,
        both_sides.is_shared
    from both_sides
    inner join changed
        on
            both_sides.measure = changed.measure
            and both_sides.period = changed.period
            and coalesce(both_sides.person_key, '') = changed.person_key

)

select * from final
