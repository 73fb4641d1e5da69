{#
    A measure is a set of units, placed in time and at a service. Every model in `models/measures`
    gives units in one shape, and these macros write it:

    measure_id   which measure
    unit_id      what tells one unit from another: distinct ones are counted
    person_key   whose groups, gender, age band and ethnic group the unit has; NULL for costs
    service_code through which it lies in an area and a tier
    first_day, last_day   the days on which it lies: it is in every period that has one of them
    period_type  NULL, or the one kind of period that the unit is in (where a measure depends on it)
    amount       pounds, where the measure is a sum; NULL otherwise
#}

{% macro units(measure_id, rows, unit_id, first_day, last_day, condition='true', period_type=none) %}
    select
        '{{ measure_id }}' as measure_id,
        {{ unit_id }} as unit_id,
        person_key,
        service_code,
        {{ first_day }} as first_day,
        {{ last_day }} as last_day,
        {{ period_type or 'cast(null as ' ~ dbt.type_string() ~ ')' }} as period_type,
        cast(null as decimal(28, 10)) as amount
    from {{ rows }}
    where {{ condition }}
{% endmacro %}

{# Rows of an event that count once each. `condition` is SQL on the event's columns. #}
{% macro units_of_events(measure_id, events, identifier, day, condition='true') %}
    {%- set unit_id = "provider_code || '|' || cast(month as " ~ dbt.type_string() ~ ") || '|' || " ~ identifier -%}
    {{ units(measure_id, events, unit_id, day, day, condition) }}
{% endmacro %}

{# State rows (episodes, admissions) that count once each: an identifier is one unit in all months. #}
{% macro units_of_states(measure_id, states, identifier, first_day, last_day, condition='true') %}
    {{ units(measure_id, states, "provider_code || '|' || " ~ identifier, first_day, last_day, condition) }}
{% endmacro %}

{# Persons who have a row that satisfies `condition`, counted once however many they have. #}
{% macro units_of_people(measure_id, rows, first_day, last_day, condition='true') %}
    {{ units(measure_id, rows, 'person_key', first_day, last_day, condition) }}
{% endmacro %}

{# Persons of a model that has a row for each period: of that kind of period alone. #}
{% macro units_of_people_by_period(measure_id, rows, condition='true') %}
    {{ units(measure_id, rows, 'person_key', 'period_start', 'period_start', condition, 'period_type') }}
{% endmacro %}

{# Persons followed up by one assessment measure, or improved, in each kind of period. #}
{% macro units_of_paired_assessments(measure_id, assessment_measure, condition='true') %}
    {{ units_of_people_by_period(measure_id, 'paired_assessments', "measure = '" ~ assessment_measure ~ "' and " ~ condition) }}
{% endmacro %}
