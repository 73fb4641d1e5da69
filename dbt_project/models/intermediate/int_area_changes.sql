{{ config(materialized="view") }}

-- The areas and financial years that have published cells or had some the last time, and whether any of
-- these has changed.
with digests as (

    select * from {{ ref('int_area_digests') }}

),

last_digests as (

    {{ last_rows_of('int_area_digests') }}

),

both_sides as (

    select * from digests
    union all
    select * from last_digests

),

final as (

    select
        area_type,
        area_code,
        financial_year,
        count(*) = 1 or min(digest) <> max(digest) or min(cells) <> max(cells) as is_changed
    from both_sides
    group by area_type, area_code, financial_year

)

select * from final
