-- Each area's figure against the system's: by whether its 95 and its 99.8 per cent interval hold the
-- system's value, a value just at a limit being held, as the Office for Health Improvement and
-- Disparities compares in Fingertips (Public Health England, "Technical Guide: Confidence
-- Intervals", 2018).
with cells as (

    select * from {{ ref('int_compared_cells') }}

),

comparisons as (

    select * from {{ ref('comparisons') }}

),

remarks as (

    select * from {{ ref('remarks') }}

),

judged as (

    select
        *,
        case
            when value is null then 'not_compared_hidden'
            -- a number of people or events depends on how large the area is
            when statistic = 'count' then 'not_compared_count'
            when lower_ci is null then 'not_compared_interval'
            when benchmark_value is null then 'not_compared_benchmark'
        end as remark,
        case when better = 'neutral' then 'no' else 'yes' end as judged,
        case when better = 'lower' then -1 else 1 end
        * {{ outside(
            'lower_ci_998 > benchmark_value', 'lower_ci > benchmark_value',
            'upper_ci_998 < benchmark_value', 'upper_ci < benchmark_value'
        ) }} as outside
    from cells

),

compared as (

    select
        judged.*,
        coalesce(comparisons.comparison, 'not_compared') as comparison,
        coalesce(
            remarks.sentence,
            {{ fill('comparisons.sentence', {
                'value': figure('judged.value', 'judged.statistic', 'judged.unit'),
                'benchmark': short_figure('judged.benchmark_value', 'judged.statistic', 'judged.unit'),
            }) }}
        ) as sentence
    from judged
    left join remarks on judged.remark = remarks.remark
    left join comparisons
        on
            judged.remark is null
            and judged.outside = comparisons.outside
            and comparisons.judged in (judged.judged, 'any')

),

final as (

    select
        release_id,
        indicator_id,
        period_type,
        period_start,
        area_type,
        area_code,
        value,
        lower_ci,
        upper_ci,
        lower_ci_998,
        upper_ci_998,
        benchmark_area_code,
        benchmark_value,
        comparison,
        sentence
    from compared

)

select * from final
