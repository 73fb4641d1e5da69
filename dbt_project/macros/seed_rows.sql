{#
    The rows of a seed for Spark, written out. dbt-spark's own macro binds values, and in a session a
    NULL that is bound becomes the text 'None', and an apostrophe ends the text that it stands in.
#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set given_types = model['config'].get('column_types', {}) -%}
    {%- set statement = namespace(first=none) -%}
    {%- for rows in agate_table.rows | batch(get_batch_size()) -%}
        {%- set sql -%}
            insert into {{ this.render() }} values
            {%- for row in rows %}
            (
                {%- for column in agate_table.column_names -%}
                    {%- set type = given_types.get(column, adapter.convert_type(agate_table, loop.index0)) -%}
                    cast({{ spark_literal(row[column]) }} as {{ type }}){{ ', ' if not loop.last }}
                {%- endfor -%}
            ){{ ',' if not loop.last }}
            {%- endfor %}
        {%- endset -%}
        {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
        {%- set statement.first = statement.first or sql -%}
    {%- endfor -%}
    {{ return(statement.first) }}
{% endmacro %}

{% macro spark_literal(value) -%}
    {%- if value is none -%}
        null
    {%- else -%}
        '{{ (value | string) | replace('\\', '\\\\') | replace("'", "\\'") }}'
    {%- endif -%}
{%- endmacro %}
