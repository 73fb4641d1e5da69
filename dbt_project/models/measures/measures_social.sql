-- Social factors: relationships, support networks, and people who support others.
with outcomes as (

    select * from {{ ref('int_outcomes_in_effect') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

final as (

    {{ units_of_people('people_relationships', 'outcomes', 'outcome_date', "outcome in ('relationship_improved', 'relationship_new')") }}
    union all
    {{ units_of_people('people_support_networks', 'outcomes', 'outcome_date', "outcome = 'support_network_joined'") }}
    union all
    {{ units_of_people('people_supporting_others', 'outcomes', 'outcome_date', "outcome = 'supporting_others'") }}

)

select * from final
