-- The same areas, and whether any cell has changed or anything else is hidden further there.
with area_changes as (

    select * from {{ ref('int_area_changes') }}

),

audit as (

    select * from {{ ref('int_disclosure_audit') }}

),

last_audit as (

    {{ last_rows_of('int_disclosure_audit') }}

),

both_sides as (

    select
        *,
        1 as side
    from audit
    where is_suppressed_further
    union all
    select
        *,
        -1 as side
    from last_audit
    where is_suppressed_further

),

digests as (

    select
        side,
        area_type,
        area_code,
        sum({{ digest_of(['subject'] + cell_column_names()) }}) as digest
    from both_sides
    group by side, area_type, area_code

),

hidden_otherwise as (

    select
        area_type,
        area_code
    from digests
    group by area_type, area_code
    having count(*) = 1 or min(digest) <> max(digest)

),

final as (

    select
        area_changes.area_type,
        area_changes.area_code,
        area_changes.is_changed or hidden_otherwise.area_code is not null as is_changed
    from area_changes
    left join hidden_otherwise
        on
            area_changes.area_type = hidden_otherwise.area_type
            and area_changes.area_code = hidden_otherwise.area_code

)

select * from final
