-- Discharges alive, each with what followed: an emergency re-admission of the same person within
-- 30 days, and step-down accommodation within 3 days or as the destination.
with admissions as (

    select * from {{ ref('int_admissions_in_effect') }}

),

stays as (

    select * from {{ ref('int_stays_in_effect') }}

),

returns_in_effect as (

    select * from {{ ref('int_returns_in_effect') }}

),

discharges as (

    select *
    from admissions
    where discharged_date is not null and coalesce(discharge_destination, '') <> 'died'

),

readmitted as (

    select distinct
        discharges.provider_code,
        discharges.admission_id
    from discharges
    inner join admissions as later
        on
            discharges.person_key = later.person_key
            and later.method = 'emergency'
            and discharges.discharged_date <= later.admitted_date
            and later.admitted_date <= {{ add_days('discharges.discharged_date', 30) }}
            and discharges.admitted_date <= later.admitted_date
            and (
                discharges.admission_id <> later.admission_id
                or discharges.provider_code <> later.provider_code
            )

),

stepped_down as (

    select distinct
        discharges.provider_code,
        discharges.admission_id
    from discharges
    inner join stays
        on
            discharges.person_key = stays.person_key
            and stays.accommodation = 'step_down'
            and discharges.discharged_date <= stays.start_date
            and stays.start_date <= {{ add_days('discharges.discharged_date', 3) }}

),

-- How far each provider's returns reach: a later re-admission cannot be known of yet.
known_until as (

    select
        provider_code,
        {{ last_day_of_month('max(month)') }} as last_known_day
    from returns_in_effect
    group by provider_code

),

final as (

    select
        discharges.provider_code,
        discharges.admission_id,
        discharges.person_key,
        discharges.service_code,
        discharges.discharged_date,
        readmitted.admission_id is not null as is_readmitted,
        stepped_down.admission_id is not null
        or coalesce(discharges.discharge_destination, '') = 'step_down' as is_stepped_down,
        {{ add_days('discharges.discharged_date', 30) }} <= known_until.last_known_day as is_followed_up
    from discharges
    inner join known_until on discharges.provider_code = known_until.provider_code
    left join readmitted
        on
            discharges.provider_code = readmitted.provider_code
            and discharges.admission_id = readmitted.admission_id
    left join stepped_down
        on
            discharges.provider_code = stepped_down.provider_code
            and discharges.admission_id = stepped_down.admission_id

)

select * from final
