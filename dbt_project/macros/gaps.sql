{#
    Intervals of 95 per cent around the difference and the ratio of two figures, from each one's own
    estimate and limits: the method of variance estimates recovery, MOVER. NULL where a limit is.

    Difference: Zou and Donner (2008), Statistics in Medicine 27: 1693-1702. With Wilson's limits of
    two proportions it is method 10 of Newcombe (1998), Statistics in Medicine 17: 873-890.
    Ratio: Donner and Zou (2012), Statistical Methods in Medical Research 21: 347-359. It is defined
    where the numerator of the first is 0 and where all are concerned, where the log method of Katz
    (1978), Biometrics 34: 469-474, is not; and it holds 1 exactly where the difference's holds 0,
    so that a gap and its ratio never say different things.

    `one` and `other` are column prefixes: `<one>_value`, `<one>_lower_ci`, `<one>_upper_ci`.
#}
{% macro difference_lower(one, other) -%}
    {{ one }}_value - {{ other }}_value - sqrt(
        power({{ one }}_value - {{ one }}_lower_ci, 2) + power({{ other }}_upper_ci - {{ other }}_value, 2)
    )
{%- endmacro %}

{% macro difference_upper(one, other) -%}
    {{ one }}_value - {{ other }}_value + sqrt(
        power({{ one }}_upper_ci - {{ one }}_value, 2) + power({{ other }}_value - {{ other }}_lower_ci, 2)
    )
{%- endmacro %}

{# What is under the root, which rounding must not make negative. #}
{% macro ratio_root(one, other, one_limit, other_limit) -%}
    sqrt(
        abs(
            power({{ one }}_value * {{ other }}_value, 2)
            - {{ one_limit }} * {{ other_limit }} * (2 * {{ one }}_value - {{ one_limit }}) * (2 * {{ other }}_value - {{ other_limit }})
        )
    )
{%- endmacro %}

{# As Donner and Zou have it, its numerator made rational: so it holds where twice the other value is
   its upper limit too. #}
{% macro ratio_lower(one, other) -%}
    case
        when {{ other }}_value = 0 or {{ other }}_upper_ci is null then null
        when {{ one }}_lower_ci = 0 then 0e0
        else
            {{ one }}_lower_ci * (2 * {{ one }}_value - {{ one }}_lower_ci) / (
                {{ one }}_value * {{ other }}_value + {{ ratio_root(one, other, one ~ '_lower_ci', other ~ '_upper_ci') }}
            )
    end
{%- endmacro %}

{% macro ratio_upper(one, other) -%}
    case
        when {{ other }}_lower_ci > 0
            then
                ({{ one }}_value * {{ other }}_value + {{ ratio_root(one, other, one ~ '_upper_ci', other ~ '_lower_ci') }})
                / ({{ other }}_lower_ci * (2 * {{ other }}_value - {{ other }}_lower_ci))
    end
{%- endmacro %}
