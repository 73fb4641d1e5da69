{#
    A measure counts units, or sums pounds. Every model in `models/measures` gives them in one shape,
    reduced to what the cells need, and these macros write it:

    measure_id   which measure
    person_key   whose groups, gender, age band and ethnic group the units have; NULL for costs
    service_code through which they lie in an area and a tier
    first_day, last_day   the days on which they lie: they are in every period that has one of them
    period_type  NULL, or the one kind of period that they are in (where a measure depends on it)
    units        how many units of this person, service and time there are. Where a person is the unit
                 (the catalogue says so), a person counts once in each cell, however many rows there are
    amount       pounds, where the measure is a sum; NULL otherwise

    The grain of the rows is measure, person, service, days and kind of period. Apart from persons,
    every unit is a row of one return, and lies at one service.
#}

{% macro units(measure_id, rows, first_day, last_day, count, condition='true', period_type=none) %}
    select
        '{{ measure_id }}' as measure_id,
        person_key,
        service_code,
        {{ first_day }} as first_day,
        {{ last_day }} as last_day,
        {{ period_type or 'cast(null as ' ~ dbt.type_string() ~ ')' }} as period_type,
        cast({{ count }} as {{ dbt.type_bigint() }}) as units,
        cast(null as decimal(28, 10)) as amount
    from {{ rows }}
    where {{ condition }}
    group by person_key, service_code, {{ first_day }}, {{ last_day }}{{ ', ' ~ period_type if period_type }}
{% endmacro %}

{# Rows of an event that count once each, by month. `condition` is SQL on the event's columns. #}
{% macro units_of_events(measure_id, events, day, condition='true', count='count(*)') %}
    {{ units(measure_id, events, month_of(day), month_of(day), count, condition) }}
{% endmacro %}

{# State rows (episodes, admissions) that count once each: an identifier is one unit in all months. #}
{% macro units_of_states(measure_id, states, first_day, last_day, condition='true') %}
    {{ units(measure_id, states, first_day, last_day, 'count(*)', condition) }}
{% endmacro %}

{# Persons who have a row that satisfies `condition`, in the month of its day. #}
{% macro units_of_people(measure_id, rows, day, condition='true') %}
    {{ units(measure_id, rows, month_of(day), month_of(day), '1', condition) }}
{% endmacro %}

{# Persons who have a row that lasts, on each of its days. #}
{% macro units_of_people_in_states(measure_id, rows, first_day, last_day, condition='true') %}
    {{ units(measure_id, rows, first_day, last_day, '1', condition) }}
{% endmacro %}

{# Persons of a model that has a row for each period: of that kind of period alone. #}
{% macro units_of_people_by_period(measure_id, rows, condition='true') %}
    {{ units(measure_id, rows, 'period_start', 'period_start', '1', condition, 'period_type') }}
{% endmacro %}

{# Persons followed up by one assessment measure, or improved, in each kind of period. #}
{% macro units_of_paired_assessments(measure_id, assessment_measure, condition='true') %}
    {{ units_of_people_by_period(measure_id, 'paired_assessments', "measure = '" ~ assessment_measure ~ "' and " ~ condition) }}
{% endmacro %}
