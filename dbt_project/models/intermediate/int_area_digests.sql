{{ config(post_hook="{{ note_made() }}") }}

-- A number for each area and financial year that stands for all its published cells, with their exact
-- counts: the same the next time where nothing has changed there.
with cells as (

    select * from {{ ref('int_published_cells') }}

),

final as (

    select
        area_type,
        area_code,
        {{ financial_year_of('period_start') }} as financial_year,
        count(*) as cells,
        sum({{ digest_of(
            ['indicator_id'] + cell_column_names()
            + ['numerator', 'denominator', 'returns_expected', 'returns_in_effect']
        ) }}) as digest
    from cells
    group by area_type, area_code, {{ financial_year_of('period_start') }}

)

select * from final
