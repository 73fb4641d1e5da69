-- One row for each indicator and area, and each indicator and inclusion health group: the finest
-- kind of period in which most of its recent figures are shown (a year of months, a year of
-- quarters, two years), and the latest such period that is over. Where none has most of them
-- shown, the kind with the greatest share of them. Periods for which nobody sent anything do not
-- lead; `later` tells how many there are since.
select
    indicator_id,
    area_type,
    area_code,
    breakdown_type,
    breakdown_value,
    first(period_type order by place) as period_type,
    first(latest order by place) as period_start,
    first(later order by place) as later,
    first(status order by place) as status
from (
    select
        *,
        row_number() over (
            partition by indicator_id, area_type, area_code, breakdown_type, breakdown_value
            order by share > 0.5 desc, if(share > 0.5, coarseness, -share), coarseness desc
        ) as place
    from (
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
        group by
            indicator_id, area_type, area_code, breakdown_type, breakdown_value, period_type
    )
)
group by indicator_id, area_type, area_code, breakdown_type, breakdown_value
