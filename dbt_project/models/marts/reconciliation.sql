-- Counts that two places must agree on, for the gate: what was accepted with what the lake holds,
-- and what the lake holds with what was computed from it, each counted by another road.
with table_rows as (

    select * from {{ source('intake', 'table_rows') }}

),

submissions as (

    select * from {{ ref('stg_intake__submissions') }}

),

returns_in_effect as (

    select * from {{ ref('int_returns_in_effect') }}

),

contacts as (

    select * from {{ ref('stg_returns__contacts') }}

),

costs as (

    select * from {{ ref('stg_returns__costs') }}

),

measure_values as (

    select * from {{ ref('measure_values') }}

),

published_indicators as (

    select * from {{ ref('published_indicators') }}

),

published_cells as (

    select * from {{ ref('int_published_cells') }}

),

accepted_rows as (

    select
        table_rows.table_name,
        sum(table_rows.rows_received - table_rows.rows_excluded) as rows_accepted
    from table_rows
    inner join submissions on table_rows.judgement_id = submissions.judgement_id
    where submissions.is_accepted
    group by table_rows.table_name

),

lake_rows as (

    {% for table in var('reconciled_tables') %}
        select
            '{{ table }}' as table_name,
            count(*) as rows_found
        from {{ ref('stg_returns__' ~ table) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

rows_reconciled as (

    select
        'accepted rows of ' || lake_rows.table_name || ' that are in the lake' as what,
        cast(coalesce(accepted_rows.rows_accepted, 0) as double) as expected,
        cast(lake_rows.rows_found as double) as found
    from lake_rows
    left join accepted_rows on lake_rows.table_name = accepted_rows.table_name

),

-- A contact lies in one month, and a month in the system as a whole.
contacts_reconciled as (

    select
        'contacts that took place, in the months of the whole system' as what,
        cast((
            select count(*)
            from contacts
            inner join returns_in_effect on contacts.judgement_id = returns_in_effect.judgement_id
            where contacts.attendance = 'attended'
        ) as double) as expected,
        coalesce(sum(value), 0) as found
    from measure_values
    where
        measure_id = 'attended_contacts' and period_type = 'month'
        and area_type = 'system' and breakdown_type = 'all'

),

-- Pounds add up: the providers' years with the months of the system.
costs_reconciled as (

    select
        'pounds spent, in the financial years of the providers' as what,
        cast(coalesce((
            select sum(costs.amount_gbp)
            from costs
            inner join returns_in_effect on costs.judgement_id = returns_in_effect.judgement_id
        ), 0) as double) as expected,
        coalesce(sum(value), 0) as found
    from measure_values
    where
        measure_id = 'cost_gbp' and period_type = 'financial_year'
        and area_type = 'provider' and breakdown_type = 'all'

),

cells_reconciled as (

    select
        'cells that are published' as what,
        cast((select count(*) from published_cells) as double) as expected,
        cast(count(*) as double) as found
    from published_indicators

),

final as (

    select
        what,
        expected,
        found
    from rows_reconciled
    union all
    select
        what,
        expected,
        found
    from contacts_reconciled
    union all
    select
        what,
        round(expected, 2) as expected,
        round(found, 2) as found
    from costs_reconciled
    union all
    select
        what,
        expected,
        found
    from cells_reconciled

)

select * from final
