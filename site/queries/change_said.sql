-- What can be said of each monthly series today; where its latest month lacks a return, a change is
-- told with that.
select
    change_verdicts.* exclude (sentence),
    if(
        verdict in ('no_change', 'no_verdict'),
        sentence,
        sentence || coalesce(
            missing_may_explain(period_type, period_start, returns_expected, returns_in_effect), ''
        )
    ) as sentence
from change_verdicts
left join (
    select indicator_id, area_type, area_code, period_type, period_start, returns_expected, returns_in_effect
    from published_indicators
    where breakdown_type = 'all' and period_type = 'month'
) as of_latest
    on
        change_verdicts.indicator_id = of_latest.indicator_id
        and change_verdicts.area_type = of_latest.area_type
        and change_verdicts.area_code = of_latest.area_code
        and change_verdicts.latest_month = of_latest.period_start
