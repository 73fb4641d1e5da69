{{ config(
    materialized='replaced_by_person' if target.type == 'duckdb' else 'table',
    pre_hook=["{{ note_by_hand() }}", "{{ only_touched() }}"],
    post_hook=["{{ all_again() }}", "{{ note_brought_up() }}"]
) }}

-- The contacts of returns in effect, counted for each person, service, month, attendance and purpose.
-- They are by far the most rows there are: they are read once, here, and counted before anything is
-- looked up; after the first night only those of touched persons' episodes are. (A contact lies in the month
-- of its return, and its identifier is unique there.)
with episodes as (

    select * from {{ ref('int_episodes_in_effect') }}
    where {{ is_touched('person_key') }}

),

contacts as (

    select * from {{ ref('stg_returns__contacts') }}

),

returns_in_effect as (

    select * from {{ ref('int_returns_in_effect') }}

),

counted as (

    select
        judgement_id,
        episode_id,
        {{ month_of('contact_date') }} as month,
        attendance,
        purpose,
        count(*) as contacts
    from contacts
    {% if has_last_rows('int_described_units') %}
        where exists (
            select 1
            from episodes
            where
                contacts.provider_code = episodes.provider_code
                and contacts.episode_id = episodes.episode_id
        )
    {% endif %}
    group by judgement_id, episode_id, {{ month_of('contact_date') }}, attendance, purpose

),

final as (

    select
        episodes.person_key,
        episodes.service_code,
        counted.month,
        counted.attendance,
        counted.purpose,
        cast(sum(counted.contacts) as {{ dbt.type_bigint() }}) as contacts
    from counted
    inner join returns_in_effect on counted.judgement_id = returns_in_effect.judgement_id
    inner join episodes
        on
            returns_in_effect.provider_code = episodes.provider_code
            and counted.episode_id = episodes.episode_id
    group by
        episodes.person_key, episodes.service_code, counted.month, counted.attendance, counted.purpose

)

select * from final
