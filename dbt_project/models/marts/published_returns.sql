-- For each provider and month: whether a return was expected, how many came, whether one is in
-- effect and when it came, and how many were rejected.
with return_status as (

    select * from {{ ref('return_status') }}

),

expected_returns as (

    select * from {{ ref('int_expected_returns') }}

),

providers as (

    select * from {{ ref('stg_registry__providers') }}

),

received as (

    select
        provider_code,
        period,
        count(*) as received,
        sum(case when state = 'in_effect' then 1 else 0 end) as in_effect,
        sum(case when state = 'rejected' then 1 else 0 end) as rejected,
        max(case when state = 'in_effect' then cast(received_at as date) end) as counting_came_on
    from return_status
    where state <> 'missing' and period is not null
    group by provider_code, period

),

expected as (

    select
        provider_code,
        {{ month_name('month') }} as period
    from expected_returns

),

final as (

    select
        providers.provider_code,
        providers.provider_name,
        coalesce(expected.period, received.period) as period,
        case when expected.period is not null then 1 else 0 end as expected,
        coalesce(received.received, 0) as received,
        coalesce(received.in_effect, 0) as in_effect,
        coalesce(received.rejected, 0) as rejected,
        received.counting_came_on
    from expected
    full outer join received
        on expected.provider_code = received.provider_code and expected.period = received.period
    inner join providers
        on coalesce(expected.provider_code, received.provider_code) = providers.provider_code

)

select * from final
