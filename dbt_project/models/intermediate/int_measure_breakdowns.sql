-- Which measures are divided by which breakdowns: the catalogue's list, a row for each.
with measures as (

    select * from {{ ref('measures') }}

),

breakdowns as (

    select * from {{ ref('breakdowns') }}

),

final as (

    select
        measures.measure_id,
        breakdowns.breakdown_type
    from measures
    inner join breakdowns
        on concat(';', measures.breakdowns, ';') like concat('%;', breakdowns.breakdown_type, ';%')

)

select * from final
