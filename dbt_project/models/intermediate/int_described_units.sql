{{ config(
    materialized='replaced_by_person' if target.type == 'duckdb' else 'table',
    puts_by=true,
    sliced_by='persons',
    pre_hook=["{{ note_by_hand() }}", "{{ only_touched() }}"],
    post_hook=["{{ all_again() }}", "{{ note_described() }}"]
) }}

-- The units of every measure with what their person is, in the period, for the breakdowns. Each night those
-- of touched persons and those of nobody are described anew, and all others' stay.
with units as (

    select * from {{ ref('int_measure_units') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

measures as (

    select * from {{ ref('int_measures') }}

),

persons as (

    select * from {{ ref('int_persons') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

shared_persons as (

    select * from {{ ref('int_shared_persons') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

person_ages as (

    select * from {{ ref('int_person_ages') }}

),

final as (

    select
        units.measure,
        units.period,
        units.person_key,
        units.service_code,
        units.units,
        units.amount,
        persons.gender,
        persons.ethnic_group,
        coalesce(person_ages.age_band, 'unknown') as age_band,
        -- Counted once, though they may come through several services.
        measures.counts_persons and shared_persons.person_key is not null as is_shared
    from units
    inner join measures on units.measure = measures.measure
    left join persons on units.person_key = persons.person_key
    left join shared_persons on units.person_key = shared_persons.person_key
    left join person_ages
        on
            persons.birth_year = person_ages.birth_year
            and floor(units.period / 1000.0) = person_ages.year_of_period

)

select * from final
