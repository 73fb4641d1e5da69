-- What can be said of each monthly series today: whether the latest month that is shown of its
-- latest phase stands out from the others of that phase, in fields and in a sentence.
with changes as (

    select * from {{ ref('published_changes') }}

),

signals as (

    select * from {{ ref('int_change_signals') }}

),

series_breaks as (

    select * from {{ ref('int_series_breaks') }}

),

policy as (

    select * from {{ ref('int_change_policy') }}

),

indicators as (

    select * from {{ ref('indicators') }}

),

verdicts as (

    select * from {{ ref('change_verdicts') }}

),

reasons as (

    select * from {{ ref('change_reasons') }}

),

remarks as (

    select * from {{ ref('remarks') }}

),

latest_phases as (

    select
        {{ series_columns() }},
        max(phase) as phase
    from changes
    group by {{ series_columns() }}

),

of_latest_phase as (

    select changes.*
    from changes
    inner join latest_phases
        on
            changes.indicator_id = latest_phases.indicator_id
            and changes.area_type = latest_phases.area_type
            and changes.area_code = latest_phases.area_code
            and changes.phase = latest_phases.phase

),

series as (

    select
        release_id,
        {{ series_columns() }},
        is_trial,
        no_verdict_reason,
        mean,
        lower_limit,
        upper_limit,
        count(*) as months,
        count(value) as months_shown,
        max(case when value is not null then period_start end) as latest_month
    from of_latest_phase
    group by
        release_id, {{ series_columns() }}, is_trial, no_verdict_reason, mean, lower_limit, upper_limit

),

said_of_breaks as (

    select
        {{ series_columns('series_breaks.') }},
        {{ dbt.listagg(
            fill('remarks.sentence', {
                'month': month_in_words('series_breaks.month'), 'reason': 'series_breaks.reason'
            }),
            "' '", 'order by series_breaks.month'
        ) }} as breaks
    from series_breaks
    inner join remarks on remarks.remark = 'break'
    group by {{ series_columns('series_breaks.') }}

),

judged as (

    select
        series.*,
        latest.value,
        latest.variation,
        signals.direction,
        signals.run_months,
        signals.trend_months,
        indicators.statistic,
        indicators.unit,
        said_of_breaks.breaks,
        case when signals.direction = -1 then series.lower_limit else series.upper_limit end as limit_crossed,
        coalesce(series.no_verdict_reason, signals.reason) as reason
    from series
    inner join indicators on series.indicator_id = indicators.indicator_id
    left join of_latest_phase as latest
        on
            series.indicator_id = latest.indicator_id
            and series.area_type = latest.area_type
            and series.area_code = latest.area_code
            and series.latest_month = latest.period_start
    left join signals
        on
            series.indicator_id = signals.indicator_id
            and series.area_type = signals.area_type
            and series.area_code = signals.area_code
            and series.latest_month = signals.period_start
    left join said_of_breaks
        on
            series.indicator_id = said_of_breaks.indicator_id
            and series.area_type = said_of_breaks.area_type
            and series.area_code = said_of_breaks.area_code

),

worded as (

    select
        judged.*,
        policy.trial_points,
        {{ month_in_words('judged.latest_month') }} as month_words,
        {{ figure('judged.value', 'judged.statistic', 'judged.unit') }} as value_words,
        {{ figure('judged.mean', 'judged.statistic', 'judged.unit') }} as mean_words,
        {{ figure('judged.limit_crossed', 'judged.statistic', 'judged.unit') }} as limit_words,
        {{ months_in_words("case when judged.reason = 'trend' then judged.trend_months else judged.run_months end") }}
            as run_words,
        case
            when judged.months_shown = 0 then 'no month'
            else 'only ' || {{ months_in_words('judged.months_shown') }}
        end as shown_words,
        {{ months_in_words('judged.months') }} as months_words,
        cast(judged.months - judged.months_shown as {{ dbt.type_string() }}) as hidden_words,
        cast(policy.least_points as {{ dbt.type_string() }}) as least_points_words
    from judged
    cross join policy

),

said as (

    select
        worded.*,
        verdicts.verdict,
        verdicts.label || ': '
        || {{ fill('case when worded.direction = -1 then reasons.sentence_low else reasons.sentence_high end', {
            'month': 'month_words',
            'value': 'value_words',
            'mean': 'mean_words',
            'limit': 'limit_words',
            'run': 'run_words',
            'shown': 'shown_words',
            'months': 'months_words',
            'hidden': 'hidden_words',
            'least_points': 'least_points_words',
        }) }} as verdict_sentence
    from worded
    inner join verdicts on coalesce(worded.variation, '') = coalesce(verdicts.variation, '')
    inner join reasons on worded.reason = reasons.reason

),

final as (

    select
        said.release_id,
        {{ series_columns('said.') }},
        said.months,
        said.months_shown,
        said.latest_month,
        said.verdict,
        said.reason,
        said.is_trial,
        said.breaks,
        said.verdict_sentence
        || case
            when said.verdict <> 'no_verdict' and said.is_trial
                then ' ' || {{ fill('trial.sentence', {
                    'trial_points': 'cast(said.trial_points as ' ~ dbt.type_string() ~ ')'
                }) }}
            else ''
        end
        || coalesce(' ' || said.breaks, '') as sentence
    from said
    inner join remarks as trial on trial.remark = 'trial'

)

select * from final
