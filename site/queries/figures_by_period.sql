-- One row for each line of figures and kind of period: what share of its recent figures is shown (a
-- year of months, a year of quarters, two years), and the latest such period that is over. Periods
-- for which nobody sent anything do not count and do not lead; `later` tells how many there are
-- since, `is_sent` whether there is any other.
select
    indicator_id,
    area_type,
    area_code,
    breakdown_type,
    breakdown_value,
    period_type,
    case period_type when 'month' then 1 when 'quarter' then 2 else 3 end as coarseness,
    coalesce(
        avg(if(status = 'shown', 1, 0)) filter (
            status <> 'not_submitted'
            and age <= case period_type when 'month' then 12 when 'quarter' then 4 else 2 end
        ),
        0
    ) as share,
    bool_or(status <> 'not_submitted') as is_sent,
    first(period_start order by age) as latest,
    first(status order by age) as status,
    count(*) filter (period_start > latest_sent) as later
from (
    select
        *,
        row_number() over (
            partition by
                indicator_id, area_type, area_code, breakdown_type, breakdown_value, period_type
            order by status = 'not_submitted', period_start desc
        ) as age,
        max(period_start) filter (status <> 'not_submitted') over (
            partition by
                indicator_id, area_type, area_code, breakdown_type, breakdown_value, period_type
        ) as latest_sent
    from ${figures}
)
group by indicator_id, area_type, area_code, breakdown_type, breakdown_value, period_type
