{# Numbers, days, periods and lists as they stand in a sentence; portable, so spelt out. #}

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

{# An indicator's value without what it is counted in, but for pounds: `66.7`, `£70.22`. #}
{% macro bare_figure(value, unit, decimals=1) -%}
    case
        when {{ unit }} like 'pounds%' then '£' || {{ decimals_in_words(value, 2) }}
        else {{ decimals_in_words(value, decimals) }}
    end
{%- endmacro %}

{# What a bare figure is counted in, as it follows it: ` per cent of people`, ` per contact`. #}
{% macro counted_in(unit) -%}
    case when {{ unit }} like 'pounds%' then replace({{ unit }}, 'pounds', '') else ' ' || {{ unit }} end
{%- endmacro %}

{# An indicator's value without what it is counted in, but for per cent and pounds. #}
{% macro short_figure(value, statistic, unit) -%}
    {{ bare_figure(value, unit) }} || case when {{ statistic }} = 'proportion' then ' per cent' else '' end
{%- endmacro %}

{# An indicator's value with what it is counted in: `8.1 per 100 people on the caseload`. #}
{% macro figure(value, statistic, unit) -%}
    {{ short_figure(value, statistic, unit) }}
    || case when {{ statistic }} = 'proportion' then '' else {{ counted_in(unit) }} end
{%- endmacro %}

{# `March` #}
{% macro name_of_month(day) -%}
    case extract(month from {{ day }})
        {%- for name in [
            'January', 'February', 'March', 'April', 'May', 'June',
            'July', 'August', 'September', 'October', 'November', 'December'
        ] %}
        when {{ loop.index }} then '{{ name }}'
        {%- endfor %}
    end
{%- endmacro %}

{# `2026`; with `more=1` the year after. #}
{% macro year_in_words(day, more=0) -%}
    cast(cast(extract(year from {{ day }}) as integer) + {{ more }} as {{ dbt.type_string() }})
{%- endmacro %}

{# `March 2026` #}
{% macro month_in_words(day) -%}
    {{ name_of_month(day) }} || ' ' || {{ year_in_words(day) }}
{%- endmacro %}

{# `31 March 2027` #}
{% macro day_in_words(day) -%}
    cast(cast(extract(day from {{ day }}) as integer) as {{ dbt.type_string() }}) || ' ' || {{ month_in_words(day) }}
{%- endmacro %}

{# `March 2026`, `January to March 2026`, `2025/26` #}
{% macro period_in_words(period_type, period_start) -%}
    case {{ period_type }}
        when 'month' then {{ month_in_words(period_start) }}
        when 'quarter' then {{ name_of_month(period_start) }} || ' to ' || {{ month_in_words(add_months(period_start, 2)) }}
        else {{ year_in_words(period_start) }} || '/' || substring({{ year_in_words(period_start, 1) }}, 3, 2)
    end
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

{# The values of a group as one text, in their order, which dbt's own macro does not keep on Spark. #}
{% macro joined_in_order(values, delimiter) -%}
    {{ return(adapter.dispatch('joined_in_order')(values, delimiter)) }}
{%- endmacro %}

{% macro default__joined_in_order(values, delimiter) -%}
    {{ dbt.listagg(values, "'" ~ delimiter ~ "'", 'order by ' ~ values) }}
{%- endmacro %}

{% macro spark__joined_in_order(values, delimiter) -%}
    array_join(array_sort(collect_list({{ values }})), '{{ delimiter }}')
{%- endmacro %}
