{#
    Months, financial quarters and financial years, written once, on dbt's portable date macros. What
    those write for Spark adds to a day by way of a timestamp and stops at a NULL, so there a day is
    added to by Spark's own functions of days.
#}

{% macro month_of(day) -%}
    cast({{ dbt.date_trunc('month', day) }} as date)
{%- endmacro %}

{% macro last_day_of_month(day) -%}
    {{ return(adapter.dispatch('last_day_of_month')(day)) }}
{%- endmacro %}

{% macro default__last_day_of_month(day) -%}
    cast({{ dbt.last_day(day, 'month') }} as date)
{%- endmacro %}

{% macro spark__last_day_of_month(day) -%}
    last_day({{ day }})
{%- endmacro %}

{# Financial quarters begin in April, July, October and January, as calendar quarters do. #}
{% macro quarter_of(day) -%}
    cast({{ dbt.date_trunc('quarter', day) }} as date)
{%- endmacro %}

{# The financial year begins in April: the calendar year of the day three months before. #}
{% macro financial_year_of(day) -%}
    {{ add_months(dbt.date_trunc('year', add_months(day, -3)), 3) }}
{%- endmacro %}

{% macro add_days(day, days) -%}
    {{ return(adapter.dispatch('add_days')(day, days)) }}
{%- endmacro %}

{% macro default__add_days(day, days) -%}
    cast({{ dbt.dateadd('day', days, day) }} as date)
{%- endmacro %}

{% macro spark__add_days(day, days) -%}
    date_add({{ day }}, {{ days }})
{%- endmacro %}

{% macro add_months(day, months) -%}
    {{ return(adapter.dispatch('add_months')(day, months)) }}
{%- endmacro %}

{% macro default__add_months(day, months) -%}
    cast({{ dbt.dateadd('month', months, day) }} as date)
{%- endmacro %}

{% macro spark__add_months(day, months) -%}
    add_months({{ day }}, {{ months }})
{%- endmacro %}

{# Each first day of a month from one month to another, one row each: a whole column of a select. #}
{% macro months_between(first_month, last_month) -%}
    {{ return(adapter.dispatch('months_between')(first_month, last_month)) }}
{%- endmacro %}

{% macro default__months_between(first_month, last_month) -%}
    cast(unnest(generate_series({{ first_month }}, {{ last_month }}, interval 1 month)) as date)
{%- endmacro %}

{# Spark makes rows of nothing but the column itself: no cast can stand around it, and none need. #}
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
