-- The signs of special cause in every month of a phase that has limits, as Making Data Count has
-- them and NHSRplotthedots marks them: every month that makes up a sign is marked.
--
-- `direction` is 1 upwards and -1 downwards: the side of the mean that the month lies on, but for a
-- trend, which has its own direction wherever it is (NHSRplotthedots since 0.2.2, issue 171).
-- `run_months` and `trend_months` say how long the run and the trend are that a month is in.
{% set in_order %}partition by {{ series_columns() }}, phase order by period_start{% endset %}
{% set so_far %}{{ in_order }} rows between unbounded preceding and current row{% endset %}
{% set triple %}{{ in_order }} rows between 2 preceding and current row{% endset %}

with months as (

    select * from {{ ref('int_change_months') }}

),

phases as (

    select * from {{ ref('int_change_phases') }}

),

placed as (

    select
        {{ series_columns('months.') }},
        months.period_start,
        months.phase,
        months.value,
        months.value_before,
        phases.mean,
        {{ side_of('months.value', 'phases.mean') }} as side,
        {{ side_of('months.value', 'months.value_before') }} as step,
        {{ is_above('months.value', 'phases.upper_limit') }}
        or {{ is_above('phases.lower_limit', 'months.value') }} as is_beyond_limit,
        {{ is_above('abs(months.value - phases.mean)', outer_third() ~ ' * (phases.upper_limit - phases.mean)') }}
            as is_far_out
    from months
    inner join phases
        on
            months.indicator_id = phases.indicator_id
            and months.area_type = phases.area_type
            and months.area_code = phases.area_code
            and months.phase = phases.phase
    where phases.no_verdict_reason is null

),

-- A run begins where the side changes or the month before is not there; a month on the mean is a
-- run of its own, as 0 is no side. So with steps up and down, where two alike are a step of 0.
begun as (

    select
        *,
        case
            when value_before is not null and lag(side) over ({{ in_order }}) = side then 0
            else 1
        end as begins_run,
        case when lag(step) over ({{ in_order }}) = step then 0 else 1 end as begins_steps,
        case when is_far_out and not is_beyond_limit then 1 else 0 end as is_near_limit,
        case when value_before is not null then 1 else 0 end as follows_on
    from placed

),

numbered as (

    select
        *,
        sum(begins_run) over ({{ so_far }}) as run_number,
        sum(begins_steps) over ({{ so_far }}) as steps_number,
        -- three months, each after the other, all on one side, of which two lie near its limit
        abs(sum(side) over ({{ triple }})) = 3
        and follows_on + lag(follows_on) over ({{ in_order }}) = 2
        and sum(is_near_limit) over ({{ triple }}) >= 2 as ends_two_of_three
    from begun

),

measured as (

    select
        *,
        count(*) over (partition by {{ series_columns() }}, phase, run_number) as run_months,
        1 + count(*) over (partition by {{ series_columns() }}, phase, steps_number) as trend_months
    from numbered

),

-- A step that belongs to a trend marks the month that it leads to and the one that it comes from.
trending as (

    select
        *,
        case when step <> 0 and trend_months >= {{ run_of_months() }} then step end as trend_to,
        case when ends_two_of_three then 1 else 0 end as ends_sign
    from measured

),

trended as (

    select
        *,
        -- where one trend ends and another begins, the month is of the one that begins
        coalesce(lead(trend_to) over ({{ in_order }}), trend_to) as trend_direction,
        ends_sign
        + coalesce(lead(ends_sign, 1) over ({{ in_order }}), 0)
        + coalesce(lead(ends_sign, 2) over ({{ in_order }}), 0) as signs_of_two_of_three
    from trending

),

marked as (

    select
        {{ series_columns() }},
        period_start,
        side,
        run_months,
        trend_months,
        trend_direction,
        is_beyond_limit,
        side <> 0 and run_months >= {{ run_of_months() }} as is_shift,
        trend_direction is not null as is_trend,
        is_near_limit = 1 and signs_of_two_of_three > 0 as is_two_of_three
    from trended
    where value is not null

),

final as (

    select
        {{ series_columns() }},
        period_start,
        run_months,
        trend_months,
        is_beyond_limit,
        is_shift,
        is_trend,
        is_two_of_three,
        case
            when is_beyond_limit then 'beyond_limit'
            when is_trend then 'trend'
            when is_two_of_three then 'two_of_three'
            when is_shift then 'shift'
            else 'common_cause'
        end as reason,
        case
            when is_beyond_limit then side
            when is_trend then trend_direction
            when is_two_of_three or is_shift then side
            else 0
        end as direction
    from marked

)

select * from final
