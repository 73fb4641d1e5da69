{{ config(
    materialized='incremental' if target.type == 'duckdb' else 'table',
    incremental_strategy='append',
    pre_hook="{{ forget_changed_cells('measure_id', 'int_cell_changes') }}",
    post_hook="{{ note_computed('measures', after='changes') }}"
) }}

-- Every measure in every cell that has units: kept from the last time where nothing has changed.
with cell_changes as (

    select * from {{ ref('int_cell_changes') }}

),

final as (

    select
        measure_id,
        {{ cell_columns() }},
        value
    from cell_changes
    where value is not null

)

select * from final
