{{ config(sliced_by='cells') }}

-- Each count of people, exact, beside all that a reader would know of it: from this release, and from
-- earlier ones, where the count is still the one that they told of. (Of a count that has changed, an
-- earlier range says nothing: held against the sums of today, it would seem to tell what nobody knows.
-- Releases of an older version do not say of which count they told: what still fits counts.)
with counts as (

    select * from {{ ref('int_exact_counts') }}

),

claims as (

    select * from {{ ref('int_claims_now') }}

),

last_claims as (

    select * from {{ ref('stg_intake__last_told') }}
    where {{ area_in_slice() }}

),

final as (

    select
        counts.subject,
        counts.over_areas,
        counts.over_time,
        counts.financial_year,
        {{ cell_columns('counts.') }},
        counts.exact,
        claims.is_shown,
        claims.at_least,
        claims.at_most,
        claims.hidden_least,
        claims.hidden_most,
        last_claims.at_least as last_least,
        last_claims.at_most as last_most
    from counts
    inner join claims
        on
            counts.subject = claims.subject
            and {{ same_cell('counts', 'claims') }}
    left join last_claims
        on
            counts.subject = last_claims.subject
            and {{ same_cell('counts', 'last_claims') }}
            and counts.exact >= coalesce(last_claims.exact, last_claims.at_least)
            and counts.exact <= coalesce(last_claims.exact, last_claims.at_most, counts.exact)

)

select * from final
