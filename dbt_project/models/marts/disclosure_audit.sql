-- The audit's own account, for the operator and the gate: one row for each count of people (a
-- measure, or what remains of a denominator) and financial year with hidden small counts. Its
-- numbers are of cells, not of people.
with claims_by_year as (

    select * from {{ ref('int_claims_by_year') }}

),

findings as (

    select * from {{ ref('int_disclosure_audit') }}

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
        claims_by_year.subject,
        claims_by_year.financial_year,
        claims_by_year.shown_counts as shown_before,
        claims_by_year.hidden_counts,
        coalesce(found.audited_counts, 0) as audited_counts,
        coalesce(found.suppressed_further, 0) as suppressed_further,
        coalesce(found.exposed_counts, 0) as exposed_counts,
        coalesce(found.told_before, 0) as told_before,
        found.narrowest_range,
        found.sums_hold
    from claims_by_year
    left join found
        on
            claims_by_year.subject = found.subject
            and claims_by_year.financial_year = found.financial_year
    where claims_by_year.hidden_counts > 0

)

select * from final
