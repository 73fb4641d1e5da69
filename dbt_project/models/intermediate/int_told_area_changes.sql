{{ config(materialized="view") }}

-- The areas and financial years of published cells, and whether what is told of any count there may have
-- changed. It has not where the last
-- night's release is the newest there is, and the audit finds the same: then that has been told.
with area_changes as (

    select * from {{ ref('int_audited_area_changes') }}

),

last_told_by as (

    select * from {{ ref('stg_intake__last_told_by') }}

),

final as (

    select
        area_changes.area_type,
        area_changes.area_code,
        area_changes.financial_year,
        area_changes.is_changed or not last_told_by.is_last_night as is_changed
    from area_changes
    cross join last_told_by

)

select * from final
