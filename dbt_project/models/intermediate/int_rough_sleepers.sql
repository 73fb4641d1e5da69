-- For each period and each rough sleeping stay that touches it: the person, the stay's service, and
-- whether the person was supported into temporary accommodation, by any service, on a day of the
-- period that is not before the start of one of their rough sleeping stays that touch it.
with stays as (

    select * from {{ ref('int_stays_in_effect') }}

),

periods as (

    select * from {{ ref('int_periods') }}

),

rough_sleeping as (

    select
        periods.period_type,
        periods.period_start,
        periods.period_end,
        stays.person_key,
        stays.service_code,
        min(stays.start_date) over (
            partition by periods.period_type, periods.period_start, stays.person_key
        ) as first_start
    from stays
    inner join periods
        on stays.start_date <= periods.period_end and stays.last_day >= periods.period_start
    where stays.accommodation = 'rough_sleeping' and periods.has_return_in_effect

),

housed as (

    select distinct
        rough_sleeping.period_type,
        rough_sleeping.period_start,
        rough_sleeping.person_key
    from rough_sleeping
    inner join stays
        on
            rough_sleeping.person_key = stays.person_key
            and rough_sleeping.period_start <= stays.start_date
            and rough_sleeping.period_end >= stays.start_date
            and rough_sleeping.first_start <= stays.start_date
    where
        stays.supported = 'Y'
        and stays.accommodation in ('night_shelter', 'hostel', 'temporary')

),

final as (

    select
        rough_sleeping.period_type,
        rough_sleeping.period_start,
        rough_sleeping.person_key,
        rough_sleeping.service_code,
        housed.person_key is not null as is_housed
    from rough_sleeping
    left join housed
        on
            rough_sleeping.period_type = housed.period_type
            and rough_sleeping.period_start = housed.period_start
            and rough_sleeping.person_key = housed.person_key

)

select * from final
