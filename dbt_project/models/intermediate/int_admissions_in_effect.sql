-- The row that counts of each admission, with the person and the service of its episode.
with admissions as (

    select * from {{ ref('stg_returns__admissions') }}

),

returns_in_effect as (

    select * from {{ ref('int_returns_in_effect') }}

),

episodes as (

    select * from {{ ref('int_episodes_in_effect') }}

),

ranked as (

    select
        admissions.*,
        row_number() over (
            partition by admissions.provider_code, admissions.admission_id order by admissions.month desc
        ) as place
    from admissions
    inner join returns_in_effect on admissions.judgement_id = returns_in_effect.judgement_id

),

final as (

    select
        ranked.provider_code,
        episodes.person_key,
        episodes.service_code,
        ranked.admission_id,
        ranked.admitted_date,
        ranked.discharged_date,
        ranked.method,
        ranked.reason,
        ranked.discharge_destination
    from ranked
    inner join episodes
        on ranked.provider_code = episodes.provider_code and ranked.episode_id = episodes.episode_id
    where ranked.place = 1

)

select * from final
