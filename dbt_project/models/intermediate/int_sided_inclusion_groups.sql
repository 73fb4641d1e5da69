{{ config(materialized="view") }}

-- The groups of each person today (side 1) and the last time (side -1).
with groups as (

    select * from {{ ref('int_person_inclusion_groups') }}

),

last_groups as (

    {{ last_rows_of('int_person_inclusion_groups') }}

),

final as (

    select
        1 as side,
        person_key,
        inclusion_group
    from groups
    union all
    select
        -1 as side,
        person_key,
        inclusion_group
    from last_groups

)

select * from final
