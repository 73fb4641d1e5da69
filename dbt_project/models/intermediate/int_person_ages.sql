-- The age band of those born in a year, in a period that begins in a year: the age is the one minus
-- the other.
with persons as (

    select * from {{ ref('int_persons') }}

),

periods as (

    select * from {{ ref('int_periods') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

born as (

    select distinct birth_year
    from persons
    where birth_year is not null

),

begun as (

    select distinct extract(year from period_start) as year_of_period
    from periods

),

final as (

    select
        born.birth_year,
        begun.year_of_period,
        age_bands.age_band
    from born
    cross join begun
    inner join age_bands
        on
            begun.year_of_period - born.birth_year >= coalesce(age_bands.from_age, -999)
            and begun.year_of_period - born.birth_year <= coalesce(age_bands.to_age, 999)

)

select * from final
