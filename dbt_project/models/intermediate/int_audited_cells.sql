{{ config(sliced_by='cells', kept_but_for='int_audited_area_changes', post_hook="{{ note_made() }}") }}

-- depends_on: {{ ref('int_audited_area_changes') }}
-- The protected cells with what the audit hides further: a measure's count in every indicator that it
-- stands in, and what remains of a denominator with its numerator. From here on, nothing that is
-- computed can tell a small count.
with cells as (

    select * from {{ ref('int_protected_cells') }}
    where {{ area_wanted() }}

),

indicators as (

    select * from {{ ref('indicators') }}

),

audit as (

    select * from {{ ref('int_disclosure_audit') }}

),

hidden as (

    select
        subject,
        {{ cell_columns() }}
    from audit
    where is_suppressed_further and {{ area_wanted() }}

),

marked as (

    select
        cells.*,
        numerators.subject is not null or remainders.subject is not null as hides_numerator,
        denominators.subject is not null as hides_denominator
    from cells
    inner join indicators on cells.indicator_id = indicators.indicator_id
    left join hidden as numerators
        on
            indicators.numerator = numerators.subject
            and {{ same_cell('cells', 'numerators') }}
    left join hidden as denominators
        on
            indicators.denominator = denominators.subject
            and {{ same_cell('cells', 'denominators') }}
    left join hidden as remainders
        on
            {{ remainder_of('cells.indicator_id') }} = remainders.subject
            and {{ same_cell('cells', 'remainders') }}

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
        case when not hides_numerator then numerator end as numerator,
        case when not hides_denominator then denominator end as denominator,
        -- A denominator that is hidden further must not be told from one that is small.
        case
            when hides_denominator and status in ('shown', 'suppressed') then 'low_base'
            when hides_numerator and status = 'shown' then 'suppressed'
            else status
        end as status
    from marked

)

select * from final
