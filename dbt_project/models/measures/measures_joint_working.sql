-- Joint working: hand-overs between agencies, and cases that several look at together.
with handovers as (

    select * from {{ ref('int_handovers_in_effect') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

case_reviews as (

    select * from {{ ref('int_case_reviews_in_effect') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

final as (

    {{ units_of_events('handovers_made', 'handovers', 'handover_date') }}
    union all
    {{ units_of_events('handovers_answered', 'handovers', 'handover_date', "result in ('accepted', 'declined')") }}
    union all
    {{ units_of_events('handovers_accepted', 'handovers', 'handover_date', "result = 'accepted'") }}
    union all
    {{ units_of_people('people_mdt_reviewed', 'case_reviews', 'review_date', "multidisciplinary = 'Y'") }}

)

select * from final
