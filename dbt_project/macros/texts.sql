{#
    A text as it is read: without characters that are there and are not seen. Which they are, and why
    they go, stands in `expectations/rules/personal_data.py`, which judges a text as it is read too.
#}
{% macro hidden_characters() -%}
    {%- set ranges = [
        [1, 8], [11, 12], [14, 31], [127, 159], [173, 173], [847, 847], [1564, 1564], [4447, 4448],
        [6155, 6159], [8203, 8207], [8234, 8238], [8288, 8303], [12644, 12644], [57344, 57407],
        [65024, 65039], [65279, 65279], [65440, 65440], [65529, 65531], [113824, 113827],
        [119155, 119162], [917504, 917999]
    ] -%}
    {%- for first, last in ranges -%}
        {%- for code in range(first, last + 1) -%}{{ '%c' | format(code) }}{%- endfor -%}
    {%- endfor -%}
{%- endmacro %}

{% macro readable_text(text) -%}
    {%- set new_line, return, both = '%c' | format(10), '%c' | format(13), '%c%c' | format(13, 10) -%}
    trim(translate(replace(replace({{ text }}, '{{ both }}', '{{ new_line }}'), '{{ return }}', '{{ new_line }}'), '{{ hidden_characters() }}', ''))
{%- endmacro %}

{# Whether a text has nothing but spaces, tabs and line breaks. #}
{% macro is_blank(text) -%}
    trim(translate({{ text }}, '{{ '%c%c' | format(9, 10) }}', '')) = ''
{%- endmacro %}

{# Whether 64 hex digits stand in a text: somebody's link key, which nobody is to read. #}
{% macro holds_link_key(text) -%}
    {{ return(adapter.dispatch('holds_link_key')(text)) }}
{%- endmacro %}

{% macro default__holds_link_key(text) -%}
    regexp_matches({{ text }}, '[0-9A-Fa-f]{64}')
{%- endmacro %}

{% macro spark__holds_link_key(text) -%}
    {{ text }} rlike '[0-9A-Fa-f]{64}'
{%- endmacro %}
