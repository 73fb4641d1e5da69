{# The columns that place a cell, in the order in which every table of cells has them. #}
{% macro cell_column_names() -%}
    {{ return([
        'period_type', 'period_start', 'area_type', 'area_code', 'breakdown_type', 'breakdown_value'
    ]) }}
{%- endmacro %}

{# Those columns, to be selected. #}
{% macro cell_columns(prefix='') -%}
    {%- for column in cell_column_names() -%}
        {{ prefix }}{{ column }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# Whether two rows stand for the same cell. #}
{% macro same_cell(one, other) -%}
    {%- for column in cell_column_names() -%}
        {{ one }}.{{ column }} = {{ other }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
