-- Employment: training, interviews and paid work.
with outcomes as (

    select * from {{ ref('int_outcomes_in_effect') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

final as (

    {{ units_of_people('people_training', 'outcomes', 'outcome_date', "outcome = 'training_started'") }}
    union all
    {{ units_of_people('people_interviewed', 'outcomes', 'outcome_date', "outcome = 'interview'") }}
    union all
    {{ units_of_people('people_employed', 'outcomes', 'outcome_date', "outcome = 'employment_started'") }}
    union all
    {{ units_of_people('people_employed_or_interviewed', 'outcomes', 'outcome_date', "outcome in ('employment_started', 'interview')") }}

)

select * from final
