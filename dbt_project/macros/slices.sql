{#
    What is said of each person needs nobody else's rows. So a table of a nation can be made in slices of
    persons, one after the other, each of which fits into the memory; a region is one slice. A model that
    is made so asks `in_slice` of every row that a person has, and has `sliced_by_person` set.
#}

{# Whether a row is in the slice that is being made. As it is written here, everybody is in the one slice. #}
{% macro in_slice(person_key) -%}
    {{ return(adapter.dispatch('in_slice')(person_key)) }}
{%- endmacro %}

{% macro default__in_slice(person_key) -%}
    true
{%- endmacro %}

{% macro duckdb__in_slice(person_key) -%}
    hash(coalesce({{ person_key }}, '')) {{ slice_of(1, 0) }}
{%- endmacro %}

{% macro slice_of(slices, slice) -%}
    {{ return('% ' ~ slices ~ ' = ' ~ slice ~ ' /* slice */') }}
{%- endmacro %}

{# A model's SQL for each of its slices. #}
{% macro slices(compiled_code) -%}
    {%- set persons = none -%}
    {%- if config.get('sliced_by_person') -%}
        {%- set persons = adapter.get_relation(
            database=target.database, schema='intermediate', identifier='int_people_in_effect'
        ) -%}
    {%- endif -%}
    {%- if persons is none -%}
        {{ return([compiled_code]) }}
    {%- endif -%}
    {%- set rows = run_query('select count(*) from ' ~ persons).columns[0].values()[0] -%}
    {%- set number = [(rows / var('persons_in_a_slice')) | round(0, 'ceil') | int, 1] | max -%}
    {%- set found = [] -%}
    {%- for slice in range(number) -%}
        {%- do found.append(compiled_code | replace(slice_of(1, 0), slice_of(number, slice))) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
