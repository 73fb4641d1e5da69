-- Patient choice: personal budgets, direct payments, and choice of provider or activity.
with outcomes as (

    select * from {{ ref('int_outcomes_in_effect') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

final as (

    {{ units_of_people('people_personal_budgets', 'outcomes', 'outcome_date', "outcome in ('personal_budget', 'direct_payment')") }}
    union all
    {{ units_of_people('people_choosing', 'outcomes', 'outcome_date', "outcome in ('chose_provider', 'chose_activity')") }}

)

select * from final
