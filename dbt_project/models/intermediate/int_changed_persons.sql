{{ config(materialized="view") }}

-- Each provider's persons of whom a changed return says something: whom it has a row of, or whose
-- episode it names. An episode may be another person's than before: so all whose any return has said it is
-- are among them.
with changed_returns as (

    select * from {{ ref('int_changed_returns') }}

),

changed_episodes as (

    select * from {{ ref('int_changed_episodes') }}

),

people as (

    select * from {{ ref('stg_returns__people') }}

),

episodes as (

    select * from {{ ref('stg_returns__episodes') }}

),

final as (

    select
        people.provider_code,
        people.person_id
    from people
    inner join changed_returns on people.judgement_id = changed_returns.judgement_id
    union distinct
    select
        episodes.provider_code,
        episodes.person_id
    from episodes
    inner join changed_episodes
        on
            episodes.provider_code = changed_episodes.provider_code
            and episodes.episode_id = changed_episodes.episode_id

)

select * from final
