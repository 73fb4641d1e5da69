-- Activity: what was done, for how many, at what cost, and how people fared.
with contacts as (

    select * from {{ ref('int_contact_counts') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

episodes as (

    select * from {{ ref('int_episodes_in_effect') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

costs as (

    select * from {{ ref('int_costs_in_effect') }}
    where {{ in_slice('null') }}

),

admissions as (

    select * from {{ ref('int_admissions_in_effect') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

discharges as (

    select * from {{ ref('int_discharges') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

outcomes as (

    select * from {{ ref('int_outcomes_in_effect') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

cost_gbp as (

    select
        'cost_gbp' as measure_id,
        cast(null as {{ dbt.type_string() }}) as person_key,
        service_code,
        month as first_day,
        month as last_day,
        cast(null as {{ dbt.type_string() }}) as period_type,
        cast(count(*) as {{ dbt.type_bigint() }}) as units,
        sum(amount_gbp) as amount
    from costs
    group by service_code, month

),

final as (

    {{ units_of_events('attended_contacts', 'contacts', 'month', "attendance = 'attended'", 'sum(contacts)') }}
    union all
    {{ units_of_people('people_supported', 'contacts', 'month', "attendance = 'attended'") }}
    union all
    {{ units_of_people_in_states('people_on_caseload', 'episodes', 'start_date', 'last_open_day') }}
    union all
    {{ units_of_states('episodes_open', 'episodes', 'start_date', 'last_open_day') }}
    union all
    {{ units_of_states('episodes_ended', 'episodes', 'end_date', 'end_date', 'end_date is not null') }}
    union all
    select * from cost_gbp
    union all
    {{ units_of_states('admissions', 'admissions', 'admitted_date', 'admitted_date') }}
    union all
    {{ units_of_states('discharges', 'discharges', 'discharged_date', 'discharged_date') }}
    union all
    {{ units_of_states('readmissions_30d', 'discharges', 'discharged_date', 'discharged_date', 'is_readmitted') }}
    union all
    {{ units_of_events('crisis_events', 'outcomes', 'outcome_date', "outcome in ('crisis', 'relapse')") }}

)

select * from final
