{# Numbers and months as they stand in a sentence. #}

{# A whole number with its thousands set apart by commas, up to 999,999,999. #}
{% macro whole_in_words(number) -%}
    {%- set whole = 'cast(' ~ number ~ ' as bigint)' -%}
    {%- set text = dbt.type_string() -%}
    case
        when {{ number }} >= 1000000
            then cast(cast(floor({{ number }} / 1000000) as bigint) as {{ text }})
                || ',' || lpad(cast(cast(floor({{ number }} / 1000) as bigint) % 1000 as {{ text }}), 3, '0')
                || ',' || lpad(cast({{ whole }} % 1000 as {{ text }}), 3, '0')
        when {{ number }} >= 1000
            then cast(cast(floor({{ number }} / 1000) as bigint) as {{ text }})
                || ',' || lpad(cast({{ whole }} % 1000 as {{ text }}), 3, '0')
        else cast({{ whole }} as {{ text }})
    end
{%- endmacro %}

{# To so many decimals; where they are all 0, none. Below 0 nothing that is counted can lie. #}
{% macro decimals_in_words(number, decimals) -%}
    {%- set rounded = 'round(greatest(' ~ number ~ ', 0), ' ~ decimals ~ ')' -%}
    {%- set base = 10 ** decimals -%}
    {%- set rest = 'cast(round((' ~ rounded ~ ' - floor(' ~ rounded ~ ')) * ' ~ base ~ ', 0) as bigint)' -%}
    {{ whole_in_words('floor(' ~ rounded ~ ')') }}
    || case
        when {{ rest }} > 0 then '.' || lpad(cast({{ rest }} as {{ dbt.type_string() }}), {{ decimals }}, '0')
        else ''
    end
{%- endmacro %}

{# An indicator's value without what it is counted in, but for per cent and pounds. #}
{% macro short_figure(value, statistic, unit) -%}
    case
        when {{ statistic }} = 'proportion' then {{ decimals_in_words(value, 1) }} || ' per cent'
        when {{ unit }} like 'pounds%' then '£' || {{ decimals_in_words(value, 2) }}
        else {{ decimals_in_words(value, 1) }}
    end
{%- endmacro %}

{# An indicator's value with what it is counted in: `8.1 per 100 people on the caseload`. #}
{% macro figure(value, statistic, unit) -%}
    {{ short_figure(value, statistic, unit) }}
    || case
        when {{ statistic }} = 'proportion' then ''
        when {{ unit }} like 'pounds%' then replace({{ unit }}, 'pounds', '')
        else ' ' || {{ unit }}
    end
{%- endmacro %}

{# `March 2026`, for a first day. #}
{% macro month_in_words(month) -%}
    {%- set number = 'substring(cast(' ~ month ~ ' as ' ~ dbt.type_string() ~ '), 6, 2)' -%}
    case {{ number }}
        {%- for name in [
            'January', 'February', 'March', 'April', 'May', 'June',
            'July', 'August', 'September', 'October', 'November', 'December'
        ] %}
        when '{{ '%02d' % loop.index }}' then '{{ name }}'
        {%- endfor %}
    end
    || ' ' || substring(cast({{ month }} as {{ dbt.type_string() }}), 1, 4)
{%- endmacro %}

{# `1 month`, `7 months`. #}
{% macro months_in_words(number) -%}
    cast({{ number }} as {{ dbt.type_string() }}) || case when {{ number }} = 1 then ' month' else ' months' end
{%- endmacro %}

{# A sentence with what its words in braces stand for: `fill('sentence', {'month': ...})`. #}
{% macro fill(sentence, words) -%}
    {%- set filled = namespace(sql=sentence) -%}
    {%- for word, value in words.items() -%}
        {%- set filled.sql = 'replace(' ~ filled.sql ~ ", '{" ~ word ~ "}', coalesce(" ~ value ~ ", ''))" -%}
    {%- endfor -%}
    {{ filled.sql }}
{%- endmacro %}
