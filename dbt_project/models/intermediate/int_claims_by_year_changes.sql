{{ config(materialized="view") }}

-- Each subject and financial year, and whether anything that is known of its counts from this release has
-- changed since the last time. Where there was no last time, everything has.
with claims_by_year as (

    select * from {{ ref('int_claims_by_year') }}

),

last_claims_by_year as (

    {{ last_rows_of('int_claims_by_year') }}

),

final as (

    select
        claims_by_year.financial_year,
        claims_by_year.subject,
        claims_by_year.over_areas,
        claims_by_year.over_time,
        claims_by_year.claims,
        claims_by_year.hidden_counts,
        last_claims_by_year.digest is null as is_changed
    from claims_by_year
    left join last_claims_by_year
        on
            claims_by_year.financial_year = last_claims_by_year.financial_year
            and claims_by_year.subject = last_claims_by_year.subject
            and claims_by_year.over_areas = last_claims_by_year.over_areas
            and claims_by_year.over_time = last_claims_by_year.over_time
            and claims_by_year.claims = last_claims_by_year.claims
            and claims_by_year.digest = last_claims_by_year.digest

)

select * from final
