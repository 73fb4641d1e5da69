-- The kind of period and the latest one that lead each indicator's page: those of the whole system.
select indicator_id, period_type, period_start, later, status
from ${figures_lead}
where area_type = 'system' and breakdown_type = 'all'
