{#
    What is said of each person needs nobody else's rows. So a table of a nation can be made in slices of
    persons, one after the other, each of which fits into the memory; a region is one slice. A model that is
    made so has `sliced_by_person` set, and asks `in_slice` of every row that a person has. What it reads may
    ask too: a view does so for the sake of the memory, since DuckDB writes down whatever is read twice.
    On other databases than DuckDB there are no slices.
#}

{# Whether a row is in the slice that is being made; where none is, every row is. #}
{% macro in_slice(person_key) -%}
    {{ return(adapter.dispatch('in_slice')(person_key)) }}
{%- endmacro %}

{% macro default__in_slice(person_key) -%}
    true
{%- endmacro %}

{% macro duckdb__in_slice(person_key) -%}
    (
        getvariable('slice') is null
        or hash(coalesce({{ person_key }}, '')) % getvariable('slices') = getvariable('slice')
    )
{%- endmacro %}

{# In how many slices a model is made. #}
{% macro number_of_slices() -%}
    {%- set persons = none -%}
    {%- if config.get('sliced_by_person') -%}
        {%- set persons = adapter.get_relation(
            database=target.database, schema='intermediate', identifier='int_people_in_effect'
        ) -%}
    {%- endif -%}
    {%- if persons is none -%}
        {{ return(1) }}
    {%- endif -%}
    {%- set rows = run_query('select count(*) from ' ~ persons).columns[0].values()[0] -%}
    {{ return([(rows / var('persons_in_a_slice')) | round(0, 'ceil') | int, 1] | max) }}
{%- endmacro %}

{# Says which slice is made from here on, or, with none, that no slice is. #}
{% macro begin_slice(slice, slices) -%}
    {%- call statement('begin_slice') -%}
        {%- if slice is none -%}
            reset variable slice
        {%- else -%}
            set variable slice = {{ slice }}; set variable slices = {{ slices }}
        {%- endif -%}
    {%- endcall -%}
{%- endmacro %}
