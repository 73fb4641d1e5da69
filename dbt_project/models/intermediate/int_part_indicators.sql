-- The proportions whose numerator is a part of their denominator, so that what remains is a count of
-- people too: those of which no cell ever had more above than below.
with cells as (

    select * from {{ ref('int_published_cells') }}

),

indicators as (

    select * from {{ ref('indicators') }}

),

final as (

    select cells.indicator_id
    from cells
    inner join indicators on cells.indicator_id = indicators.indicator_id
    where indicators.statistic = 'proportion'
    group by cells.indicator_id
    having max(cells.numerator - cells.denominator) <= 0

)

select * from final
