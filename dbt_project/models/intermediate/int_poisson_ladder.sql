-- The Poisson limits of every count that a funnel of rates can need, as rungs: from which to which
-- expected number of events a count lies just at the lower, or the upper, control limit (Byar's
-- approximation, exact below 10: PHE, "Technical Guide: Confidence Intervals", 2018).
{% set levels = {'95': '', '998': '_998'} %}

with denominators as (

    select * from {{ ref('int_funnel_denominators') }}

),

poisson_limits as (

    select * from {{ ref('poisson_limits') }}

),

whole_numbers as (

    {{ whole_numbers(6) }}

),

most as (

    select max(benchmark_value / multiplier * denominator) as expected
    from denominators
    where statistic = 'rate'

),

-- Well beyond the count whose lower limit is the most that is expected anywhere.
counts as (

    select
        whole_numbers.number as events,
        cast(whole_numbers.number as double) as observed,
        poisson_limits.lower_limit,
        poisson_limits.upper_limit,
        poisson_limits.lower_limit_998,
        poisson_limits.upper_limit_998
    from whole_numbers
    inner join most on whole_numbers.number <= most.expected + 8 * sqrt(most.expected) + 30
    left join poisson_limits on whole_numbers.number = poisson_limits.observed

),

rungs as (

    {% for level, suffix in levels.items() %}
        select
            '{{ level }}' as limit_level,
            'lower' as side,
            events,
            {{ poisson_upper('observed', 'upper_limit' ~ suffix, level) }} as expected_from
        from counts
        union all
        select
            '{{ level }}' as limit_level,
            'upper' as side,
            events,
            {{ poisson_lower('observed', 'lower_limit' ~ suffix, level) }} as expected_from
        from counts
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        limit_level,
        side,
        events,
        expected_from,
        lead(expected_from) over (partition by limit_level, side order by events) as expected_to
    from rungs

)

select * from final
