{#
    What is said of each person needs nobody else's rows, and each measure or indicator stands by itself. So a
    table of a nation can be made in slices of one of these, one after the other, each of which fits into the
    memory; a region is one slice. A model that is made so has `is_sliced` set, and asks `in_slice` of the
    person, measure or indicator of every row. What it reads may ask too: a view does so for the sake of the memory,
    since DuckDB writes down whatever is read twice. On other databases than DuckDB there are no slices.
#}

{# Whether a row is in the slice that is being made; where none is, every row is. #}
{% macro in_slice(key) -%}
    {{ return(adapter.dispatch('in_slice')(key)) }}
{%- endmacro %}

{% macro default__in_slice(key) -%}
    true
{%- endmacro %}

{% macro duckdb__in_slice(key) -%}
    (getvariable('slice') is null or hash({{ key }}) % getvariable('slices') = getvariable('slice'))
{%- endmacro %}

{# In how many slices a model is made. #}
{% macro number_of_slices() -%}
    {%- set persons = none -%}
    {%- if config.get('is_sliced') -%}
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
