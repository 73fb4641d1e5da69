-- Where each submission stands, and each expected return that never came.
with submissions as (

    select * from {{ ref('stg_intake__submissions') }}

),

returns_in_effect as (

    select * from {{ ref('int_returns_in_effect') }}

),

expected_returns as (

    select * from {{ ref('int_expected_returns') }}

),

received as (

    select
        submissions.provider_code,
        submissions.month,
        submissions.submission_no,
        case
            when returns_in_effect.judgement_id is not null then 'in_effect'
            when submissions.is_accepted then 'superseded'
            else 'rejected'
        end as state,
        submissions.received_at,
        submissions.source_name,
        submissions.rows_received,
        submissions.rows_excluded,
        submissions.warnings
    from submissions
    left join returns_in_effect on submissions.judgement_id = returns_in_effect.judgement_id

),

missing as (

    select
        expected_returns.provider_code,
        expected_returns.month,
        cast(null as integer) as submission_no,
        'missing' as state,
        cast(null as timestamp) as received_at,
        cast(null as {{ dbt.type_string() }}) as source_name,
        cast(null as bigint) as rows_received,
        cast(null as bigint) as rows_excluded,
        cast(null as bigint) as warnings
    from expected_returns
    left join submissions
        on
            expected_returns.provider_code = submissions.provider_code
            and expected_returns.month = submissions.month
    where submissions.provider_code is null

),

united as (

    select * from received
    union all
    select * from missing

),

final as (

    select
        provider_code,
        {{ month_name('month') }} as period,
        submission_no,
        state,
        received_at,
        source_name,
        rows_received,
        rows_excluded,
        warnings
    from united

)

select * from final
