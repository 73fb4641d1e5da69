-- The control limits of each funnel at each denominator at which they are wanted.
{% set limits = {
    'lower_limit': ('lower', '-', '95'), 'upper_limit': ('upper', '+', '95'),
    'lower_limit_998': ('lower', '-', '998'), 'upper_limit_998': ('upper', '+', '998'),
} %}

with denominators as (

    select
        *,
        benchmark_value / multiplier as benchmark,
        case when statistic = 'rate' then benchmark_value / multiplier * denominator end as expected
    from {{ ref('int_funnel_denominators') }}

),

ladder as (

    select * from {{ ref('int_poisson_ladder') }}

),

final as (

    select
        denominators.release_id,
        denominators.indicator_id,
        denominators.period_type,
        denominators.period_start,
        denominators.benchmark_area_code,
        denominators.benchmark_value,
        denominators.denominator,
        {% for limit, (side, sign, level) in limits.items() %}
            denominators.multiplier
            * case
                when denominators.statistic = 'proportion'
                    then {{ proportion_control_limit('denominators.benchmark', 'denominators.denominator', sign, level) }}
                else {{ count_control_limit('denominators.expected', limit) }} / denominators.denominator
            end as {{ limit }},
        {% endfor %}
        denominators.is_of_grid
    from denominators
    {% for limit, (side, sign, level) in limits.items() %}
        left join ladder as {{ limit }}
            on
                {{ limit }}.limit_level = '{{ level }}'
                and {{ limit }}.side = '{{ side }}'
                and denominators.expected >= {{ limit }}.expected_from
                and denominators.expected < {{ limit }}.expected_to
    {% endfor %}

)

select * from final
