{{ config(
    materialized='replaced_by_person' if target.type == 'duckdb' else 'table',
    sliced_by='persons',
    pre_hook=["{{ note_by_hand() }}", "{{ only_touched() }}"],
    post_hook=["{{ all_again() }}", "{{ note_brought_up() }}"]
) }}

-- For each assessment measure, person and period: the latest score of the period beside the
-- baseline, which is the earliest score of the same episode over all months. A person whose latest
-- score is itself the baseline is not followed up, and has no row.
with assessments as (

    select * from {{ ref('int_assessments_in_effect') }}
    where {{ in_slice('person_key') }} and {{ is_touched('person_key') }}

),

periods as (

    select * from {{ ref('int_periods') }}

),

assessment_measures as (

    select * from {{ ref('assessment_measures') }}

),

baselines as (

    select
        *,
        row_number() over (
            partition by provider_code, episode_id, measure
            order by assessment_date asc, assessment_id asc
        ) as place
    from assessments

),

latest as (

    select
        periods.period_type,
        periods.period_start,
        assessments.*,
        row_number() over (
            partition by
                periods.period_type, periods.period_start, assessments.person_key, assessments.measure
            order by
                assessments.assessment_date desc,
                assessments.provider_code desc,
                assessments.assessment_id desc
        ) as place
    from assessments
    inner join periods
        on
            assessments.assessment_date >= periods.period_start
            and assessments.assessment_date <= periods.period_end
    where periods.has_return_in_effect

),

final as (

    select
        latest.period_type,
        latest.period_start,
        latest.person_key,
        latest.service_code,
        latest.measure,
        baselines.score as baseline_score,
        latest.score as latest_score,
        case assessment_measures.better
            when 'lower' then latest.score < baselines.score
            when 'higher' then latest.score > baselines.score
        end as is_improved
    from latest
    inner join baselines
        on
            latest.provider_code = baselines.provider_code
            and latest.episode_id = baselines.episode_id
            and latest.measure = baselines.measure
    inner join assessment_measures on latest.measure = assessment_measures.measure
    where
        latest.place = 1
        and baselines.place = 1
        and not (
            latest.month = baselines.month and latest.assessment_id = baselines.assessment_id
        )

)

select * from final
