{#
    Statistical process control of monthly figures, as NHS England's Making Data Count has it: XmR
    charts, judged as R's NHSRplotthedots does (version 0.2.2), but without its screening of outlying
    moving ranges, which the specification leaves out.
#}

{# Limits lie this many mean moving ranges from the mean: 3 / 1.128, rounded as Making Data Count
   rounds it. #}
{% macro xmr_width() %}2.66e0{% endmacro %}

{# So many months in a row on one side of the mean, or rising, or falling, are more than chance. #}
{% macro run_of_months() %}7{% endmacro %}

{# A month lies in the outer third from this share of the way to a limit on. #}
{% macro outer_third() %}(2.0e0 / 3.0e0){% endmacro %}

{# Above by more than two roads to one double can differ: a mean of equal months is those months. #}
{% macro is_above(value, other) -%}
    ({{ value }} > {{ other }} + 1.0e-9 * greatest(1.0e0, abs({{ other }})))
{%- endmacro %}

{# 1 above, -1 below, 0 alike; NULL where either is. #}
{% macro side_of(value, other) -%}
    case
        when {{ is_above(value, other) }} then 1
        when {{ is_above(other, value) }} then -1
        when {{ value }} is not null and {{ other }} is not null then 0
    end
{%- endmacro %}

{# A mean that does not depend on the order of the rows, as one of doubles does in its last bits. #}
{% macro steady_mean(value) -%}
    cast(sum(cast({{ value }} as decimal(28, 12))) as double) / nullif(count({{ value }}), 0)
{%- endmacro %}

{# The columns that tell one monthly series from another. #}
{% macro series_columns(prefix='') -%}
    {{ prefix }}indicator_id, {{ prefix }}area_type, {{ prefix }}area_code
{%- endmacro %}
