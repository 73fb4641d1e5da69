-- The words that may be shown: with consent, and from a service with enough people on its caseload in
-- the month that nobody is known by it. The month and the local authority are told, and no more: a
-- place often has a single service of its kind, so it would tell the service, and the service the
-- person's inclusion group. Providers, services, days and identifiers go no further.
with narratives as (

    select * from {{ ref('int_narratives_in_effect') }}

),

caseloads as (

    select * from {{ ref('int_service_caseloads') }}

),

service_areas as (

    select * from {{ ref('int_service_areas') }}

),

policy as (

    select * from {{ ref('int_disclosure_policy') }}

),

refresh as (

    select * from {{ ref('stg_intake__refresh') }}

),

-- The same words sent again without consent say that consent has ended.
withdrawn as (

    select distinct
        provider_code,
        text
    from narratives
    where not coalesce(has_consent, false)

),

allowed as (

    select
        narratives.domain,
        narratives.kind,
        {{ month_name('narratives.month') }} as period,
        service_areas.area_type,
        service_areas.area_code,
        narratives.text
    from narratives
    inner join service_areas
        on
            narratives.service_code = service_areas.service_code
            and service_areas.area_type = 'local_authority'
    inner join caseloads
        on
            narratives.service_code = caseloads.service_code
            and narratives.month = caseloads.month
    left join withdrawn
        on narratives.provider_code = withdrawn.provider_code and narratives.text = withdrawn.text
    cross join policy
    where
        narratives.has_consent
        and withdrawn.text is null
        and not {{ holds_link_key('narratives.text') }}
        and not {{ is_blank('narratives.text') }}
        and caseloads.people >= policy.narrative_least_caseload

),

final as (

    select
        refresh.release_id,
        -- The number says nothing: its order is that of a digest of the words themselves.
        row_number() over (
            order by
                md5(allowed.text), allowed.text, allowed.domain, allowed.kind, allowed.period, allowed.area_code
        ) as narrative,
        allowed.domain,
        allowed.kind,
        allowed.period,
        allowed.area_type,
        allowed.area_code,
        allowed.text
    from allowed
    cross join refresh

)

select * from final
