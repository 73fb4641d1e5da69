{{ config(post_hook="{{ note_made() }}") }}

-- How many counts of each subject and financial year there are, and a number that stands for all that is
-- known of them from this release: the same the next time where nothing of it has changed.
with claims as (

    select * from {{ ref('int_count_claims') }}

),

policy as (

    select * from {{ ref('int_disclosure_policy') }}

),

final as (

    select
        claims.financial_year,
        claims.subject,
        claims.over_areas,
        claims.over_time,
        count(*) as claims,
        sum(case when claims.is_shown then 1 else 0 end) as shown_counts,
        sum(
            case when not claims.is_shown and {{ is_small('claims.exact') }} then 1 else 0 end
        ) as hidden_counts,
        sum({{ digest_of(
            cell_column_names()
            + ['exact', 'is_shown', 'at_least', 'at_most', 'hidden_least', 'hidden_most']
        ) }}) as digest
    from claims
    cross join policy
    group by claims.financial_year, claims.subject, claims.over_areas, claims.over_time

)

select * from final
