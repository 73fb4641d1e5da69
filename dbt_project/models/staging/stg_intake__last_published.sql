with source as (

    select * from {{ source('intake', 'last_published') }}

),

indicators as (

    select * from {{ ref('indicators') }}

),

final as (

    select
        source.indicator_id,
        indicators.statistic,
        {{ cell_columns('source.') }},
        source.numerator,
        source.denominator,
        source.status
    from source
    inner join indicators on source.indicator_id = indicators.indicator_id

)

select * from final
