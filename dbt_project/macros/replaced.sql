{#
    A table that is put in the place of the last night's in one transaction, whole or not at all. dbt-duckdb's
    own `table` makes another beside it, renames both and drops the old one, each by macros of its own: a third
    of what dbt takes for a small table. This one knows neither contracts, grants nor indexes. It is made in
    slices where the model says so (`slices.sql`).
#}
{% materialization replaced, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- for slice in slices(compiled_code) -%}
        {% call statement('main' if loop.first else 'slice') -%}
            {% if loop.first -%}
                create or replace table {{ target_relation }} as (
                    {{ slice }}
                )
            {%- else -%}
                insert into {{ target_relation }} (
                    {{ slice }}
                )
            {%- endif %}
        {%- endcall %}
    {%- endfor -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
