{# The ways in which persons divide a count without rest, beside the count itself. #}
{% macro person_breakdowns() -%}
    {{ return(['gender', 'age_band', 'ethnic_group']) }}
{%- endmacro %}

{# Grouping sets for one pass over persons: by `place`, a list of columns, alone and by each of these. #}
{% macro person_groupings(place) -%}
    grouping sets (
        ({{ place }})
        {%- for breakdown in person_breakdowns() %}, ({{ place }}, {{ breakdown }}){% endfor -%}
    )
{%- endmacro %}

{# Which breakdown a row of these grouping sets is of, as its place in `breakdowns`, and its value. #}
{% macro breakdown_of_grouping(breakdowns) -%}
    case
        {% for breakdown in person_breakdowns() -%}
            when grouping({{ breakdown }}) = 0 then {{ breakdowns.index(breakdown) }}
        {% endfor -%}
        else {{ breakdowns.index('all') }}
    end as breakdown,
    case
        {% for breakdown in person_breakdowns() -%}
            when grouping({{ breakdown }}) = 0 then {{ breakdown }}
        {% endfor -%}
        else 'all'
    end as breakdown_value
{%- endmacro %}
