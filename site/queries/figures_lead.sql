-- One row for each indicator and area, and each indicator and inclusion health group: the finest
-- kind of period in which most of its recent figures are shown, and the latest such period. Where
-- none has most of them shown, the kind with the greatest share of them.
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
    from ${figures_by_period}
)
group by indicator_id, area_type, area_code, breakdown_type, breakdown_value
