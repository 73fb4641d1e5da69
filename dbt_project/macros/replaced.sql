{#
    A table that is put in the place of the last night's in one transaction, whole or not at all. dbt-duckdb's
    own `table` makes another beside it, renames both and drops the old one, each by macros of its own: a third
    of what dbt takes for a small table. This one knows neither contracts, grants nor indexes. It is made in
    slices where the model says so (`slices.sql`), and stays but for some areas' rows where it says that
    (`kept_areas.sql`).
#}
{% materialization replaced, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set keeps = keeps_most_areas() -%}
    {%- set stays = keeps and not config.get('is_kept_elsewhere') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if keeps -%}
        {%- do begin_areas(config.get('kept_but_for')) -%}
    {%- endif -%}
    {%- if stays -%}
        {% call statement('forget_areas') -%}
            delete from {{ target_relation }} where {{ area_made_anew() }}
        {%- endcall %}
    {%- endif -%}
    {%- do write_rows(target_relation, compiled_code, is_new=not stays) -%}
    {%- if keeps -%}
        {%- do begin_areas(none) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#
    A table that stays where it lies: the rows of touched persons go, and are made anew (`touched.sql`), all in
    one transaction. Where everybody is touched, or there is none yet, it is made as a whole. A model that
    `puts_by` leaves what goes under a name that begins with `last_`, where there was a last night.
#}
{% materialization replaced_by_person, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set is_there = load_cached_relation(this) is not none -%}
    {%- set last_relation = adapter.get_relation(
        database=this.database, schema=this.schema, identifier='last_' ~ this.identifier
    ) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if not is_there -%}
        {% call statement('forget_touched') -%}
            {{ all_again() }}
        {%- endcall %}
    {%- endif -%}
    {%- set everybody = run_query("select getvariable('touched') is null").columns[0].values()[0] -%}
    {%- if config.get('puts_by') and is_there and last_relation is not none -%}
        {% call statement('put_by') -%}
            {%- if everybody -%}
                drop table {{ last_relation }};
                alter table {{ target_relation }} rename to {{ last_relation.identifier }}
            {%- else -%}
                create or replace table {{ last_relation }} as
                select * from {{ target_relation }} where {{ is_touched('person_key') }}
            {%- endif -%}
        {%- endcall %}
    {%- endif -%}
    {%- if not everybody -%}
        {% call statement('forget_rows') -%}
            delete from {{ target_relation }} where {{ is_touched('person_key') }}
        {%- endcall %}
    {%- endif -%}
    {%- do write_rows(target_relation, compiled_code, is_new=everybody) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Writes what a model selects, slice by slice: into a new table in the place of the old one, or into one that
   is there. #}
{% macro write_rows(relation, selected, is_new) %}
    {%- set slices = number_of_slices() -%}
    {%- for slice in range(slices) -%}
        {%- if slices > 1 -%}
            {%- do begin_slice(slice, slices) -%}
        {%- endif -%}
        {% call statement('main' if loop.first else 'slice') -%}
            {%- if is_new and loop.first -%}
                create or replace table {{ relation }} as (
                    {{ selected }}
                )
            {%- else -%}
                insert into {{ relation }} (
                    {{ selected }}
                )
            {%- endif -%}
        {%- endcall %}
    {%- endfor -%}
    {%- if slices > 1 -%}
        {%- do begin_slice(none, slices) -%}
    {%- endif -%}
{% endmacro %}
