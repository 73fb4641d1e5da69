{#
    What is computed from units is kept from one refresh to the next, and computed anew for those periods
    alone whose digest has changed (`int_changed_periods`): a digest is of all that the period's cells are
    computed from. A warehouse that another version of the code made, or on which the work broke off, is
    not kept at all. On other databases than DuckDB everything is computed anew.
#}

{# A condition on the period of a relation: that it is computed anew. #}
{% macro period_is_changed(relation) -%}
    {% if is_incremental() -%}
        exists (
            select 1
            from {{ ref('int_changed_periods') }} as changed
            where
                changed.period_type = {{ relation }}.period_type
                and changed.period_start = {{ relation }}.period_start
        )
    {%- else -%}
        true
    {%- endif %}
{%- endmacro %}

{# Before a model that is kept is added to: what it has of the periods that are computed anew, and of
   those that are no more, goes. #}
{% macro forget_changed_periods() -%}
    {% if is_incremental() -%}
        delete from {{ this }} as kept where {{ period_is_changed('kept') }}
    {%- endif %}
{%- endmacro %}

{# A whole number that stands for the values of these columns, whatever they are. #}
{% macro digest_of(columns) -%}
    {{ return(adapter.dispatch('digest_of')(columns)) }}
{%- endmacro %}

{% macro default__digest_of(columns) -%}
    cast(hash({{ columns | join(', ') }}) as decimal(38, 0))
{%- endmacro %}

{% macro spark__digest_of(columns) -%}
    cast(xxhash64({{ columns | join(', ') }}) as decimal(38, 0))
{%- endmacro %}
