{#- A count is told as a whole number, though the mean of three months need not be one. -#}
{% set value_as_told = "case when statistic = 'count' then round(value_if_as_before, 0) else value_if_as_before end" %}
-- Each figure of the system, an authority or a place in which a return is missing: which, and how far
-- the figure could move if the missing providers were like their last three months. From published
-- figures and public facts alone: the registry, and which returns are in effect.
--
-- For each month that a provider did not send, its mean protected numerator and denominator over the
-- last three months that it did send before (of those, the ones that are shown or had nobody) are
-- added to the figure's own. For a quarter and a year that is right only where months add up.
with published_indicators as (

    select * from {{ ref('published_indicators') }}

),

placed_returns as (

    select * from {{ ref('int_placed_returns') }}

),

periods as (

    select * from {{ ref('int_periods') }}

),

providers as (

    select * from {{ ref('stg_registry__providers') }}

),

indicators as (

    select * from {{ ref('indicators') }}

),

measures as (

    select * from {{ ref('measures') }}

),

missing_returns as (

    select
        provider_code,
        month,
        area_type,
        area_code,
        count(*) over (partition by provider_code, month, area_type) > 1 as works_elsewhere_too
    from placed_returns
    where is_in_effect = 0 and area_type in ('system', 'local_authority', 'place')

),

missing_months as (

    select distinct
        provider_code,
        month
    from missing_returns

),

-- What the provider's months before said, the latest first.
months_before as (

    select
        published_indicators.indicator_id,
        missing_months.provider_code,
        missing_months.month,
        published_indicators.status in ('shown', 'no_cases') as is_known,
        coalesce(published_indicators.numerator, 0) as numerator,
        coalesce(published_indicators.denominator, 0) as denominator,
        row_number() over (
            partition by published_indicators.indicator_id, missing_months.provider_code, missing_months.month
            order by published_indicators.period_start desc
        ) as place_before
    from missing_months
    inner join published_indicators
        on
            missing_months.provider_code = published_indicators.area_code
            and missing_months.month > published_indicators.period_start
    where
        published_indicators.area_type = 'provider'
        and published_indicators.period_type = 'month'
        and published_indicators.breakdown_type = 'all'
        and published_indicators.status <> 'not_submitted'

),

as_before as (

    select
        indicator_id,
        provider_code,
        month,
        avg(case when is_known then cast(numerator as double) end) as numerator,
        avg(case when is_known then cast(denominator as double) end) as denominator
    from months_before
    where place_before <= 3
    group by indicator_id, provider_code, month

),

missing_in_periods as (

    select
        periods.period_type,
        periods.period_start,
        missing_returns.area_type,
        missing_returns.area_code,
        missing_returns.provider_code,
        missing_returns.month,
        missing_returns.works_elsewhere_too
    from missing_returns
    inner join periods
        on missing_returns.month >= periods.period_start and missing_returns.month <= periods.period_end

),

providers_in_periods as (

    select distinct
        period_type,
        period_start,
        area_type,
        area_code,
        provider_code
    from missing_in_periods

),

missing_providers as (

    select
        missing.period_type,
        missing.period_start,
        missing.area_type,
        missing.area_code,
        {{ joined_in_order('missing.provider_code', ';') }} as providers_missing,
        {{ joined_in_order('providers.provider_name', ', ') }} as names_missing
    from providers_in_periods as missing
    inner join providers on missing.provider_code = providers.provider_code
    group by missing.period_type, missing.period_start, missing.area_type, missing.area_code

),

figures as (

    select
        published_indicators.indicator_id,
        published_indicators.period_type,
        published_indicators.period_start,
        published_indicators.area_type,
        published_indicators.area_code,
        published_indicators.returns_expected,
        published_indicators.returns_in_effect,
        published_indicators.status,
        published_indicators.numerator,
        published_indicators.denominator,
        published_indicators.value,
        indicators.statistic,
        indicators.multiplier,
        indicators.unit,
        published_indicators.period_type = 'month'
        or (measure_above.over_time = 'sum' and coalesce(measure_below.over_time, 'sum') = 'sum') as months_add_up,
        measure_above.over_areas = 'overlap' or coalesce(measure_below.over_areas = 'overlap', false) as people_overlap
    from published_indicators
    inner join indicators on published_indicators.indicator_id = indicators.indicator_id
    inner join measures as measure_above on indicators.numerator = measure_above.measure_id
    left join measures as measure_below on indicators.denominator = measure_below.measure_id
    where
        published_indicators.breakdown_type = 'all'
        and published_indicators.area_type in ('system', 'local_authority', 'place')
        and published_indicators.returns_in_effect < published_indicators.returns_expected

),

with_what_is_missing as (

    select
        figures.indicator_id,
        figures.period_type,
        figures.period_start,
        figures.area_type,
        figures.area_code,
        count(*) as returns_missing,
        sum(as_before.numerator) as numerator_missing,
        sum(as_before.denominator) as denominator_missing,
        sum(case when as_before.indicator_id is null then 1 else 0 end) as without_months_before,
        sum(case when as_before.numerator is null then 1 else 0 end) as not_known,
        max(case when missing.works_elsewhere_too then 1 else 0 end) = 1 as works_elsewhere_too
    from figures
    inner join missing_in_periods as missing
        on
            figures.period_type = missing.period_type
            and figures.period_start = missing.period_start
            and figures.area_type = missing.area_type
            and figures.area_code = missing.area_code
    left join as_before
        on
            figures.indicator_id = as_before.indicator_id
            and missing.provider_code = as_before.provider_code
            and missing.month = as_before.month
    group by figures.indicator_id, figures.period_type, figures.period_start, figures.area_type, figures.area_code

),

judged as (

    select
        figures.*,
        missing_providers.providers_missing,
        missing_providers.names_missing,
        with_what_is_missing.returns_missing,
        with_what_is_missing.numerator_missing,
        with_what_is_missing.denominator_missing,
        with_what_is_missing.works_elsewhere_too,
        case
            when figures.status <> 'shown' then 'figure_not_shown'
            when not figures.months_add_up then 'months_do_not_add_up'
            when with_what_is_missing.without_months_before > 0 then 'no_months_before'
            when with_what_is_missing.not_known > 0 then 'hidden_before'
            else 'told'
        end as finding
    from figures
    inner join with_what_is_missing
        on
            figures.indicator_id = with_what_is_missing.indicator_id
            and figures.period_type = with_what_is_missing.period_type
            and figures.period_start = with_what_is_missing.period_start
            and figures.area_type = with_what_is_missing.area_type
            and figures.area_code = with_what_is_missing.area_code
    inner join missing_providers
        on
            figures.period_type = missing_providers.period_type
            and figures.period_start = missing_providers.period_start
            and figures.area_type = missing_providers.area_type
            and figures.area_code = missing_providers.area_code

),

moved as (

    select
        *,
        case
            when finding <> 'told' then null
            when statistic = 'count' then numerator + numerator_missing
            else multiplier * (numerator + numerator_missing) / (denominator + denominator_missing)
        end as value_if_as_before,
        finding = 'told' and (people_overlap or works_elsewhere_too) as is_rough
    from judged

),

final as (

    select
        indicator_id,
        period_type,
        period_start,
        area_type,
        area_code,
        returns_expected,
        returns_in_effect,
        returns_missing,
        providers_missing,
        value,
        value_if_as_before,
        value_if_as_before - value as shift,
        is_rough,
        finding,
        cast(returns_missing as {{ dbt.type_string() }}) || ' of ' || cast(returns_expected as {{ dbt.type_string() }})
        || case when returns_expected = 1 then ' return' else ' returns' end
        || case when returns_missing = 1 then ' is missing: ' else ' are missing: ' end || names_missing || '. '
        || case finding
            when 'told'
                then
                    'Were the missing months like the three before, the figure would be ' || {{ bare_figure(value_as_told, 'unit', 2) }}
                    || ' instead of ' || {{ bare_figure('value', 'unit', 2) }} || {{ counted_in('unit') }} || '.'
                    || case
                        when people_overlap and works_elsewhere_too
                            then ' That is rough: people whom another organisation supports too count twice in it, and work in other areas counts too.'
                        when people_overlap then ' That is rough: people whom another organisation supports too count twice in it.'
                        when works_elsewhere_too then ' That is rough: work in other areas counts too.'
                        else ''
                    end
            when 'figure_not_shown' then 'How far the figure could move cannot be told, since it is not shown.'
            when 'months_do_not_add_up'
                then 'How far the figure could move cannot be told: a person counts once in the whole period, so months cannot be added to it.'
            when 'no_months_before' then 'How far the figure could move cannot be told: a missing organisation has no earlier return.'
            else 'How far the figure could move cannot be told: the three months before of a missing organisation are too small to show.'
        end as sentence
    from moved

)

select * from final
