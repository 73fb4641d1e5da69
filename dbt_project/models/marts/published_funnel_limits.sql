-- The control limits of each funnel along its denominators, for a chart to draw: some forty points
-- from the smallest provider that is shown to the largest.
with limits as (

    select * from {{ ref('int_funnel_limits') }}

),

final as (

    select
        release_id,
        indicator_id,
        period_type,
        period_start,
        benchmark_area_code,
        benchmark_value,
        cast(denominator as bigint) as denominator,
        lower_limit,
        upper_limit,
        lower_limit_998,
        upper_limit_998
    from limits
    where is_of_grid

)

select * from final
