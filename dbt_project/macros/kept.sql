{#
    What is computed from units is kept from one refresh to the next, and only those cells are computed
    anew that a changed unit lies in. For that, three models are kept beside the next night's under names
    that begin with `last_` (`orchestration/transform/sources.py` renames them), and `measure_values` and
    `indicator_values` are added to. A warehouse that another version of the code made, or on which the
    work broke off, is not kept at all. On other databases than DuckDB everything is computed anew.
#}

{# A model as it was the last time, or no rows where there was none. #}
{% macro as_it_was(model, schema, identifier) -%}
    {%- set kept = none -%}
    {%- if execute and target.type == 'duckdb' -%}
        {%- set kept = adapter.get_relation(database=target.database, schema=schema, identifier=identifier) -%}
    {%- endif -%}
    {%- if kept -%}
        select * from {{ kept }}
    {%- else -%}
        select * from {{ model }} where false
    {%- endif -%}
{%- endmacro %}

{# A model that `last_` rows are kept of, as it was the last time. #}
{% macro last_rows_of(model) -%}
    {{ as_it_was(ref(model), 'intermediate', 'last_' ~ model) }}
{%- endmacro %}

{# Whether there was a last time. #}
{% macro has_last_rows(model) -%}
    {{ return(
        execute and target.type == 'duckdb'
        and adapter.get_relation(database=target.database, schema='intermediate', identifier='last_' ~ model) is not none
    ) }}
{%- endmacro %}

{#
    Before anything is computed. What is kept is what the last night left, and changes are added to it
    once. Where dbt runs a second time on the same sources (the first run broke off, say), nothing is known
    of what is in it: it is emptied, and everything is computed anew.
#}
{% macro begin_computing() -%}
    {%- if execute and target.type == 'duckdb' -%}
        {%- set begun = adapter.get_relation(database=target.database, schema='intake', identifier='computing') -%}
        {%- if begun is none -%}
            create table intake.computing as select 1 as has_begun
        {%- else -%}
            {%- for schema, table in [
                ('marts', 'measure_values'), ('marts', 'indicator_values'),
                ('intermediate', 'last_int_described_units'),
                ('intermediate', 'last_int_provisional_periods'),
            ] if adapter.get_relation(database=target.database, schema=schema, identifier=table) is not none -%}
                delete from {{ schema }}.{{ table }};
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# Before cells that are kept are added to: those that are computed anew go. #}
{% macro forget_changed_cells(subject, changes) -%}
    {% if is_incremental() -%}
        delete from {{ this }} as kept
        where exists (
            select 1
            from {{ ref(changes) }} as changed
            where changed.{{ subject }} = kept.{{ subject }} and {{ same_cell('changed', 'kept') }}
        )
    {%- endif %}
{%- endmacro %}

{# A whole number that stands for the values of these columns, whatever they are. #}
{% macro digest_of(columns) -%}
    {{ return(adapter.dispatch('digest_of')(columns)) }}
{%- endmacro %}

{% macro default__digest_of(columns) -%}
    cast(hash({{ columns | join(', ') }}) as decimal(38, 0))
{%- endmacro %}

{% macro spark__digest_of(columns) -%}
    cast(xxhash64({{ columns | join(', ') }}) as decimal(38, 0))
{%- endmacro %}
