-- Each group of a breakdown beside everyone: the gap between the two and their ratio, with intervals,
-- and whether the gap is larger than a year before. From published figures and public facts alone.
--
-- A count of a group is no gap, so counts are left out. The group is a part of the whole: the two rise
-- and fall together, and taken as independent the interval is wider than it need be, never narrower.
-- For the system and the local authorities: with places and providers the file would be three times
-- as large, and their groups are mostly too small to show.
--
-- Change: Altman and Bland (2003), "Interaction revisited", BMJ 326: 219. The sizes of two gaps are
-- compared on their standard errors, each the width of its interval over twice z.
with published_indicators as (

    select * from {{ ref('published_indicators') }}

),

indicators as (

    select * from {{ ref('indicators') }}

),

shown as (

    select
        published_indicators.indicator_id,
        {{ cell_columns('published_indicators.') }},
        published_indicators.value,
        published_indicators.lower_ci,
        published_indicators.upper_ci
    from published_indicators
    inner join indicators on published_indicators.indicator_id = indicators.indicator_id
    where
        published_indicators.status = 'shown'
        and published_indicators.area_type in ('system', 'local_authority')
        and indicators.statistic <> 'count'

),

beside_everyone as (

    select
        one_group.indicator_id,
        {{ cell_columns('one_group.') }},
        one_group.value as group_value,
        one_group.lower_ci as group_lower_ci,
        one_group.upper_ci as group_upper_ci,
        everyone.value as whole_value,
        everyone.lower_ci as whole_lower_ci,
        everyone.upper_ci as whole_upper_ci
    from shown as one_group
    inner join shown as everyone
        on
            one_group.indicator_id = everyone.indicator_id
            and one_group.period_type = everyone.period_type
            and one_group.period_start = everyone.period_start
            and one_group.area_type = everyone.area_type
            and one_group.area_code = everyone.area_code
    where one_group.breakdown_type <> 'all' and everyone.breakdown_type = 'all'

),

compared as (

    select
        indicator_id,
        {{ cell_columns() }},
        group_value,
        whole_value,
        group_value - whole_value as absolute_gap,
        {{ difference_lower('group', 'whole') }} as gap_lower,
        {{ difference_upper('group', 'whole') }} as gap_upper,
        group_value / nullif(whole_value, 0) as ratio,
        case when group_lower_ci is not null then {{ ratio_lower('group', 'whole') }} end as ratio_lower,
        case when group_upper_ci is not null then {{ ratio_upper('group', 'whole') }} end as ratio_upper
    from beside_everyone

),

beside_a_year_before as (

    select
        compared.*,
        earlier.absolute_gap as gap_year_before,
        (compared.gap_upper - compared.gap_lower) / (2 * {{ z('95') }}) as standard_error,
        (earlier.gap_upper - earlier.gap_lower) / (2 * {{ z('95') }}) as earlier_standard_error
    from compared
    left join compared as earlier
        on
            compared.indicator_id = earlier.indicator_id
            and compared.period_type = earlier.period_type
            and {{ add_months('compared.period_start', -12) }} = earlier.period_start
            and compared.area_type = earlier.area_type
            and compared.area_code = earlier.area_code
            and compared.breakdown_type = earlier.breakdown_type
            and compared.breakdown_value = earlier.breakdown_value

),

tested as (

    select
        *,
        abs(absolute_gap) - abs(gap_year_before) as growth,
        {{ z('95') }} * sqrt(power(standard_error, 2) + power(earlier_standard_error, 2)) as least_clear_growth
    from beside_a_year_before

),

judged as (

    select
        *,
        gap_lower <= 0 and gap_upper >= 0 as gap_holds_zero,
        case
            when growth is null or least_clear_growth is null then 'cannot_be_told'
            when growth > least_clear_growth then 'widening'
            when growth < -least_clear_growth then 'narrowing'
            else 'no_clear_change'
        end as gap_change
    from tested

),

final as (

    select
        indicator_id,
        {{ cell_columns() }},
        group_value,
        whole_value,
        absolute_gap,
        gap_lower,
        gap_upper,
        gap_holds_zero,
        ratio,
        ratio_lower,
        ratio_upper,
        gap_year_before,
        gap_change,
        case
            when abs(absolute_gap) < 0.05 then 'Much the same as for everyone'
            else {{ decimals_in_words('abs(absolute_gap)', 1) }} || case when absolute_gap > 0 then ' higher' else ' lower' end || ' than for everyone'
        end
        || case
            when gap_holds_zero then ', which may be chance.'
            when not gap_holds_zero then ', more than chance would do.'
            else '.'
        end
        || case gap_change
            when 'widening' then ' The gap is wider than a year before.'
            when 'narrowing' then ' The gap is narrower than a year before.'
            else ''
        end as sentence
    from judged

)

select * from final
