-- The settings of change over time, as one row.
with settings as (

    select * from {{ ref('change') }}

),

final as (

    select
        max(case when setting = 'least_points' then value end) as least_points,
        max(case when setting = 'trial_points' then value end) as trial_points,
        max(case when setting = 'least_mean_count' then value end) as least_mean_count,
        max(case when setting = 'hidden_share_per_cent' then value end) as hidden_share_per_cent
    from settings

)

select * from final
