-- The areas and financial years of published cells, and whether any cell has changed there or others are
-- hidden further.
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
        {{ financial_year_of('period_start') }} as financial_year,
        1 as side
    from audit
    where is_suppressed_further
    union all
    select
        *,
        {{ financial_year_of('period_start') }} as financial_year,
        -1 as side
    from last_audit
    where is_suppressed_further

),

digests as (

    select
        side,
        area_type,
        area_code,
        financial_year,
        sum({{ digest_of(['subject'] + cell_column_names()) }}) as digest
    from both_sides
    group by side, area_type, area_code, financial_year

),

hidden_otherwise as (

    select
        area_type,
        area_code,
        financial_year
    from digests
    group by area_type, area_code, financial_year
    having count(*) = 1 or min(digest) <> max(digest)

),

final as (

    select
        area_changes.area_type,
        area_changes.area_code,
        area_changes.financial_year,
        area_changes.is_changed or hidden_otherwise.area_code is not null as is_changed
    from area_changes
    left join hidden_otherwise
        on
            area_changes.area_type = hidden_otherwise.area_type
            and area_changes.area_code = hidden_otherwise.area_code
            and area_changes.financial_year = hidden_otherwise.financial_year

)

select * from final
