-- Activity: what was done, for how many, at what cost, and how people fared.
with contacts as (

    select * from {{ ref('int_contacts_in_effect') }}

),

episodes as (

    select * from {{ ref('int_episodes_in_effect') }}

),

costs as (

    select * from {{ ref('int_costs_in_effect') }}

),

admissions as (

    select * from {{ ref('int_admissions_in_effect') }}

),

discharges as (

    select * from {{ ref('int_discharges') }}

),

outcomes as (

    select * from {{ ref('int_outcomes_in_effect') }}

),

cost_gbp as (

    select
        'cost_gbp' as measure_id,
        provider_code || '|' || cast(month as {{ dbt.type_string() }}) || '|' || cost_id as unit_id,
        cast(null as {{ dbt.type_string() }}) as person_key,
        service_code,
        month as first_day,
        month as last_day,
        cast(null as {{ dbt.type_string() }}) as period_type,
        amount_gbp as amount
    from costs

),

final as (

    {{ units_of_events('attended_contacts', 'contacts', 'contact_id', 'contact_date', "attendance = 'attended'") }}
    union all
    {{ units_of_people('people_supported', 'contacts', 'contact_date', 'contact_date', "attendance = 'attended'") }}
    union all
    {{ units_of_people('people_on_caseload', 'episodes', 'start_date', 'last_open_day') }}
    union all
    {{ units_of_states('episodes_open', 'episodes', 'episode_id', 'start_date', 'last_open_day') }}
    union all
    {{ units_of_states('episodes_ended', 'episodes', 'episode_id', 'end_date', 'end_date', 'end_date is not null') }}
    union all
    select * from cost_gbp
    union all
    {{ units_of_states('admissions', 'admissions', 'admission_id', 'admitted_date', 'admitted_date') }}
    union all
    {{ units_of_states('discharges', 'discharges', 'admission_id', 'discharged_date', 'discharged_date') }}
    union all
    {{ units_of_states('readmissions_30d', 'discharges', 'admission_id', 'discharged_date', 'discharged_date', 'is_readmitted') }}
    union all
    {{ units_of_events('crisis_events', 'outcomes', 'outcome_id', 'outcome_date', "outcome in ('crisis', 'relapse')") }}

)

select * from final
