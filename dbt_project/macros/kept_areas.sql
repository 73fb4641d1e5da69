{#
    What is published of an area, and known of its counts, needs no other area's rows. So a table of them can be
    kept from one refresh to the next, and only the rows of those areas made anew of which anything has changed.
    A model that is kept so says by `kept_but_for` which model has the areas of tonight and of the last time,
    with `is_changed`, and asks `area_in_slice` of the area of every row that it reads, as do the views that it
    reads. It must be of the kind that a cell's rows follow from that area's rows alone, and from facts.

    A model that can still need its own table of the last time is kept elsewhere (`is_kept_elsewhere`), and
    takes the rows of the other areas from there, by `area_kept`.

    Where there was no last time, all areas are changed; then, and where more are than are quickly told from
    the others, the table is made anew whole. On other databases than DuckDB it always is.
#}

{# Whether a row's area is one of those that are made anew; where all are, every row's is. #}
{% macro area_made_anew() -%}
    {{ return(adapter.dispatch('area_made_anew')()) }}
{%- endmacro %}

{% macro default__area_made_anew() -%}
    true
{%- endmacro %}

{% macro duckdb__area_made_anew() -%}
    (getvariable('areas') is null or list_contains(getvariable('areas'), area_code))
{%- endmacro %}

{# Whether it is one of the others, in the slice that is being made. #}
{% macro area_kept() -%}
    {{ in_slice('cast(area_code as ' ~ dbt.type_string() ~ ')') }} and not {{ area_made_anew() }}
{%- endmacro %}

{# Whether the model's table stays but for the rows of some areas. #}
{% macro keeps_most_areas() -%}
    {%- if not config.get('kept_but_for') -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set areas = adapter.get_relation(
        database=target.database, schema='intermediate', identifier=config.get('kept_but_for')
    ) -%}
    {%- set kept = adapter.get_relation(database=this.database, schema=this.schema, identifier=this.identifier) -%}
    {%- set is_there = config.get('is_kept_elsewhere') or (kept is not none and kept.is_table) -%}
    {%- if areas is none or not is_there -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set counted = run_query(
        'select count(*) filter (is_changed), count(*) from ' ~ areas
    ).rows[0] -%}
    {{ return(counted[0] < counted[1] and counted[0] <= var('most_areas_anew')) }}
{%- endmacro %}

{# Says which areas are made anew from here on, or, with none, that all are. The code alone: more of them
   than are meant may be taken for one, and are then made anew too. #}
{% macro begin_areas(areas) -%}
    {%- call statement('begin_areas') -%}
        {%- if areas is none -%}
            reset variable areas
        {%- else -%}
            set variable areas = (
                select coalesce(list(distinct cast(area_code as varchar)), [])
                from {{ target.database }}.intermediate.{{ areas }}
                where is_changed
            )
        {%- endif -%}
    {%- endcall -%}
{%- endmacro %}
