-- The kind of period that leads each indicator's page, and the latest one: the finest kind in which
-- most of the page's recent figures are shown, those of everyone in the whole system, its
-- authorities, places and organisations. Where no kind has most of them shown, the kind with the
-- greatest share of them.
select
    indicator_id,
    first(period_type order by place) as period_type,
    first(latest order by place) as period_start,
    first(later order by place) as later,
    first(status order by place) as status
from (
    select
        *,
        row_number() over (
            partition by indicator_id
            order by share > 0.5 desc, if(share > 0.5, coarseness, -share), coarseness desc
        ) as place
    from (
        select
            indicator_id,
            period_type,
            coarseness,
            coalesce(avg(share) filter (is_sent), 0) as share,
            first(latest) filter (area_type = 'system') as latest,
            first(later) filter (area_type = 'system') as later,
            first(status) filter (area_type = 'system') as status
        from ${figures_by_period}
        where breakdown_type = 'all'
        group by indicator_id, period_type, coarseness
    )
)
group by indicator_id
