{{ config(materialized="view") }}

-- The breakdowns that each unit counts in: a row for each breakdown and value.
with units as (

    select * from {{ ref('int_measure_units') }}

),

measure_breakdowns as (

    select * from {{ ref('int_measure_breakdowns') }}

),

persons as (

    select * from {{ ref('int_persons') }}

),

person_inclusion_groups as (

    select * from {{ ref('int_person_inclusion_groups') }}

),

services as (

    select * from {{ ref('stg_registry__services') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

described as (

    select
        units.measure_id,
        units.period_type,
        units.period_start,
        units.unit_id,
        units.person_key,
        units.service_code,
        units.amount,
        persons.gender,
        persons.ethnic_group,
        cast(services.tier as {{ dbt.type_string() }}) as tier,
        coalesce(age_bands.age_band, 'unknown') as age_band
    from units
    inner join services on units.service_code = services.service_code
    left join persons on units.person_key = persons.person_key
    left join age_bands
        on
            extract(year from units.period_start) - persons.birth_year >= coalesce(age_bands.from_age, -999)
            and extract(year from units.period_start) - persons.birth_year <= coalesce(age_bands.to_age, 999)

),

exclusive as (

    select
        described.measure_id,
        described.period_type,
        described.period_start,
        described.unit_id,
        described.service_code,
        described.amount,
        measure_breakdowns.breakdown_type,
        case measure_breakdowns.breakdown_type
            when 'all' then 'all'
            when 'gender' then described.gender
            when 'age_band' then described.age_band
            when 'ethnic_group' then described.ethnic_group
            when 'tier' then described.tier
        end as breakdown_value
    from described
    inner join measure_breakdowns on described.measure_id = measure_breakdowns.measure_id
    where measure_breakdowns.breakdown_type <> 'inclusion_group'

),

-- A person counts in each of their groups, and in none without one.
by_inclusion_group as (

    select
        described.measure_id,
        described.period_type,
        described.period_start,
        described.unit_id,
        described.service_code,
        described.amount,
        measure_breakdowns.breakdown_type,
        person_inclusion_groups.inclusion_group as breakdown_value
    from described
    inner join measure_breakdowns on described.measure_id = measure_breakdowns.measure_id
    inner join person_inclusion_groups on described.person_key = person_inclusion_groups.person_key
    where measure_breakdowns.breakdown_type = 'inclusion_group'

),

final as (

    select * from exclusive
    union all
    select * from by_inclusion_group

)

select * from final
