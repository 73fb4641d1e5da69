{#
    What is published of an area in a financial year, and known of its counts, needs no other area's rows and no
    other year's. So a table of them can be kept from one refresh to the next, and only the rows of those areas
    and years made anew of which anything has changed. A model that is kept so says by `kept_but_for` which model
    has the areas and years of tonight and of the last time, with `is_changed`, and asks `area_wanted` of
    every row that it reads, as do the views that it reads. It must be of the kind that a row follows from
    that area's and year's rows alone, and from facts.

    A model that can still need its own table of the last time is kept elsewhere (`is_kept_elsewhere`), and
    takes the rows of the other areas and years from there, by `area_kept`.

    Which are made anew is remembered as one bit for each of some thousand numbers that are made of them. So now
    and then another is made anew too, and found to be as before. Where there was no last time, all have
    changed; then, and where most have, the table is made anew whole. On other databases than DuckDB it
    always is.
#}

{# Whether a row's area and year are made anew; where all are, every row's are. #}
{% macro area_made_anew() -%}
    {{ return(adapter.dispatch('area_made_anew')()) }}
{%- endmacro %}

{% macro default__area_made_anew() -%}
    true
{%- endmacro %}

{% macro duckdb__area_made_anew() -%}
    (
        getvariable('areas_and_years') is null
        or get_bit(cast(getvariable('areas_and_years') as bit), {{ bit_of_area('period_start') }}) = 1
    )
{%- endmacro %}

{# Which bit stands for a row's area and financial year: the number of months since April of the year 0,
   in years. By the area's code alone: where two kinds of area have the same, both are made anew. #}
{% macro bit_of_area(day) -%}
    cast(
        hash(cast(area_code as varchar), (year({{ day }}) * 12 + month({{ day }}) - 4) // 12)
        % {{ bits_of_areas() }} as integer
    )
{%- endmacro %}

{% macro bits_of_areas() -%}
    65536
{%- endmacro %}

{# Whether it is one of the others, in the slice that is being made. #}
{% macro area_kept() -%}
    {{ in_slice('cast(area_code as ' ~ dbt.type_string() ~ ')') }} and not {{ area_made_anew() }}
{%- endmacro %}

{# Whether the model's table stays but for the rows of some areas and years. #}
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
    {{ return(counted[0] < counted[1] and counted[0] <= counted[1] * var('most_areas_anew')) }}
{%- endmacro %}

{# Says which areas and years are made anew from here on, or, with none, that all are. #}
{% macro begin_areas(areas) -%}
    {%- call statement('begin_areas') -%}
        {%- if areas is none -%}
            reset variable areas_and_years
        {%- else -%}
            set variable areas_and_years = (
                select
                    coalesce(
                        bitstring_agg({{ bit_of_area('financial_year') }}, 0, {{ bits_of_areas() }} - 1),
                        bitstring('0', {{ bits_of_areas() }})
                    )
                from {{ target.database }}.intermediate.{{ areas }}
                where is_changed
            )
        {%- endif -%}
    {%- endcall -%}
{%- endmacro %}

{# After a model whose table is kept from night to night: how often it was made since the sources were laid
   out. Where that is not once, somebody had dbt make it by hand or a second time, and nothing of the kind is
   kept (`orchestration/transform/sources.py`). #}
{% macro note_made() -%}
    {%- if target.type == 'duckdb' -%}
        create table if not exists intake.made (model varchar);
        insert into intake.made values ('{{ this.identifier }}')
    {%- endif -%}
{%- endmacro %}
