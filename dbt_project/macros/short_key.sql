{#
    A text of 12 letters in place of a text of any length, another one for each: 72 bits of its MD5, so that
    the odds are a hundred million to one against any two of ten million texts having the same. A link_key
    has 64 letters, and every unit carries one: DuckDB holds texts of up to 12 letters in place, and compares
    them several times faster.
#}
{% macro short_key(text) -%}
    {{ return(adapter.dispatch('short_key')(text)) }}
{%- endmacro %}

{% macro default__short_key(text) -%}
    left(to_base64(unhex(md5({{ text }}))), 12)
{%- endmacro %}

{% macro spark__short_key(text) -%}
    left(base64(unhex(md5({{ text }}))), 12)
{%- endmacro %}
