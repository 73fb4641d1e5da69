{#
    What is said of a person needs nobody else's rows. So in a kept warehouse only the persons whom something
    new can touch are described anew (`int_touched_persons`), and all others' rows stay where they lie. A model
    that works so begins with `only_touched`, ends with `all_again`, and asks `is_touched` of the person of
    every row, as do the views that it reads. Where nobody has said who is touched, everybody is: so are all
    on other databases than DuckDB, and in the first night, where the question costs nothing.

    Which persons are touched is remembered as one bit for each of some million numbers that are made of
    their keys. So now and then somebody else is described anew too, and found to be as before. To ask costs
    the same however many are touched, and a view can be asked at its very beginning.
#}

{# Whether a row's person is touched. A row without a person always is. #}
{% macro is_touched(person_key) -%}
    {{ return(adapter.dispatch('is_touched')(person_key)) }}
{%- endmacro %}

{% macro default__is_touched(person_key) -%}
    true
{%- endmacro %}

{% macro duckdb__is_touched(person_key) -%}
    (
        getvariable('touched') is null
        or {{ person_key }} is null
        or get_bit(cast(getvariable('touched') as bit), {{ touched_bit(person_key) }}) = 1
    )
{%- endmacro %}

{% macro touched_bit(person_key) -%}
    cast(hash({{ person_key }}) % {{ touched_bits() }} as integer)
{%- endmacro %}

{# How many bits: with ten thousand touched persons, one in a hundred of the others comes along. #}
{% macro touched_bits() -%}
    1048576
{%- endmacro %}

{# Before a model that is made of touched persons alone. #}
{% macro only_touched() -%}
    {%- set touched_persons = ref('int_touched_persons') -%}
    {%- if target.type == 'duckdb' -%}
        set variable touched = (
            select
                case
                    -- One row without a person: everybody is touched.
                    when count(*) = count(person_key)
                        then coalesce(
                            bitstring_agg({{ touched_bit('person_key') }}, 0, {{ touched_bits() }} - 1),
                            bitstring('0', {{ touched_bits() }})
                        )
                end
            from {{ touched_persons }}
        )
    {%- endif -%}
{%- endmacro %}

{# After it. #}
{% macro all_again() -%}
    {{ 'reset variable touched' if target.type == 'duckdb' }}
{%- endmacro %}
