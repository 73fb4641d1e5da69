-- Every costs row of a return in effect.
with costs as (

    select * from {{ ref('stg_returns__costs') }}

),

returns_in_effect as (

    select * from {{ ref('int_returns_in_effect') }}

),

final as (

    select
        costs.provider_code,
        costs.month,
        costs.cost_id,
        costs.service_code,
        costs.amount_gbp
    from costs
    inner join returns_in_effect on costs.judgement_id = returns_in_effect.judgement_id

)

select * from final
