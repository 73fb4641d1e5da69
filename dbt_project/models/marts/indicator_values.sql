{{ config(
    materialized='incremental' if target.type == 'duckdb' else 'table',
    incremental_strategy='append',
    pre_hook="{{ forget_changed_cells('indicator_id', 'int_indicator_cell_changes') }}",
    post_hook="{{ note_computed('all', after='measures') }}"
) }}

-- depends_on: {{ ref('int_indicator_cell_changes') }}
-- Every indicator in every cell where its numerator or its denominator has units, exact: kept from the last
-- time where nothing has changed.
with indicators as (

    select * from {{ ref('int_indicator_values') }}

),

final as (

    select
        indicator_id,
        {{ cell_columns() }},
        numerator,
        denominator,
        value,
        lower_ci,
        upper_ci,
        is_provisional
    from indicators

)

select * from final
