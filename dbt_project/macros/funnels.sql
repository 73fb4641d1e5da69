{#
    Control limits of a funnel (Spiegelhalter, "Funnel plots for comparing institutional
    performance", Statistics in Medicine 24, 2005), as R's PHEindicatormethods has them, so that a
    value lies beyond a limit exactly where its own interval at that level does not hold the
    benchmark.
#}

{#
    A proportion's limit at a denominator, as a share of 1, for a benchmark that is a share of 1:
    the normal approximation, of which Wilson's interval is the inverse. Cut at 0 and at 1.
#}
{% macro proportion_control_limit(benchmark, denominator, sign, level) -%}
    least(1.0e0, greatest(0.0e0, {{ benchmark }} {{ sign }} {{ z(level) }} * sqrt({{ benchmark }} * (1.0e0 - {{ benchmark }}) / {{ denominator }})))
{%- endmacro %}

{#
    A count's limit where `expected` are expected. A count of so many lies just at the limit where
    its own Poisson limit (a column of `int_poisson_ladder`) is what is expected; in between, the
    straight line from rung to rung. `rung` is the row of int_poisson_ladder, of the same level and
    side, whose span holds `expected`; below the lowest, the limit is 0.
#}
{% macro count_control_limit(expected, rung) -%}
    coalesce({{ rung }}.events + ({{ expected }} - {{ rung }}.expected_from) / ({{ rung }}.expected_to - {{ rung }}.expected_from), 0.0e0)
{%- endmacro %}

{# Where a value lies: 2 above the 99.8 per cent limits, 1 above the 95 per cent ones, 0 within or
   at a limit, -1 and -2 below. The limits are those around the value or around the benchmark. #}
{% macro outside(is_above_998, is_above_95, is_below_998, is_below_95) -%}
    case
        when {{ is_above_998 }} then 2
        when {{ is_below_998 }} then -2
        when {{ is_above_95 }} then 1
        when {{ is_below_95 }} then -1
        else 0
    end
{%- endmacro %}
