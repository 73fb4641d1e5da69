-- Physical health and wellbeing: exercise, healthy living, and scores followed up over time.
with contacts as (

    select * from {{ ref('int_contact_counts') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

outcomes as (

    select * from {{ ref('int_outcomes_in_effect') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

paired_assessments as (

    select * from {{ ref('int_paired_assessments') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

final as (

    {{ units_of_people('people_exercise', 'outcomes', 'outcome_date', "outcome = 'exercise_started'") }}
    union all
    {{ units_of_events('healthy_living_sessions', 'contacts', 'month', "attendance = 'attended' and purpose = 'healthy_living'", 'sum(contacts)') }}
    union all
    {{ units_of_paired_assessments('followed_up_pss10', 'pss10') }}
    union all
    {{ units_of_paired_assessments('improved_pss10', 'pss10', 'is_improved') }}
    union all
    {{ units_of_paired_assessments('followed_up_bmi', 'bmi', 'baseline_score >= 25') }}
    union all
    {{ units_of_paired_assessments('improved_bmi', 'bmi', 'baseline_score >= 25 and is_improved') }}
    union all
    {{ units_of_paired_assessments('followed_up_weight', 'weight_kg') }}
    union all
    -- at most 95 per cent of the baseline
    {{ units_of_paired_assessments('improved_weight', 'weight_kg', 'latest_score * 100 <= baseline_score * 95') }}
    union all
    {{ units_of_paired_assessments('followed_up_smoking', 'cigarettes_per_day', 'baseline_score > 0') }}
    union all
    {{ units_of_paired_assessments('improved_smoking', 'cigarettes_per_day', 'baseline_score > 0 and is_improved') }}
    union all
    {{ units_of_paired_assessments('followed_up_substance', 'substance_days', 'baseline_score > 0') }}
    union all
    {{ units_of_paired_assessments('improved_substance', 'substance_days', 'baseline_score > 0 and is_improved') }}

)

select * from final
