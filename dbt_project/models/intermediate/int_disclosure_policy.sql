-- The commissioner's settings of disclosure control, as one row.
with settings as (

    select * from {{ ref('disclosure') }}

),

final as (

    select
        max(case when setting = 'smallest_shown_count' then value end) as smallest_shown_count,
        max(case when setting = 'rounding_base' then value end) as rounding_base,
        max(case when setting = 'least_denominator' then value end) as least_denominator,
        max(case when setting = 'pounds_base' then value end) as pounds_base,
        max(case when setting = 'narrative_least_caseload' then value end) as narrative_least_caseload,
        max(case when setting = 'least_possible_counts' then value end) as least_possible_counts
    from settings

)

select * from final
