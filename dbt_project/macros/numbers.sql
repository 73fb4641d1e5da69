{# The whole numbers from 0 to one below 10 to the power of `digits`, as rows: `number`. #}
{% macro whole_numbers(digits) -%}
    select
        {%- for place in range(digits) %}
        {{ '+ ' if not loop.first }}{{ 10 ** place }} * digits_{{ place }}.digit
        {%- endfor %} as number
    from
        {%- for place in range(digits) %}
        {{ 'cross join ' if not loop.first }}(
            {% for digit in range(10) %}select {{ digit }} as digit{{ ' union all ' if not loop.last }}{% endfor %}
        ) as digits_{{ place }}
        {%- endfor %}
{%- endmacro %}
