-- The months of each period that has a return in effect.
with periods as (

    select * from {{ ref('int_periods') }}

),

final as (

    select
        {{ months_between('period_start', 'period_end') }} as month,
        period_type,
        period_start,
        period
    from periods
    where has_return_in_effect

)

select * from final
