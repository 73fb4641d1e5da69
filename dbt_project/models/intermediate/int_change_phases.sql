-- Each phase of each monthly series: its mean and its XmR limits, the mean give or take 2.66 times
-- the mean moving range, and why there are none where there must be none.
with months as (

    select * from {{ ref('int_change_months') }}

),

policy as (

    select * from {{ ref('int_change_policy') }}

),

phases as (

    select
        {{ series_columns() }},
        phase,
        count(*) as months_in_phase,
        count(value) as points_in_phase,
        {{ steady_mean('value') }} as mean,
        {{ steady_mean('abs(value - value_before)') }} as mean_moving_range,
        {{ steady_mean('least_count') }} as mean_least_count
    from months
    group by {{ series_columns() }}, phase

),

judged as (

    select
        phases.*,
        phases.points_in_phase < policy.trial_points as is_trial,
        case
            when phases.points_in_phase < policy.least_points then 'too_few_points'
            when phases.mean_least_count < policy.least_mean_count then 'small_numbers'
            when
                100 * (phases.months_in_phase - phases.points_in_phase)
                > policy.hidden_share_per_cent * phases.months_in_phase
                or phases.mean_moving_range is null
                then 'hidden_months'
        end as no_verdict_reason
    from phases
    cross join policy

),

final as (

    select
        {{ series_columns() }},
        phase,
        months_in_phase,
        points_in_phase,
        is_trial,
        no_verdict_reason,
        case when no_verdict_reason is null then mean end as mean,
        case when no_verdict_reason is null then mean - {{ xmr_width() }} * mean_moving_range end as lower_limit,
        case when no_verdict_reason is null then mean + {{ xmr_width() }} * mean_moving_range end as upper_limit
    from judged

)

select * from final
