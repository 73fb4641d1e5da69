-- The catalogue of indicators, as it is published.
with indicators as (

    select * from {{ ref('indicators') }}

),

final as (

    select
        indicator_id,
        domain,
        name,
        statistic,
        numerator,
        denominator,
        multiplier,
        unit,
        better,
        outcomes_table_entry,
        definition,
        why_it_matters,
        numerator_words,
        denominator_words,
        caveats,
        sources,
        owner,
        status,
        next_review
    from indicators

)

select * from final
