-- One row for each indicator: the finest kind of period in which most of the whole system's recent
-- figures are shown (a year of months, a year of quarters, two years), and the latest such period
-- that is over. Where none has most of them shown, the kind with the greatest share of them.
select
    indicator_id,
    first(period_type order by share > 0.5 desc, if(share > 0.5, coarseness, -share), coarseness desc) as period_type,
    first(latest order by share > 0.5 desc, if(share > 0.5, coarseness, -share), coarseness desc) as period_start
from (
    select
        indicator_id,
        period_type,
        case period_type when 'month' then 1 when 'quarter' then 2 else 3 end as coarseness,
        avg(if(status = 'shown', 1, 0)) as share,
        max(period_start) as latest
    from (
        select
            *,
            row_number() over (
                partition by indicator_id, period_type order by period_start desc
            ) as age
        from published_indicators
        where
            area_type = 'system'
            and breakdown_type = 'all'
            and period_end(period_type, period_start) < date '{{ release.as_at }}'
    )
    where age <= case period_type when 'month' then 12 when 'quarter' then 4 else 2 end
    group by indicator_id, period_type
)
group by indicator_id
