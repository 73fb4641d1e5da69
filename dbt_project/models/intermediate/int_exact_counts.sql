-- The exact counts of people that something is published of: of each measure, and of what remains of
-- a denominator, with how its parts add up over areas and over time.
-- A view, since one model alone reads it: to write it down takes longer than to work it out.
{{ config(materialized='view') }}
with cells as (

    select * from {{ ref('int_published_cells') }}
    where {{ area_wanted() }}

),

indicators as (

    select * from {{ ref('indicators') }}

),

measures as (

    select * from {{ ref('measures') }}

),

part_indicators as (

    select * from {{ ref('int_part_indicators') }}

),

counted as (

    select
        numerators.measure_id as subject,
        numerators.over_areas,
        numerators.over_time,
        {{ cell_columns('cells.') }},
        cells.numerator as exact
    from cells
    inner join indicators on cells.indicator_id = indicators.indicator_id
    inner join measures as numerators on indicators.numerator = numerators.measure_id
    where numerators.concerns_people = 'yes'
    union all
    select
        denominators.measure_id as subject,
        denominators.over_areas,
        denominators.over_time,
        {{ cell_columns('cells.') }},
        cells.denominator as exact
    from cells
    inner join indicators on cells.indicator_id = indicators.indicator_id
    inner join measures as denominators on indicators.denominator = denominators.measure_id
    where indicators.statistic <> 'count'
    union all
    select
        {{ remainder_of('cells.indicator_id') }} as subject,
        case
            when numerators.over_areas = 'sum' and denominators.over_areas = 'sum' then 'sum'
            else 'none'
        end as over_areas,
        case
            when numerators.over_time = 'sum' and denominators.over_time = 'sum' then 'sum'
            else 'none'
        end as over_time,
        {{ cell_columns('cells.') }},
        cells.denominator - cells.numerator as exact
    from cells
    inner join part_indicators on cells.indicator_id = part_indicators.indicator_id
    inner join indicators on cells.indicator_id = indicators.indicator_id
    inner join measures as numerators on indicators.numerator = numerators.measure_id
    inner join measures as denominators on indicators.denominator = denominators.measure_id
    -- In some months more left than stayed, since the rest was not sent: then nothing remains.
    where cells.numerator <= cells.denominator

),

-- A measure stands in several indicators, with the same count in each.
final as (

    select
        subject,
        over_areas,
        over_time,
        {{ cell_columns() }},
        {{ financial_year_of('period_start') }} as financial_year,
        max(exact) as exact
    from counted
    group by subject, over_areas, over_time, {{ cell_columns() }}

)

select * from final
