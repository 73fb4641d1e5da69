-- Which counts bound each other in every cell: a part is at most its whole, and a numerator and what
-- remains of the denominator are the denominator.
with measures as (

    select * from {{ ref('measures') }}

),

part_indicators as (

    select * from {{ ref('int_part_indicators') }}

),

final as (

    select
        measure_id as part,
        part_of as whole,
        '' as rest
    from measures
    where part_of is not null and part_of <> ''
    union all
    select
        numerator as part,
        denominator as whole,
        {{ remainder_of('indicator_id') }} as rest
    from part_indicators

)

select * from final
