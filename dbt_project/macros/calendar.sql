{# Months, financial quarters and financial years, written once, on dbt's portable date macros. #}

{% macro month_of(day) -%}
    cast({{ dbt.date_trunc('month', day) }} as date)
{%- endmacro %}

{% macro last_day_of_month(day) -%}
    cast({{ dbt.last_day(day, 'month') }} as date)
{%- endmacro %}

{# Financial quarters begin in April, July, October and January, as calendar quarters do. #}
{% macro quarter_of(day) -%}
    cast({{ dbt.date_trunc('quarter', day) }} as date)
{%- endmacro %}

{# The financial year begins in April: the calendar year of the day three months before. #}
{% macro financial_year_of(day) -%}
    cast({{ dbt.dateadd('month', 3, dbt.date_trunc('year', dbt.dateadd('month', -3, day))) }} as date)
{%- endmacro %}

{% macro add_days(day, days) -%}
    cast({{ dbt.dateadd('day', days, day) }} as date)
{%- endmacro %}

{% macro add_months(day, months) -%}
    cast({{ dbt.dateadd('month', months, day) }} as date)
{%- endmacro %}

{# Each first day of a month from one month to another, as rows of a lateral table: `month`. #}
{% macro months_between(first_month, last_month) -%}
    {{ return(adapter.dispatch('months_between')(first_month, last_month)) }}
{%- endmacro %}

{% macro default__months_between(first_month, last_month) -%}
    unnest(generate_series({{ first_month }}, {{ last_month }}, interval 1 month))
{%- endmacro %}

{% macro spark__months_between(first_month, last_month) -%}
    explode(sequence({{ first_month }}, {{ last_month }}, interval 1 month))
{%- endmacro %}

{# A month as the standard writes it: YYYY-MM. #}
{% macro month_name(month) -%}
    substring(cast({{ month }} as {{ dbt.type_string() }}), 1, 7)
{%- endmacro %}

{# The last day of a period of any kind, from its first. #}
{% macro period_end(period_type, period_start) -%}
    case {{ period_type }}
        when 'month' then {{ last_day_of_month(period_start) }}
        when 'quarter' then {{ last_day_of_month(add_months(period_start, 2)) }}
        else {{ last_day_of_month(add_months(period_start, 11)) }}
    end
{%- endmacro %}
