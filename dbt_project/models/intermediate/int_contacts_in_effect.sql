-- Every contacts row of a return in effect, with the person and the service of its episode.
with contacts as (

    select * from {{ ref('stg_returns__contacts') }}

),

returns_in_effect as (

    select * from {{ ref('int_returns_in_effect') }}

),

episodes as (

    select * from {{ ref('int_episodes_in_effect') }}

),

final as (

    select
        contacts.provider_code,
        contacts.month,
        contacts.episode_id,
        episodes.person_key,
        episodes.service_code,
        contacts.contact_id,
        contacts.contact_date,
        contacts.attendance,
        contacts.purpose
    from contacts
    inner join returns_in_effect on contacts.judgement_id = returns_in_effect.judgement_id
    inner join episodes
        on
            contacts.provider_code = episodes.provider_code
            and contacts.episode_id = episodes.episode_id

)

select * from final
