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
        {% call statement('those_made_anew') -%}
            delete from {{ target_relation }} where {{ area_made_anew() }}
        {%- endcall %}
    {%- endif -%}
    {%- set slices = number_of_slices(of_some_areas=keeps) -%}
    {%- for slice in range(slices) -%}
        {%- if slices > 1 -%}
            {%- do begin_slice(slice, slices) -%}
        {%- endif -%}
        {% call statement('main' if slice == 0 else 'slice') -%}
            {% if slice == 0 and not stays -%}
                create or replace table {{ target_relation }} as
            {%- else -%}
                insert into {{ target_relation }}
            {%- endif %}
            (
                {{ compiled_code }}
            )
        {%- endcall %}
    {%- endfor -%}
    {%- if slices > 1 -%}
        {%- do begin_slice(none, slices) -%}
    {%- endif -%}
    {%- if keeps -%}
        {%- do begin_areas(none) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
