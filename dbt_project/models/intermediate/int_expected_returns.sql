-- A return is expected from every provider for every month of its activity that has ended.
with providers as (

    select * from {{ ref('stg_registry__providers') }}

),

refresh as (

    select * from {{ ref('stg_intake__refresh') }}

),

-- The month before that of the as-at day has ended, and no later one has: a month has ended by a
-- day when its last day lies before that day.
bounds as (

    select
        providers.provider_code,
        providers.active_from as first_month,
        least(
            coalesce(providers.active_to, {{ add_months(month_of('refresh.as_at'), -1) }}),
            {{ add_months(month_of('refresh.as_at'), -1) }}
        ) as last_month
    from providers
    cross join refresh

),

final as (

    select
        provider_code,
        {{ months_between('first_month', 'last_month') }} as month
    from bounds
    where first_month <= last_month

)

select * from final
