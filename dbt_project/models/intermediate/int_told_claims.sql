-- Each count of people, exact, beside all that a reader would know of it: from this release, and from
-- earlier ones, where the count is still the one that they told of. (Of a count that has changed, an
-- earlier range says nothing: held against the sums of today, it would seem to tell what nobody knows.
-- Releases of an older version do not say of which count they told: what still fits counts.)
-- A view, since of most counts nobody asks what earlier releases told.
{{ config(materialized='view') }}
with claims as (

    select * from {{ ref('int_count_claims') }}
    where {{ area_wanted() }}

),

last_told as (

    select
        *,
        {{ financial_year_of('period_start') }} as financial_year
    from {{ ref('stg_intake__last_told') }}
    where {{ area_wanted() }}

),

final as (

    select
        claims.subject,
        claims.over_areas,
        claims.over_time,
        claims.financial_year,
        {{ cell_columns('claims.') }},
        claims.exact,
        claims.is_shown,
        claims.at_least,
        claims.at_most,
        claims.hidden_least,
        claims.hidden_most,
        last_told.at_least as last_least,
        last_told.at_most as last_most
    from claims
    left join last_told
        on
            claims.subject = last_told.subject
            -- It follows from the month, and is asked for the sake of whoever wants one year.
            and claims.financial_year = last_told.financial_year
            and {{ same_cell('claims', 'last_told') }}
            and claims.exact >= coalesce(last_told.exact, last_told.at_least)
            and claims.exact <= coalesce(last_told.exact, last_told.at_most, claims.exact)

)

select * from final
