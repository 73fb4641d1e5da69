{{ config(sliced_by='cells', kept_but_for='int_area_changes', post_hook="{{ note_made() }}") }}

-- depends_on: {{ ref('int_area_changes') }}
-- Each count of people, exact, beside what a reader would know of it from this release.
with counts as (

    select * from {{ ref('int_exact_counts') }}

),

claims as (

    select * from {{ ref('int_claims_now') }}

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
        claims.hidden_most
    from counts
    inner join claims
        on
            counts.subject = claims.subject
            and {{ same_cell('counts', 'claims') }}

)

select * from final
