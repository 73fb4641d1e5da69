-- Every measure in every cell: the one place where units are counted and pounds are summed.
--
-- A unit stands once in each area, whatever services it came through, so that it can be counted by
-- what its person is (gender, age band, ethnic group) without looking for repeats again. By tier it
-- counts in each tier, and by inclusion group in each of the person's groups.
{% set cell = 'measure_id, period_type, period_start, area_type, area_code' %}

with area_units as (

    select * from {{ ref('int_area_units') }}

),

persons as (

    select * from {{ ref('int_persons') }}

),

person_inclusion_groups as (

    select * from {{ ref('int_person_inclusion_groups') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

measures as (

    select * from {{ ref('measures') }}

),

measure_breakdowns as (

    select * from {{ ref('int_measure_breakdowns') }}

),

units as (

    select distinct
        {{ cell }},
        unit_id,
        person_key,
        amount
    from area_units

),

described as (

    select
        units.measure_id,
        units.period_type,
        units.period_start,
        units.area_type,
        units.area_code,
        units.amount,
        persons.gender,
        persons.ethnic_group,
        coalesce(age_bands.age_band, 'unknown') as age_band
    from units
    left join persons on units.person_key = persons.person_key
    left join age_bands
        on
            extract(year from units.period_start) - persons.birth_year >= coalesce(age_bands.from_age, -999)
            and extract(year from units.period_start) - persons.birth_year <= coalesce(age_bands.to_age, 999)

),

by_person as (

    {% for breakdown, group in [
        ('all', "'all'"), ('gender', 'gender'), ('age_band', 'age_band'), ('ethnic_group', 'ethnic_group')
    ] %}
        select
            {{ cell }},
            '{{ breakdown }}' as breakdown_type,
            {{ group }} as breakdown_value,
            count(*) as units,
            sum(amount) as amount
        from described
        group by {{ cell }}{{ ', ' ~ group if breakdown != 'all' }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

by_tier as (

    select
        {{ cell }},
        'tier' as breakdown_type,
        tier as breakdown_value,
        count(*) as units,
        sum(amount) as amount
    from area_units
    group by {{ cell }}, tier

),

-- A person without a group counts in none.
by_inclusion_group as (

    select
        units.measure_id,
        units.period_type,
        units.period_start,
        units.area_type,
        units.area_code,
        'inclusion_group' as breakdown_type,
        person_inclusion_groups.inclusion_group as breakdown_value,
        count(*) as units,
        sum(units.amount) as amount
    from units
    inner join person_inclusion_groups on units.person_key = person_inclusion_groups.person_key
    group by
        units.measure_id,
        units.period_type,
        units.period_start,
        units.area_type,
        units.area_code,
        person_inclusion_groups.inclusion_group

),

counted as (

    select * from by_person
    union all
    select * from by_tier
    union all
    select * from by_inclusion_group

),

final as (

    select
        counted.measure_id,
        {{ cell_columns('counted.') }},
        case
            when measures.aggregation = 'sum' then cast(counted.amount as double)
            else cast(counted.units as double)
        end as value
    from counted
    inner join measures on counted.measure_id = measures.measure_id
    inner join measure_breakdowns
        on
            counted.measure_id = measure_breakdowns.measure_id
            and counted.breakdown_type = measure_breakdowns.breakdown_type

)

select * from final
