-- The cells that are published, with their exact counts: for everyone, each indicator, period and
-- area for which a return was expected; for any other breakdown, each cell that is not empty.
with area_returns as (

    select * from {{ ref('int_area_returns') }}

),

indicators as (

    select * from {{ ref('indicators') }}

),

indicator_values as (

    select * from {{ ref('indicator_values') }}

),

for_everyone as (

    select
        indicators.indicator_id,
        area_returns.period_type,
        area_returns.period_start,
        area_returns.area_type,
        area_returns.area_code,
        'all' as breakdown_type,
        'all' as breakdown_value,
        area_returns.returns_expected,
        area_returns.returns_in_effect
    from area_returns
    cross join indicators

),

for_everyone_counted as (

    select
        for_everyone.indicator_id,
        {{ cell_columns('for_everyone.') }},
        coalesce(indicator_values.numerator, 0) as numerator,
        coalesce(indicator_values.denominator, 0) as denominator,
        for_everyone.returns_expected,
        for_everyone.returns_in_effect
    from for_everyone
    left join indicator_values
        on
            for_everyone.indicator_id = indicator_values.indicator_id
            and for_everyone.period_type = indicator_values.period_type
            and for_everyone.period_start = indicator_values.period_start
            and for_everyone.area_type = indicator_values.area_type
            and for_everyone.area_code = indicator_values.area_code
            and for_everyone.breakdown_type = indicator_values.breakdown_type

),

for_groups as (

    select
        indicator_values.indicator_id,
        {{ cell_columns('indicator_values.') }},
        indicator_values.numerator,
        coalesce(indicator_values.denominator, 0) as denominator,
        coalesce(area_returns.returns_expected, 0) as returns_expected,
        coalesce(area_returns.returns_in_effect, 0) as returns_in_effect
    from indicator_values
    left join area_returns
        on
            indicator_values.period_type = area_returns.period_type
            and indicator_values.period_start = area_returns.period_start
            and indicator_values.area_type = area_returns.area_type
            and indicator_values.area_code = area_returns.area_code
    where
        indicator_values.breakdown_type <> 'all'
        and (indicator_values.numerator <> 0 or coalesce(indicator_values.denominator, 0) <> 0)

),

final as (

    select * from for_everyone_counted
    union all
    select * from for_groups

)

select * from final
