{{ config(sliced_by='cells') }}

-- What every release so far, this one included, tells of each count of people. It is kept beside the
-- release, not published: what has been told once is known for good. With the count itself, since what
-- was told of a count that has changed since was told of another one.
with claims as (

    select * from {{ ref('int_claims_audited') }}

),

counts as (

    select * from {{ ref('int_count_claims') }}
    where {{ area_in_slice() }}

),

final as (

    select
        claims.subject,
        {{ cell_columns('claims.') }},
        counts.exact,
        greatest(claims.at_least, coalesce(counts.last_least, 0)) as at_least,
        least(
            coalesce(claims.at_most, counts.last_most), coalesce(counts.last_most, claims.at_most)
        ) as at_most
    from claims
    inner join counts
        on
            claims.subject = counts.subject
            and {{ same_cell('claims', 'counts') }}
    where
        claims.at_least > 0
        or claims.at_most is not null
        or counts.last_least > 0
        or counts.last_most is not null

)

select * from final
