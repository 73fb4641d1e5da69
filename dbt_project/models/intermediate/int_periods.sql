-- Every month, financial quarter and financial year that contains a month of a return in effect or
-- of one that is expected. Cells are computed for those with a return in effect alone.
with returns_in_effect as (

    select * from {{ ref('int_returns_in_effect') }}

),

expected_returns as (

    select * from {{ ref('int_expected_returns') }}

),

refresh as (

    select * from {{ ref('stg_intake__refresh') }}

),

expected_and_in_effect as (

    select
        coalesce(expected_returns.provider_code, returns_in_effect.provider_code) as provider_code,
        coalesce(expected_returns.month, returns_in_effect.month) as month,
        expected_returns.provider_code is not null as is_expected,
        returns_in_effect.provider_code is not null as is_in_effect
    from expected_returns
    full outer join returns_in_effect
        on
            expected_returns.provider_code = returns_in_effect.provider_code
            and expected_returns.month = returns_in_effect.month

),

months as (

    select
        month,
        max(case when is_in_effect then 1 else 0 end) as has_return,
        max(case when is_expected and not is_in_effect then 1 else 0 end) as lacks_return
    from expected_and_in_effect
    group by month

),

placed as (

    select
        'month' as period_type,
        month as period_start,
        {{ last_day_of_month('month') }} as period_end,
        has_return,
        lacks_return
    from months
    union all
    select
        'quarter' as period_type,
        {{ quarter_of('month') }} as period_start,
        {{ last_day_of_month(add_months(quarter_of('month'), 2)) }} as period_end,
        has_return,
        lacks_return
    from months
    union all
    select
        'financial_year' as period_type,
        {{ financial_year_of('month') }} as period_start,
        {{ last_day_of_month(add_months(financial_year_of('month'), 11)) }} as period_end,
        has_return,
        lacks_return
    from months

),

periods as (

    select
        period_type,
        period_start,
        period_end,
        max(has_return) = 1 as has_return_in_effect,
        max(lacks_return) = 1 as lacks_expected_return
    from placed
    group by period_type, period_start, period_end

),

final as (

    select
        periods.period_type,
        periods.period_start,
        periods.period_end,
        -- A number that the units of the period carry, the same in every night.
        cast(
            extract(year from periods.period_start) * 1000 + extract(month from periods.period_start) * 10
            + case periods.period_type when 'month' then 0 when 'quarter' then 1 else 2 end as integer
        ) as period,
        periods.has_return_in_effect,
        periods.period_type <> 'month'
        and (periods.lacks_expected_return or periods.period_end >= refresh.as_at) as is_provisional
    from periods
    cross join refresh
    where periods.period_start <= refresh.as_at

)

select * from final
