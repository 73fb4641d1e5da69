-- The measures, each with a small number that its units carry.
with measures as (

    select * from {{ ref('measures') }}

),

final as (

    select
        measure_id,
        aggregation,
        unit = 'person' as counts_persons,
        cast(row_number() over (order by measure_id) as smallint) as measure
    from measures

)

select * from final
