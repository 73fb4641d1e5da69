-- The groups that any provider gives a person: for each provider, those of the return that holds
-- the person's row that counts.
with people as (

    select * from {{ ref('int_people_in_effect') }}

),

person_groups as (

    select * from {{ ref('stg_returns__person_groups') }}

),

final as (

    select distinct
        people.person_key,
        person_groups.inclusion_group
    from people
    inner join person_groups
        on
            people.judgement_id = person_groups.judgement_id
            and people.person_id = person_groups.person_id

)

select * from final
