{#
    Confidence intervals of 95 per cent, as English public health computes them: Public Health
    England, "Technical Guide: Confidence Intervals" (2018). z is the 97.5th percentile of the
    normal distribution. Each macro gives NULL where an argument is NULL.
#}

{% macro z() %}1.959964{% endmacro %}

{# Byar's approximation to the limits of a Poisson count (Breslow and Day, 1987, page 69). #}
{% macro byar_lower(observed) -%}
    {{ observed }} * power(1.0e0 - 1.0e0 / (9.0e0 * {{ observed }}) - {{ z() }} / (3.0e0 * sqrt({{ observed }})), 3)
{%- endmacro %}

{% macro byar_upper(observed) -%}
    ({{ observed }} + 1.0e0) * power(1.0e0 - 1.0e0 / (9.0e0 * ({{ observed }} + 1.0e0)) + {{ z() }} / (3.0e0 * sqrt({{ observed }} + 1.0e0)), 3)
{%- endmacro %}

{# Wilson's score method for a proportion (Wilson, 1927; Newcombe, 1998), as a share of 1. #}
{% macro wilson(observed, of, sign) -%}
    (2.0e0 * {{ observed }} + {{ z() }} * {{ z() }} {{ sign }} {{ z() }} * sqrt({{ z() }} * {{ z() }} + 4.0e0 * {{ observed }} * (1.0e0 - {{ observed }} / {{ of }}))) / (2.0e0 * ({{ of }} + {{ z() }} * {{ z() }}))
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
    case
        when statistic = 'count' then coalesce(exact_lower, {{ byar_lower('nullif(' ~ n ~ ', 0)') }})
        when statistic = 'rate'
            then multiplier * coalesce(exact_lower, {{ byar_lower('nullif(' ~ n ~ ', 0)') }}) / {{ d }}
        when statistic = 'proportion' and {{ n }} <= {{ d }}
            -- a share of none or of all is its own limit, which rounding would miss
            then case when {{ n }} = 0 then 0e0 else multiplier * {{ wilson(n, d, '-') }} end
    end as lower_ci,
    case
        when statistic = 'count' then coalesce(exact_upper, {{ byar_upper(n) }})
        when statistic = 'rate' then multiplier * coalesce(exact_upper, {{ byar_upper(n) }}) / {{ d }}
        when statistic = 'proportion' and {{ n }} <= {{ d }}
            then case when {{ n }} = {{ d }} then cast(multiplier as double) else multiplier * {{ wilson(n, d, '+') }} end
    end as upper_ci
{% endmacro %}
