-- What this release tells of each count of people, after the audit.
with cells as (

    select * from {{ ref('int_audited_cells') }}

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
