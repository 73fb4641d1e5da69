-- Everyone's figure of each area and indicator in the period that leads there, with the whole
-- system's of the same period and how the two compare.
select
    figures.*,
    catalogue.domain,
    catalogue.name,
    'indicators/' || figures.indicator_id || '.md' as page,
    show_figure(statistic, unit, figures.value) as figure,
    show_figure(statistic, unit, figures.lower_ci) as lower_figure,
    show_figure(statistic, unit, figures.upper_ci) as upper_figure,
    period_short(figures.period_type, figures.period_start) as period,
    show_figure(statistic, unit, whole.value) as whole_figure,
    whole.status as whole_status,
    comparison,
    case
        when comparison = 'similar' then sentence
        when comparison <> 'not_compared'
            then
                sentence || missing_may_explain(
                    figures.period_type, figures.period_start, figures.returns_expected, figures.returns_in_effect
                )
    end as sentence,
    indicator_order(figures.indicator_id) as place,
    lead.later
from ${figures} as figures
inner join ${figures_lead} as lead using (
    indicator_id, area_type, area_code, breakdown_type, breakdown_value, period_type, period_start
)
inner join catalogue using (indicator_id)
left join (
    select indicator_id, period_type, period_start, value, status
    from published_indicators
    where area_type = 'system' and breakdown_type = 'all'
) as whole using (indicator_id, period_type, period_start)
left join (
    select indicator_id, area_type, area_code, period_type, period_start, comparison, sentence
    from comparisons
) as compared using (indicator_id, area_type, area_code, period_type, period_start)
where figures.breakdown_type = 'all'
