{# Numbers, days and periods as a sentence for people has them; portable, so spelt out. #}

{% macro month_in_words(day) -%}
    case extract(month from {{ day }})
        {%- for month in ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'] %} when {{ loop.index }} then '{{ month }}'{% endfor %}
    end
{%- endmacro %}

{% macro year_in_words(day, more=0) -%}
    cast(cast(extract(year from {{ day }}) as integer) + {{ more }} as {{ dbt.type_string() }})
{%- endmacro %}

{# 31 March 2027 #}
{% macro day_in_words(day) -%}
    cast(cast(extract(day from {{ day }}) as integer) as {{ dbt.type_string() }}) || ' ' || {{ month_in_words(day) }} || ' ' || {{ year_in_words(day) }}
{%- endmacro %}

{# March 2026; January to March 2026; 2025/26 #}
{% macro period_in_words(period_type, period_start) -%}
    case {{ period_type }}
        when 'month' then {{ month_in_words(period_start) }} || ' ' || {{ year_in_words(period_start) }}
        when 'quarter' then {{ month_in_words(period_start) }} || ' to ' || {{ month_in_words(add_months(period_start, 2)) }} || ' ' || {{ year_in_words(period_start) }}
        else {{ year_in_words(period_start) }} || '/' || substring({{ year_in_words(period_start, 1) }}, 3, 2)
    end
{%- endmacro %}

{# At most so many decimals, none where the number is whole to that many: 12.3, 70 #}
{% macro number_in_words(number, decimals=1) -%}
    replace(cast(cast({{ number }} as decimal(28, {{ decimals }})) as {{ dbt.type_string() }}), '.{{ '0' * decimals }}', '')
{%- endmacro %}

{# The values of a group as one text, in their order, which dbt's own macro does not keep on Spark. #}
{% macro joined_in_order(values, delimiter) -%}
    {{ return(adapter.dispatch('joined_in_order')(values, delimiter)) }}
{%- endmacro %}

{% macro default__joined_in_order(values, delimiter) -%}
    {{ dbt.listagg(values, "'" ~ delimiter ~ "'", 'order by ' ~ values) }}
{%- endmacro %}

{% macro spark__joined_in_order(values, delimiter) -%}
    array_join(array_sort(collect_list({{ values }})), '{{ delimiter }}')
{%- endmacro %}
