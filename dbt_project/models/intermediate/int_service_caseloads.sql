-- People with an episode of a service open on at least one day of a month. Exact: it says which
-- narratives may be shown, and is never shown itself.
with episodes as (

    select * from {{ ref('int_episodes_in_effect') }}

),

periods as (

    select * from {{ ref('int_periods') }}

),

final as (

    select
        episodes.service_code,
        periods.period_start as month,
        count(distinct episodes.person_key) as people
    from episodes
    inner join periods
        on
            episodes.start_date <= periods.period_end
            and episodes.last_open_day >= periods.period_start
    where periods.period_type = 'month'
    group by episodes.service_code, periods.period_start

)

select * from final
