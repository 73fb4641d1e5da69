-- The periods whose cells are computed from other rows than the last time, or are no more.
with digests as (

    select * from {{ ref('int_period_digests') }}

),

last_digests as (

    select * from {{ ref('stg_intake__last_digests') }}

),

final as (

    select
        coalesce(digests.period_type, last_digests.period_type) as period_type,
        coalesce(digests.period_start, last_digests.period_start) as period_start
    from digests
    full outer join last_digests
        on
            digests.period_type = last_digests.period_type
            and digests.period_start = last_digests.period_start
    where
        digests.digest is null
        or last_digests.digest is null
        or digests.digest <> last_digests.digest

)

select * from final
