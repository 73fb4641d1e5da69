{#
    Disclosure control, rule by rule, on the settings of `int_disclosure_policy` (joined as
    `policy`). Every protected number of the project is made by these macros.
#}

{# A count that would tell something of few people: 1 up to one below the smallest that is shown. #}
{% macro is_small(count) -%}
    (({{ count }}) > 0 and ({{ count }}) < policy.smallest_shown_count)
{%- endmacro %}

{# To the nearest multiple of a base, halves upwards. #}
{% macro rounded(number, base) -%}
    cast(floor(({{ number }}) / {{ base }} + 0.5) * {{ base }} as bigint)
{%- endmacro %}

{# 0 stays 0; a small count is NULL; any other is rounded. #}
{% macro protected_count(count) -%}
    case when not {{ is_small(count) }} then {{ rounded(count, 'policy.rounding_base') }} end
{%- endmacro %}
