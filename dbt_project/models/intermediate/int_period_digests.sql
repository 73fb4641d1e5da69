-- A digest of all that the cells of a period are computed from: its units, what their persons and
-- services are, and which indicators are provisional in it. Two sets of rows with the same sum of
-- 64-bit digests are taken for the same.
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

services as (

    select * from {{ ref('stg_registry__services') }}

),

service_areas as (

    select * from {{ ref('int_service_areas') }}

),

provisional_periods as (

    select * from {{ ref('int_provisional_periods') }}

),

periods as (

    select * from {{ ref('int_periods') }}

),

groups_of_persons as (

    select
        person_key,
        sum({{ digest_of(['inclusion_group']) }}) as digest
    from person_inclusion_groups
    group by person_key

),

described_persons as (

    select
        persons.person_key,
        {{ digest_of([
            'persons.person_key', 'persons.gender', 'persons.ethnic_group', 'persons.birth_year',
            'shared_persons.person_key', 'groups_of_persons.digest'
        ]) }} as digest
    from persons
    left join shared_persons on persons.person_key = shared_persons.person_key
    left join groups_of_persons on persons.person_key = groups_of_persons.person_key

),

areas_of_services as (

    select
        service_code,
        sum({{ digest_of(['area_type', 'area_code']) }}) as digest
    from service_areas
    group by service_code

),

described_services as (

    select
        services.service_code,
        {{ digest_of(['services.service_code', 'services.tier', 'areas_of_services.digest']) }} as digest
    from services
    left join areas_of_services on services.service_code = areas_of_services.service_code

),

of_units as (

    select
        units.period_type,
        units.period_start,
        sum({{ digest_of([
            'units.measure_id', 'units.units', 'units.amount', 'described_persons.digest',
            'described_services.digest'
        ]) }}) as digest
    from units
    left join described_persons on units.person_key = described_persons.person_key
    left join described_services on units.service_code = described_services.service_code
    group by units.period_type, units.period_start

),

of_indicators as (

    select
        period_type,
        period_start,
        sum({{ digest_of(['indicator_id']) }}) as digest
    from provisional_periods
    group by period_type, period_start

),

final as (

    select
        periods.period_type,
        periods.period_start,
        cast(coalesce(of_units.digest, 0) + coalesce(of_indicators.digest, 0) as decimal(38, 0)) as digest
    from periods
    left join of_units
        on
            periods.period_type = of_units.period_type
            and periods.period_start = of_units.period_start
    left join of_indicators
        on
            periods.period_type = of_indicators.period_type
            and periods.period_start = of_indicators.period_start

)

select * from final
