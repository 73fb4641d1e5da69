-- The audit's own account, for the operator and the gate: one row for each count of people (a
-- measure, or what remains of a denominator) and financial year with hidden small counts. Its
-- numbers are of cells, not of people.
with claims as (

    select * from {{ ref('int_count_claims') }}

),

policy as (

    select * from {{ ref('int_disclosure_policy') }}

),

findings as (

    select * from {{ ref('int_disclosure_audit') }}

),

hidden as (

    select
        claims.subject,
        claims.financial_year,
        sum(case when claims.is_shown then 1 else 0 end) as shown_before,
        sum(
            case when not claims.is_shown and {{ is_small('claims.exact') }} then 1 else 0 end
        ) as hidden_counts
    from claims
    cross join policy
    group by claims.subject, claims.financial_year

),

found as (

    select
        subject,
        {{ financial_year_of('period_start') }} as financial_year,
        sum(case when is_small then 1 else 0 end) as audited_counts,
        sum(case when is_suppressed_further then 1 else 0 end) as suppressed_further,
        sum(case when is_exposed then 1 else 0 end) as exposed_counts,
        sum(case when was_told_before then 1 else 0 end) as told_before,
        min(
            case when is_small and not was_told_before then at_most - at_least + 1 end
        ) as narrowest_range,
        min(case when sums_hold then 1 else 0 end) = 1 as sums_hold
    from findings
    group by subject, {{ financial_year_of('period_start') }}

),

final as (

    select
        hidden.subject,
        hidden.financial_year,
        hidden.shown_before,
        hidden.hidden_counts,
        coalesce(found.audited_counts, 0) as audited_counts,
        coalesce(found.suppressed_further, 0) as suppressed_further,
        coalesce(found.exposed_counts, 0) as exposed_counts,
        coalesce(found.told_before, 0) as told_before,
        found.narrowest_range,
        found.sums_hold
    from hidden
    left join found
        on hidden.subject = found.subject and hidden.financial_year = found.financial_year
    where hidden.hidden_counts > 0

)

select * from final
