-- The whole system's headline figure of each indicator, in the catalogue's order.
select published_indicators.*, indicator_order(indicator_id) as place
from published_indicators
inner join ${headlines} as headlines using (indicator_id, period_type, period_start)
where area_type = 'system' and breakdown_type = 'all'
