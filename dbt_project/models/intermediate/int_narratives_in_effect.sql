-- Every narratives row of a return in effect, its text as it is read. A text in which the judge found
-- personal data does not count, however severe the standard holds that to be.
with narratives as (

    select * from {{ ref('stg_returns__narratives') }}

),

returns_in_effect as (

    select * from {{ ref('int_returns_in_effect') }}

),

failures as (

    select * from {{ source('intake', 'failures') }}

),

personal as (

    select distinct
        judgement_id,
        row_number
    from failures
    where rule = 'narratives.text.personal_data'

),

final as (

    select
        narratives.provider_code,
        narratives.month,
        narratives.service_code,
        narratives.domain,
        narratives.kind,
        {{ readable_text('narratives.text') }} as text,
        narratives.consent_to_publish = 'Y' as has_consent
    from narratives
    inner join returns_in_effect on narratives.judgement_id = returns_in_effect.judgement_id
    left join personal
        on
            narratives.judgement_id = personal.judgement_id
            and narratives.row_number = personal.row_number
    where personal.judgement_id is null

)

select * from final
