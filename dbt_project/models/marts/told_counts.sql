{{ config(
    sliced_by='cells',
    kept_but_for='int_told_area_changes',
    is_kept_elsewhere=true,
    post_hook="{{ note_made() }}"
) }}

-- depends_on: {{ ref('int_told_area_changes') }}
-- What every release so far, this one included, tells of each count of people. It is kept beside the
-- release, not published: what has been told once is known for good. With the count itself, since what
-- was told of a count that has changed since was told of another one.
with claims as (

    select * from {{ ref('int_claims_audited') }}

),

counts as (

    select * from {{ ref('int_told_claims') }}

),

-- Where nothing is made anew, it stays as the releases before this one told it.
told_as_before as (

    select * from {{ ref('stg_intake__last_told') }}
    where {{ area_kept() }}

),

told_now as (

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

),

final as (

    select * from told_now
    union all
    select
        subject,
        {{ cell_columns() }},
        exact,
        at_least,
        at_most
    from told_as_before

)

select * from final
