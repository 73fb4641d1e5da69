{#
    Confidence intervals, as English public health computes them: Public Health England, "Technical
    Guide: Confidence Intervals" (2018). A level is '95' or '998' (95 and 99.8 per cent). Each macro
    gives NULL where an argument is NULL.
#}

{# The quantiles of the normal distribution at 0.975 (as the specification has it) and at 0.999. #}
{% macro z(level) -%}
    {{ {'95': '1.959964e0', '998': '3.090232306167813e0'}[level] }}
{%- endmacro %}

{# Byar's approximation to the limits of a Poisson count (Breslow and Day, 1987, page 69). #}
{% macro byar_lower(observed, level) -%}
    {{ observed }} * power(1.0e0 - 1.0e0 / (9.0e0 * {{ observed }}) - {{ z(level) }} / (3.0e0 * sqrt({{ observed }})), 3)
{%- endmacro %}

{% macro byar_upper(observed, level) -%}
    ({{ observed }} + 1.0e0) * power(1.0e0 - 1.0e0 / (9.0e0 * ({{ observed }} + 1.0e0)) + {{ z(level) }} / (3.0e0 * sqrt({{ observed }} + 1.0e0)), 3)
{%- endmacro %}

{# Wilson's score method for a proportion (Wilson, 1927; Newcombe, 1998), as a share of 1. #}
{% macro wilson(observed, of, sign, level) -%}
    {%- set q = z(level) -%}
    (2.0e0 * {{ observed }} + {{ q }} * {{ q }} {{ sign }} {{ q }} * sqrt({{ q }} * {{ q }} + 4.0e0 * {{ observed }} * (1.0e0 - {{ observed }} / {{ of }}))) / (2.0e0 * ({{ of }} + {{ q }} * {{ q }}))
{%- endmacro %}

{#
    The limits of a Poisson count at a level, from columns with its exact limits, which are NULL
    from 10 on (Ulm, 1990).
#}
{% macro poisson_lower(observed, exact_lower, level) -%}
    coalesce({{ exact_lower }}, {{ byar_lower('nullif(' ~ observed ~ ', 0)', level) }})
{%- endmacro %}

{% macro poisson_upper(observed, exact_upper, level) -%}
    coalesce({{ exact_upper }}, {{ byar_upper(observed, level) }})
{%- endmacro %}

{#
    The value and its interval from a numerator and a denominator, for every statistic: the columns
    value, lower_ci and upper_ci. Needs columns statistic, multiplier, numerator, denominator, and
    exact_lower, exact_upper (Poisson limits of the numerator where it is below 10, else NULL).
#}
{% macro value_and_interval(numerator, denominator) %}
    {%- set n = 'cast(' ~ numerator ~ ' as double)' -%}
    {%- set d = "nullif(cast(" ~ denominator ~ " as double), 0)" %}
    case
        when statistic = 'count' then {{ n }}
        else multiplier * {{ n }} / {{ d }}
    end as value,
    {{ interval_limits(numerator, denominator) }}
{% endmacro %}

{#
    The interval alone, at either level: the columns lower_ci and upper_ci, followed by `suffix` as
    the columns exact_lower and exact_upper are that hold the exact limits at that level.
#}
{% macro interval_limits(numerator, denominator, level='95', suffix='') %}
    {%- set n = 'cast(' ~ numerator ~ ' as double)' -%}
    {%- set d = "nullif(cast(" ~ denominator ~ " as double), 0)" -%}
    {%- set lower = poisson_lower(n, 'exact_lower' ~ suffix, level) -%}
    {%- set upper = poisson_upper(n, 'exact_upper' ~ suffix, level) %}
    case
        when statistic = 'count' then {{ lower }}
        when statistic = 'rate' then multiplier * {{ lower }} / {{ d }}
        when statistic = 'proportion' and {{ n }} <= {{ d }}
            -- a share of none or of all is its own limit, which rounding would miss
            then case when {{ n }} = 0 then 0e0 else multiplier * {{ wilson(n, d, '-', level) }} end
    end as lower_ci{{ suffix }},
    case
        when statistic = 'count' then {{ upper }}
        when statistic = 'rate' then multiplier * {{ upper }} / {{ d }}
        when statistic = 'proportion' and {{ n }} <= {{ d }}
            then case when {{ n }} = {{ d }} then cast(multiplier as double) else multiplier * {{ wilson(n, d, '+', level) }} end
    end as upper_ci{{ suffix }}
{% endmacro %}
