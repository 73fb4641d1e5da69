-- The proportions, whose numerator is a part of their denominator, so that what remains is a count of
-- people too.
with indicators as (

    select * from {{ ref('indicators') }}

),

final as (

    select
        indicator_id,
        numerator,
        denominator
    from indicators
    where statistic = 'proportion'

)

select * from final
