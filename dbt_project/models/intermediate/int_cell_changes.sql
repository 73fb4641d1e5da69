{{ config(
    sliced_by='persons',
    pre_hook=["{{ refuse_counted() }}", "{{ only_touched() }}"],
    post_hook=["{{ all_again() }}", "{{ note_computed('changes', after='described') }}"]
) }}

-- The cells that a changed unit lies in, with the value that the measure has there now; NULL where no
-- unit is left. This is the one place where units are counted and pounds are summed.
--
-- Counts of one service add up to those of its areas, unless a person who is known to several services
-- would stand there twice: these persons are few, and are counted by themselves, once in each area
-- and once in each tier. By inclusion group a person counts in each of their groups.
--
-- What a person adds to a cell depends on that person's units alone. So a count is what it was the last
-- time, more what the changed units of today add, less what those of the last time added. Pounds have
-- no person: where one of them has changed, all of the measure and period have, and are summed anew.
--
-- There are tens of millions of cells in a nation, each in four kinds of area. So measure, period, area and
-- breakdown are small numbers on the way, which take a fraction of the room that their names do.
{% set place = 'side, measure, period, service_code' %}
{% set shared_place = 'side, measure, period, area' %}
{% set breakdowns = ['all'] + person_breakdowns() + ['tier', 'inclusion_group'] %}

-- Units that have changed are few, and worked out; where all are new, they are read where they lie.
with described as {{ '' if has_last_rows('int_described_units') else not_written_down() }} (

    select * from {{ ref('int_changed_units') }}
    where {{ in_slice('measure') }}

),

person_inclusion_groups as (

    select * from {{ ref('int_sided_inclusion_groups') }}

),

service_areas as (

    select * from {{ ref('int_sided_service_areas') }}

),

measures as (

    select * from {{ ref('int_measures') }}

),

measure_breakdowns as (

    select * from {{ ref('int_measure_breakdowns') }}

),

last_values as (

    {{ as_it_was(ref('int_no_values'), 'marts', 'measure_values') }}

),

periods as (

    select * from {{ ref('int_known_periods') }}

),

known_areas as (

    select distinct
        area_type,
        area_code
    from service_areas

),

areas as (

    select
        area_type,
        area_code,
        cast(row_number() over (order by area_type, area_code) as integer) as area
    from known_areas

),

places as (

    select
        service_areas.side,
        service_areas.service_code,
        service_areas.tier,
        areas.area
    from service_areas
    inner join areas
        on service_areas.area_type = areas.area_type and service_areas.area_code = areas.area_code

),

of_services as (

    select
        {{ place }},
        {{ breakdown_of_grouping(breakdowns) }},
        sum(units) as units,
        sum(amount) as amount
    from described
    where not is_shared
    group by {{ person_groupings(place) }}  -- noqa: PRS

),

tiers as (

    select distinct
        side,
        service_code,
        tier
    from places

),

of_services_by_tier as (

    select
        of_services.side,
        of_services.measure,
        of_services.period,
        of_services.service_code,
        {{ breakdowns.index('tier') }} as breakdown,
        tiers.tier as breakdown_value,
        of_services.units,
        of_services.amount
    from of_services
    inner join tiers
        on of_services.side = tiers.side and of_services.service_code = tiers.service_code
    where of_services.breakdown = {{ breakdowns.index('all') }}

),

-- A person without a group counts in none.
of_services_by_inclusion_group as (

    select
        described.side,
        described.measure,
        described.period,
        described.service_code,
        {{ breakdowns.index('inclusion_group') }} as breakdown,
        person_inclusion_groups.inclusion_group as breakdown_value,
        sum(described.units) as units,
        sum(described.amount) as amount
    from described
    inner join person_inclusion_groups
        on
            described.side = person_inclusion_groups.side
            and described.person_key = person_inclusion_groups.person_key
    where not described.is_shared
    group by
        described.side,
        described.measure,
        described.period,
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
        described.side,
        described.measure,
        described.period,
        places.area,
        described.person_key,
        described.gender,
        described.ethnic_group,
        described.age_band,
        places.tier
    from described
    inner join places
        on described.side = places.side and described.service_code = places.service_code
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
        {{ breakdown_of_grouping(breakdowns) }},
        count(*) as units
    from shared_in_areas
    group by {{ person_groupings(shared_place) }}  -- noqa: PRS

),

counted_in_areas_by_tier as (

    select
        {{ shared_place }},
        {{ breakdowns.index('tier') }} as breakdown,
        tier as breakdown_value,
        count(*) as units
    from shared_in_tiers
    group by {{ shared_place }}, tier

),

counted_in_areas_by_inclusion_group as (

    select
        shared.side,
        shared.measure,
        shared.period,
        shared.area,
        {{ breakdowns.index('inclusion_group') }} as breakdown,
        person_inclusion_groups.inclusion_group as breakdown_value,
        count(*) as units
    from shared_in_areas as shared
    inner join person_inclusion_groups
        on
            shared.side = person_inclusion_groups.side
            and shared.person_key = person_inclusion_groups.person_key
    group by
        shared.side,
        shared.measure,
        shared.period,
        shared.area,
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
        counted_in_services.measure,
        counted_in_services.period,
        places.area,
        counted_in_services.breakdown,
        counted_in_services.breakdown_value,
        counted_in_services.units * counted_in_services.side as more_units,
        case when counted_in_services.side = 1 then counted_in_services.amount end as amount
    from counted_in_services
    inner join places
        on
            counted_in_services.side = places.side
            and counted_in_services.service_code = places.service_code
    union all
    select
        measure,
        period,
        area,
        breakdown,
        breakdown_value,
        units * side as more_units,
        null as amount
    from counted_by_themselves

),

summed as (

    select
        measure,
        period,
        area,
        breakdown,
        breakdown_value,
        cast(sum(more_units) as {{ dbt.type_bigint() }}) as more_units,
        sum(amount) as amount
    from counted
    group by measure, period, area, breakdown, breakdown_value

),

cells as (

    select
        measures.measure_id,
        periods.period_type,
        periods.period_start,
        areas.area_type,
        areas.area_code,
        case summed.breakdown
            {% for breakdown in breakdowns %}
                when {{ loop.index0 }} then '{{ breakdown }}'
            {% endfor %}
        end as breakdown_type,
        summed.breakdown_value,
        summed.more_units,
        summed.amount
    from summed
    inner join measures on summed.measure = measures.measure
    inner join periods on summed.period = periods.period
    inner join areas on summed.area = areas.area

),

known as (

    select
        cells.measure_id,
        {{ cell_columns('cells.') }},
        measures.aggregation,
        cells.amount,
        cells.more_units + coalesce(last_values.value, 0) as units
    from cells
    inner join measures on cells.measure_id = measures.measure_id
    inner join measure_breakdowns
        on
            cells.measure_id = measure_breakdowns.measure_id
            and cells.breakdown_type = measure_breakdowns.breakdown_type
    left join last_values
        on
            cells.measure_id = last_values.measure_id
            and {{ same_cell('cells', 'last_values') }}

),

final as (

    select
        measure_id,
        {{ cell_columns() }},
        case
            when aggregation = 'sum' then cast(amount as double)
            -- Less than none is wrong, and found wrong by a test of measure_values.
            when units <> 0 then cast(units as double)
        end as value
    from known

)

select * from final
