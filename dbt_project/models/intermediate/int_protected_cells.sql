{{ config(kept_but_for='int_area_changes', post_hook="{{ note_made() }}") }}

-- depends_on: {{ ref('int_area_changes') }}
-- Each published cell with protected counts in place of exact ones, and its status. From here on
-- no exact count goes any further.
with cells as (

    select * from {{ ref('int_published_cells') }}
    where {{ area_made_anew() }}

),

indicators as (

    select * from {{ ref('indicators') }}

),

measures as (

    select * from {{ ref('measures') }}

),

policy as (

    select * from {{ ref('int_disclosure_policy') }}

),

protected as (

    select
        cells.indicator_id,
        {{ cell_columns('cells.') }},
        cells.returns_expected,
        cells.returns_in_effect,
        indicators.domain,
        indicators.statistic,
        indicators.multiplier,
        policy.least_denominator,
        cells.denominator = 0 as has_no_cases,
        case
            when measures.concerns_people = 'yes'
                then {{ protected_count('cells.numerator') }}
            else {{ rounded('cells.numerator', 'policy.pounds_base') }}
        end as numerator,
        {{ protected_count('cells.denominator') }} as denominator,
        -- what remains of the denominator is a count of people too
        indicators.statistic = 'proportion'
        and {{ is_small('cells.denominator - cells.numerator') }} as remainder_is_small
    from cells
    inner join indicators on cells.indicator_id = indicators.indicator_id
    inner join measures on indicators.numerator = measures.measure_id
    cross join policy

),

final as (

    select
        indicator_id,
        {{ cell_columns() }},
        returns_expected,
        returns_in_effect,
        domain,
        statistic,
        multiplier,
        numerator,
        case when statistic <> 'count' then denominator end as denominator,
        case
            when returns_in_effect = 0 then 'not_submitted'
            when statistic = 'count' and numerator is null then 'suppressed'
            when statistic = 'count' then 'shown'
            when has_no_cases then 'no_cases'
            when denominator is null or denominator < least_denominator then 'low_base'
            when numerator is null or remainder_is_small then 'suppressed'
            else 'shown'
        end as status
    from protected

)

select * from final
