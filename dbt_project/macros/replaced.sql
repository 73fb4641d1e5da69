{#
    A table that is put in the place of the last night's in one transaction, whole or not at all. dbt-duckdb's
    own `table` makes another beside it, renames both and drops the old one, each by macros of its own: a third
    of what dbt takes for a small table. This one knows neither contracts, grants nor indexes. It is made in
    slices where the model says so (`slices.sql`).
#}
{% materialization replaced, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set slices = number_of_slices() -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if slices > 1 -%}
        {%- do begin_slice(0, slices) -%}
    {%- endif -%}
    {% call statement('main') -%}
        create or replace table {{ target_relation }} as (
            {{ compiled_code }}
        )
    {%- endcall %}
    {%- for slice in range(1, slices) -%}
        {%- do begin_slice(slice, slices) -%}
        {% call statement('slice') -%}
            insert into {{ target_relation }} (
                {{ compiled_code }}
            )
        {%- endcall %}
    {%- endfor -%}
    {%- if slices > 1 -%}
        {%- do begin_slice(none, slices) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
