-- The published figures that have a line on a page of their own: everyone's in each area, and each
-- inclusion health group's in the whole system. Where a group has no row it has nobody: 0 for a
-- count, and nothing to work out for anything else. Only periods that are over.
select
    indicator_id, period_type, period_start, area_type, area_code, breakdown_type,
    breakdown_value, numerator, denominator, value, lower_ci, upper_ci, status, is_provisional,
    returns_expected, returns_in_effect
from published_indicators
where breakdown_type = 'all' and period_end(period_type, period_start) < date '{{ release.as_at }}'
union all
select
    everyone.indicator_id, everyone.period_type, everyone.period_start, everyone.area_type,
    everyone.area_code, 'inclusion_group', groups.breakdown_value,
    if(own.status is null and is_none, 0, own.numerator),
    own.denominator,
    if(own.status is null and is_none, 0, own.value),
    own.lower_ci,
    own.upper_ci,
    coalesce(
        own.status,
        if(everyone.status = 'not_submitted', 'not_submitted', if(is_none, 'shown', 'no_cases'))
    ),
    coalesce(own.is_provisional, everyone.is_provisional),
    everyone.returns_expected,
    everyone.returns_in_effect
from (
    select published_indicators.*, statistic = 'count' and published_indicators.status <> 'not_submitted' as is_none
    from published_indicators
    inner join catalogue using (indicator_id)
    where
        area_type = 'system'
        and breakdown_type = 'all'
        and period_end(period_type, period_start) < date '{{ release.as_at }}'
) as everyone
inner join (
    select distinct indicator_id, breakdown_value
    from published_indicators
    where breakdown_type = 'inclusion_group' and area_type = 'system'
) as groups using (indicator_id)
left join (
    select *
    from published_indicators
    where breakdown_type = 'inclusion_group' and area_type = 'system'
) as own
    on
        own.indicator_id = everyone.indicator_id
        and own.period_type = everyone.period_type
        and own.period_start = everyone.period_start
        and own.breakdown_value = groups.breakdown_value
