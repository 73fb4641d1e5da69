-- Accommodation and independent living: from the street into a home, and out of hospital.
with rough_sleepers as (

    select * from {{ ref('int_rough_sleepers') }}

),

stays as (

    select * from {{ ref('int_stays_in_effect') }}

),

discharges as (

    select * from {{ ref('int_discharges') }}

),

people_sleeping_rough as (

    select
        'people_sleeping_rough' as measure_id,
        person_key as unit_id,
        person_key,
        service_code,
        period_start as first_day,
        period_start as last_day,
        period_type,
        cast(null as decimal(28, 10)) as amount
    from rough_sleepers

),

rough_sleepers_housed_temporarily as (

    select
        'rough_sleepers_housed_temporarily' as measure_id,
        person_key as unit_id,
        person_key,
        service_code,
        period_start as first_day,
        period_start as last_day,
        period_type,
        cast(null as decimal(28, 10)) as amount
    from rough_sleepers
    where is_housed

),

final as (

    select * from people_sleeping_rough
    union all
    select * from rough_sleepers_housed_temporarily
    union all
    {{ units_of_people('people_permanently_housed', 'stays', 'start_date', 'start_date', "supported = 'Y' and accommodation in ('settled_social', 'settled_private', 'site_pitch')") }}
    union all
    {{ units_of_states('step_down_discharges', 'discharges', 'admission_id', 'discharged_date', 'discharged_date', 'is_stepped_down') }}

)

select * from final
