-- Accommodation and independent living: from the street into a home, and out of hospital.
with rough_sleepers as (

    select * from {{ ref('int_rough_sleepers') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

stays as (

    select * from {{ ref('int_stays_in_effect') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

discharges as (

    select * from {{ ref('int_discharges') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

final as (

    {{ units_of_people_by_period('people_sleeping_rough', 'rough_sleepers') }}
    union all
    {{ units_of_people_by_period('rough_sleepers_housed_temporarily', 'rough_sleepers', 'is_housed') }}
    union all
    {{ units_of_people('people_permanently_housed', 'stays', 'start_date', "supported = 'Y' and accommodation in ('settled_social', 'settled_private', 'site_pitch')") }}
    union all
    {{ units_of_states('step_down_discharges', 'discharges', 'discharged_date', 'discharged_date', 'is_stepped_down') }}

)

select * from final
