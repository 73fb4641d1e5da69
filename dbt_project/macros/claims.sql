{#
    What a reader knows of a count from what is published of it. A shown count of r is any that
    rounds to r, and none that is too small to be shown. (`policy` is `int_disclosure_policy`.)
#}

{% macro least_of(count) -%}
    case
        when {{ count }} = 0 then 0
        else greatest(policy.smallest_shown_count, {{ count }} - floor(policy.rounding_base / 2.0))
    end
{%- endmacro %}

{% macro most_of(count) -%}
    case
        when {{ count }} = 0 then 0
        else {{ count }} + ceil(policy.rounding_base / 2.0) - 1
    end
{%- endmacro %}

{#
    The claims of a relation of published cells (`cells`, with statistic, status, numerator and
    denominator): what is told of each numerator, each denominator, and what remains of a
    denominator whose indicator counts a part of it. That a row of a breakdown is there at all says
    that its count is not 0, unless another one of the row can be meant. That a part is no larger
    than its whole is said by int_count_links and not here, since the whole may be hidden further.
#}
{% macro claims_of_cells() -%}
    select
        indicators.numerator as subject,
        {{ cell_columns('cells.') }},
        cells.status = 'shown' as is_shown,
        case
            when cells.status = 'shown' then {{ least_of('cells.numerator') }}
            when cells.status = 'suppressed' then 1
            when cells.breakdown_type <> 'all' and cells.statistic = 'count' then 1
            when cells.breakdown_type <> 'all' and cells.status = 'no_cases' then 1
            else 0
        end as at_least,
        case when cells.status = 'shown' then {{ most_of('cells.numerator') }} end as at_most,
        1 as hidden_least,
        cast(null as integer) as hidden_most
    from cells
    inner join indicators on cells.indicator_id = indicators.indicator_id
    inner join measures on indicators.numerator = measures.measure_id
    cross join policy
    where measures.concerns_people = 'yes'
    union all
    select
        indicators.denominator as subject,
        {{ cell_columns('cells.') }},
        cells.status <> 'not_submitted' and cells.denominator is not null as is_shown,
        case
            when cells.status = 'not_submitted' then 0
            when cells.denominator is null then 1
            else {{ least_of('cells.denominator') }}
        end as at_least,
        case
            when cells.status <> 'not_submitted' then {{ most_of('cells.denominator') }}
        end as at_most,
        1 as hidden_least,
        cast(null as integer) as hidden_most
    from cells
    inner join indicators on cells.indicator_id = indicators.indicator_id
    cross join policy
    where cells.statistic <> 'count'
    union all
    select
        {{ remainder_of('cells.indicator_id') }} as subject,
        {{ cell_columns('cells.') }},
        cells.status = 'shown' as is_shown,
        case
            when cells.status <> 'shown' then 0
            -- Where it is shown, what remains is not small either.
            when {{ remains_at_least() }} between 1 and policy.smallest_shown_count - 1
                then policy.smallest_shown_count
            else {{ remains_at_least() }}
        end as at_least,
        case
            when cells.status = 'shown' and {{ remains_at_most() }} < policy.smallest_shown_count
                then 0
            when cells.status = 'shown' then {{ remains_at_most() }}
        end as at_most,
        0 as hidden_least,
        cast(null as integer) as hidden_most
    from cells
    inner join part_indicators on cells.indicator_id = part_indicators.indicator_id
    cross join policy
{%- endmacro %}

{% macro remains_at_least() -%}
    greatest(0, {{ least_of('cells.denominator') }} - ({{ most_of('cells.numerator') }}))
{%- endmacro %}

{% macro remains_at_most() -%}
    ({{ most_of('cells.denominator') }} - ({{ least_of('cells.numerator') }}))
{%- endmacro %}

{# The name under which what remains of an indicator's denominator is audited. #}
{% macro remainder_of(indicator_id) -%}
    {{ dbt.concat([indicator_id, "':remainder'"]) }}
{%- endmacro %}

{# The claims of one model of cells, by its name, each count of people once: a whole model. #}
{% macro counts_told_by(cells) -%}
with cells as (

    select * from {{ ref(cells) }}
    where {{ area_wanted() }}

),

indicators as (

    select * from {{ ref('indicators') }}

),

measures as (

    select * from {{ ref('measures') }}

),

part_indicators as (

    select * from {{ ref('int_part_indicators') }}

),

policy as (

    select * from {{ ref('int_disclosure_policy') }}

),

claims as (

    {{ claims_of_cells() }}

),

final as (

    select
        subject,
        {{ cell_columns() }},
        max(case when is_shown then 1 else 0 end) = 1 as is_shown,
        max(at_least) as at_least,
        min(at_most) as at_most,
        max(hidden_least) as hidden_least,
        min(hidden_most) as hidden_most
    from claims
    group by subject, {{ cell_columns() }}

)

select * from final
{%- endmacro %}
