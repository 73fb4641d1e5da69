-- Mental health: admissions, and scores of self-esteem and coping followed up over time.
with admissions as (

    select * from {{ ref('int_admissions_in_effect') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

paired_assessments as (

    select * from {{ ref('int_paired_assessments') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

final as (

    {{ units_of_states('mental_health_admissions', 'admissions', 'admitted_date', 'admitted_date', "reason = 'mental_health'") }}
    union all
    {{ units_of_paired_assessments('followed_up_rses', 'rses') }}
    union all
    {{ units_of_paired_assessments('improved_rses', 'rses', 'is_improved') }}
    union all
    {{ units_of_paired_assessments('followed_up_brcs', 'brcs') }}
    union all
    {{ units_of_paired_assessments('improved_brcs', 'brcs', 'is_improved') }}

)

select * from final
