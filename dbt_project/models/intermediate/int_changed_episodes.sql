{{ config(materialized="view") }}

-- The episodes that a changed return names, in whichever table. An admission or a stay counts by its
-- latest row alone, and that may name another episode than the one before: so all that any return has
-- named for it do.
with changed_returns as (

    select * from {{ ref('int_changed_returns') }}

),

episodes as (

    select * from {{ ref('stg_returns__episodes') }}

),

contacts as (

    select * from {{ ref('stg_returns__contacts') }}

),

handovers as (

    select * from {{ ref('stg_returns__handovers') }}

),

case_reviews as (

    select * from {{ ref('stg_returns__case_reviews') }}

),

assessments as (

    select * from {{ ref('stg_returns__assessments') }}

),

outcomes as (

    select * from {{ ref('stg_returns__outcomes') }}

),

admissions as (

    select * from {{ ref('stg_returns__admissions') }}

),

stays as (

    select * from {{ ref('stg_returns__stays') }}

),

changed_admissions as (

    select distinct
        admissions.provider_code,
        admissions.admission_id
    from admissions
    inner join changed_returns on admissions.judgement_id = changed_returns.judgement_id

),

changed_stays as (

    select distinct
        stays.provider_code,
        stays.stay_id
    from stays
    inner join changed_returns on stays.judgement_id = changed_returns.judgement_id

),

final as (

    {% for sent in ['episodes', 'contacts', 'handovers', 'case_reviews', 'assessments', 'outcomes'] %}
        select
            {{ sent }}.provider_code,
            {{ sent }}.episode_id
        from {{ sent }}
        inner join changed_returns on {{ sent }}.judgement_id = changed_returns.judgement_id
        union distinct
    {% endfor %}
    select
        admissions.provider_code,
        admissions.episode_id
    from admissions
    inner join changed_admissions
        on
            admissions.provider_code = changed_admissions.provider_code
            and admissions.admission_id = changed_admissions.admission_id
    union distinct
    select
        stays.provider_code,
        stays.episode_id
    from stays
    inner join changed_stays
        on
            stays.provider_code = changed_stays.provider_code
            and stays.stay_id = changed_stays.stay_id

)

select * from final
