-- Which indicators are divided by which breakdowns: those that both their measures have.
with indicators as (

    select * from {{ ref('indicators') }}

),

measure_breakdowns as (

    select * from {{ ref('int_measure_breakdowns') }}

),

final as (

    select
        indicators.indicator_id,
        numerator.breakdown_type
    from indicators
    inner join measure_breakdowns as numerator on indicators.numerator = numerator.measure_id
    left join measure_breakdowns as denominator
        on
            indicators.denominator = denominator.measure_id
            and numerator.breakdown_type = denominator.breakdown_type
    where indicators.denominator is null or denominator.measure_id is not null

)

select * from final
