-- Each target of the registry beside the published figures: where it began, where it is, where a
-- straight line would have it, and what follows. From published figures and public facts alone.
--
-- A figure is that of its period's last day. The line runs from the baseline's last day to the day
-- on which the target is due, and then stays at the target. What is better is the indicator's own
-- polarity; of a neutral indicator, the direction from the baseline to the target.
with targets as (

    select * from {{ ref('stg_registry__targets') }}

),

published_indicators as (

    select * from {{ ref('published_indicators') }}

),

indicators as (

    select * from {{ ref('indicators') }}

),

refresh as (

    select * from {{ ref('stg_intake__refresh') }}

),

for_everyone as (

    select
        indicator_id,
        period_type,
        period_start,
        {{ period_end('period_type', 'period_start') }} as period_end,
        area_type,
        area_code,
        value,
        lower_ci,
        upper_ci,
        is_provisional,
        returns_expected,
        returns_in_effect
    from published_indicators
    where breakdown_type = 'all' and status = 'shown'

),

-- A period that is not over is not compared: a part of a year is no year.
periods_since as (

    select
        targets.line,
        for_everyone.period_start,
        for_everyone.period_end,
        for_everyone.value,
        for_everyone.lower_ci,
        for_everyone.upper_ci,
        for_everyone.is_provisional,
        for_everyone.returns_expected,
        for_everyone.returns_in_effect,
        row_number() over (
            partition by targets.line
            order by for_everyone.period_start desc
        ) as place_from_last
    from targets
    inner join for_everyone
        on
            targets.indicator_id = for_everyone.indicator_id
            and targets.area_type = for_everyone.area_type
            and targets.area_code = for_everyone.area_code
            and targets.period_type = for_everyone.period_type
            and targets.baseline_period_start < for_everyone.period_start
    cross join refresh
    where targets.message is null and for_everyone.period_end < refresh.as_at

),

beside_figures as (

    select
        targets.line,
        targets.indicator_id,
        targets.area_type,
        targets.area_code,
        targets.period_type,
        targets.baseline_period_start,
        targets.baseline_period_end,
        targets.target_value,
        targets.due_date,
        targets.message,
        indicators.unit,
        baseline.value as baseline_value,
        latest.period_start as current_period_start,
        latest.period_end as current_period_end,
        latest.value as current_value,
        latest.lower_ci,
        latest.upper_ci,
        latest.is_provisional,
        latest.returns_expected,
        latest.returns_in_effect,
        case indicators.better
            when 'higher' then 1
            when 'lower' then -1
            else nullif(sign(targets.target_value - baseline.value), 0)
        end as direction
    from targets
    left join indicators on targets.indicator_id = indicators.indicator_id
    left join for_everyone as baseline
        on
            targets.indicator_id = baseline.indicator_id
            and targets.area_type = baseline.area_type
            and targets.area_code = baseline.area_code
            and targets.period_type = baseline.period_type
            and targets.baseline_period_start = baseline.period_start
            and targets.message is null
    left join periods_since as latest
        on targets.line = latest.line and latest.place_from_last = 1

),

expected as (

    select
        *,
        case
            when current_period_end >= due_date and baseline_value is not null then target_value
            else
                baseline_value + (target_value - baseline_value)
                * cast({{ dbt.datediff('baseline_period_end', 'current_period_end', 'day') }} as double)
                / {{ dbt.datediff('baseline_period_end', 'due_date', 'day') }}
        end as expected_now
    from beside_figures

),

-- Two roads to one number may differ in its last bits: that alone keeps nobody off the line.
judged as (

    select
        *,
        case
            when message is not null then 'refused'
            when current_value is null or direction is null then 'cannot_be_told'
            when direction * (current_value - target_value) >= -1e-9 then 'met'
            when baseline_value is null then 'cannot_be_told'
            when direction * (current_value - expected_now) >= -1e-9 then 'on_track'
            when lower_ci is null or upper_ci is null then 'cannot_be_told'
            when lower_ci <= expected_now and expected_now <= upper_ci then 'at_risk'
            else 'off_track'
        end as judgement
    from expected

),

in_words as (

    select
        *,
        {{ bare_figure('current_value', 'unit') }} || {{ counted_in('unit') }} || ' in ' || {{ period_in_words('period_type', 'current_period_start') }} as now_words,
        {{ bare_figure('target_value', 'unit') }} || ' by ' || {{ day_in_words('due_date') }} as target_words,
        'On a straight line from ' || {{ bare_figure('baseline_value', 'unit') }} || ' in ' || {{ period_in_words('period_type', 'baseline_period_start') }} || ' it would be '
        || {{ bare_figure('expected_now', 'unit') }} || '.' as line_words,
        'The 95 per cent interval, ' || {{ bare_figure('lower_ci', 'unit') }} || ' to ' || {{ bare_figure('upper_ci', 'unit') }} || ',' as interval_words,
        case
            when returns_in_effect < returns_expected
                then
                    ' ' || cast(returns_in_effect as {{ dbt.type_string() }}) || ' of '
                    || cast(returns_expected as {{ dbt.type_string() }}) || ' returns count so far.'
            else ''
        end as coverage_words
    from judged

),

final as (

    select
        line,
        indicator_id,
        area_type,
        area_code,
        period_type,
        baseline_period_start,
        baseline_value,
        current_period_start,
        current_value,
        lower_ci,
        upper_ci,
        is_provisional,
        returns_expected,
        returns_in_effect,
        target_value,
        due_date,
        expected_now,
        judgement,
        case
            when judgement = 'refused' then message
            when judgement = 'met' then 'Met: ' || now_words || '. The target is ' || target_words || '.' || coverage_words
            when judgement = 'on_track'
                then 'On track: ' || now_words || '. ' || line_words || ' The target is ' || target_words || '.' || coverage_words
            when judgement = 'at_risk'
                then
                    'At risk: ' || now_words || '. ' || line_words || ' ' || interval_words || ' holds that value, so the difference may be chance. The target is '
                    || target_words || '.' || coverage_words
            when judgement = 'off_track'
                then
                    'Off track: ' || now_words || '. ' || line_words || ' ' || interval_words
                    || case
                        when coverage_words = '' then ' does not hold that value, so chance alone is an unlikely reason.'
                        else ' does not hold that value, but returns are missing, which may explain it.'
                    end
                    || ' The target is ' || target_words || '.' || coverage_words
            when current_value is null
                then
                    'Cannot be told: no figure can be shown yet for a period that is over and later than the baseline, '
                    || {{ period_in_words('period_type', 'baseline_period_start') }} || '. The target is ' || target_words || '.'
            when baseline_value is null
                then
                    'Cannot be told: ' || now_words || ', but the figure for the baseline, ' || {{ period_in_words('period_type', 'baseline_period_start') }}
                    || ', cannot be shown. The target is ' || target_words || '.' || coverage_words
            when direction is null
                then
                    'Cannot be told: ' || now_words || '. The target of ' || target_words
                    || ' is where it began, and neither more nor less is better.' || coverage_words
            else
                'Cannot be told: ' || now_words || '. ' || line_words || ' The figure has no interval, so it cannot be told whether the difference is chance. The target is '
                || target_words || '.' || coverage_words
        end as sentence
    from in_words

)

select * from final
