{#
    What is said of each person needs nobody else's rows; each measure or indicator stands by itself, and so does
    each area. So a large table can be made in slices of one of these, one after the other, each of which fits
    into the memory. A model that is made so says by `sliced_by` what its size goes by, 'persons' or 'cells',
    and asks `in_slice` of the person, measure, indicator or area of every row. What it reads may ask too: a
    view does so for the sake of the memory, since DuckDB writes down whatever is read twice. On other
    databases than DuckDB there are no slices.
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

{# Whether a row's area is in the slice: a text, whichever kind of text a table has it as. And where only
   the rows of some areas and years are made anew (`kept_areas.sql`), whether it is one of these. #}
{% macro area_wanted() -%}
    {{ in_slice('cast(area_code as ' ~ dbt.type_string() ~ ')') }} and {{ area_made_anew() }}
{%- endmacro %}

{# What the size of a sliced model goes by: the table whose rows are counted, and how many make a slice. #}
{% macro sizes_of_slices() -%}
    {{ return({
        'persons': ('int_people_in_effect', var('persons_in_a_slice')),
        'cells': ('int_published_cells', var('cells_in_a_slice')),
    }) }}
{%- endmacro %}

{# In how many slices a model is made; where it is made of touched persons, or of some areas, only they are
   counted. #}
{% macro number_of_slices() -%}
    {%- if not config.get('sliced_by') -%}
        {{ return(1) }}
    {%- endif -%}
    {%- set identifier, rows_of_slice = sizes_of_slices()[config.get('sliced_by')] -%}
    {%- set counted = adapter.get_relation(
        database=target.database, schema='intermediate', identifier=identifier
    ) -%}
    {%- if counted is none -%}
        {{ return(1) }}
    {%- endif -%}
    {%- set asked = is_touched('person_key') if config.get('sliced_by') == 'persons' else area_made_anew() -%}
    {%- set rows = run_query('select count(*) from ' ~ counted ~ ' where ' ~ asked).columns[0].values()[0] -%}
    {{ return([(rows / rows_of_slice) | round(0, 'ceil') | int, 1] | max) }}
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
