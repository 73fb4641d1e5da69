{#
    What is computed from units is kept from one refresh to the next, and only those cells are computed
    anew that a changed unit lies in. For that, some models are kept beside the next night's under names
    that begin with `last_` (`orchestration/transform/kept_models.py`), in others only the rows of
    touched persons are made anew (`touched.sql`), and `measure_values` and `indicator_values` are added to. A
    warehouse that another version of the code made, or on which the work broke off, is not kept at all. On
    other databases than DuckDB everything is computed anew.
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
    What a query reads several times is to be read each time. DuckDB writes it down otherwise, before it asks
    which of it is wanted: of a nation's units, more than the disk has room for.
#}
{% macro not_written_down() -%}
    {{ 'not materialized' if target.type == 'duckdb' }}
{%- endmacro %}

{#
    Before anything is computed of what is kept. That is what the last night left, and changes are added to it
    once. Where dbt runs a second time on the same sources (the first run broke off, say), nothing is known
    of what is in it: it is emptied, and everything is computed anew.

    How far it came stands in `intake.computing`: 'begun', 'described', 'changes', 'measures', and 'all' in the
    end. Only then is the warehouse kept (`orchestration/transform/warehouse.py`): whoever has dbt compute a
    part of it by hand leaves one that is begun anew.
#}
{% macro begin_computing() -%}
    {%- if execute and target.type == 'duckdb' -%}
        {%- set begun = adapter.get_relation(database=target.database, schema='intake', identifier='computing') -%}
        {%- if begun is not none -%}
            {#- Without returns of the last time, everybody is touched. -#}
            {%- for schema, table in [
                ('marts', 'measure_values'), ('marts', 'indicator_values'),
                ('intermediate', 'int_described_units'),
                ('intermediate', 'last_int_described_units'),
                ('intermediate', 'last_int_returns_in_effect'),
                ('intermediate', 'last_int_provisional_periods'),
                ('intermediate', 'last_int_area_digests'),
                ('intermediate', 'last_int_claims_by_year'),
            ] if adapter.get_relation(database=target.database, schema=schema, identifier=table) is not none -%}
                delete from {{ schema }}.{{ table }};
            {%- endfor -%}
        {%- endif -%}
        create or replace table intake.brought_up (model varchar);
        create or replace table intake.computing as select 'begun' as how_far
    {%- endif -%}
{%- endmacro %}

{# Before the rows of touched persons are made anew in a table that stays: only once it is known who they are,
   and before they are counted. Somebody who does so at another time leaves a warehouse that is begun anew. #}
{% macro note_by_hand() -%}
    {%- if target.type == 'duckdb' -%}
        create table if not exists intake.brought_up (model varchar);
        create table if not exists intake.computing as select 'by hand' as how_far;
        update intake.computing set how_far = 'by hand' where how_far <> 'begun'
    {%- endif -%}
{%- endmacro %}

{# After it. #}
{% macro note_brought_up() -%}
    {%- if target.type == 'duckdb' -%}
        insert into intake.brought_up values ('{{ this.identifier }}')
    {%- endif -%}
{%- endmacro %}

{# Once units are described, if all that stays of what they are made from was brought up to date before. #}
{% macro note_described() -%}
    {%- if target.type == 'duckdb' -%}
        update intake.computing set how_far = 'described'
        where
            how_far = 'begun'
            and (select count(distinct model) from intake.brought_up)
            = {{ ['int_contact_counts', 'int_paired_assessments'] | length }}
    {%- endif -%}
{%- endmacro %}

{# Before it is looked for what has changed: once that is counted, it must not be added again. #}
{% macro refuse_counted() -%}
    {%- if target.type == 'duckdb' -%}
        select
            case
                when how_far in ('measures', 'all')
                    then error('what has changed is counted already: have dbt build everything')
                when how_far not in ('described', 'changes')
                    then error('not all units are described: have dbt build everything')
            end
        from intake.computing
    {%- endif -%}
{%- endmacro %}

{# Once a step is computed, if all those before it were. #}
{% macro note_computed(step, after) -%}
    {%- if target.type == 'duckdb' -%}
        update intake.computing set how_far = '{{ step }}' where how_far = '{{ after }}'
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
    {#- Hashed twice: DuckDB merely folds the last column into the hash of the others. -#}
    cast(hash(hash({{ columns | join(', ') }})) as decimal(38, 0))
{%- endmacro %}

{% macro spark__digest_of(columns) -%}
    cast(xxhash64({{ columns | join(', ') }}) as decimal(38, 0))
{%- endmacro %}
