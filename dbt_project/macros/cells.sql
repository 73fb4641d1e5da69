{# The columns that place a cell, in the order in which every table of cells has them. #}
{% macro cell_columns(prefix='') -%}
    {%- for column in ['period_type', 'period_start', 'area_type', 'area_code', 'breakdown_type', 'breakdown_value'] -%}
        {{ prefix }}{{ column }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
