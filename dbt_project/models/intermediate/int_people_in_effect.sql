-- The row that counts of each provider's person, and who that person is across providers: the
-- link_key where the row has one, otherwise the provider and its own pseudonym; both as a short text,
-- which every unit of the person carries.
with people as (

    select * from {{ ref('stg_returns__people') }}

),

returns_in_effect as (

    select * from {{ ref('int_returns_in_effect') }}

),

ranked as (

    select
        people.*,
        row_number() over (
            partition by people.provider_code, people.person_id order by people.month desc
        ) as place
    from people
    inner join returns_in_effect on people.judgement_id = returns_in_effect.judgement_id

),

final as (

    select
        judgement_id,
        provider_code,
        month,
        person_id,
        {{ short_key("coalesce(link_key, provider_code || '|' || person_id)") }} as person_key,
        birth_year,
        gender,
        ethnic_category
    from ranked
    where place = 1

)

select * from final
