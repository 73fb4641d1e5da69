{{ config(materialized="view") }}

-- depends_on: {{ ref('int_unit_changes') }}
-- What cells are computed from: the units that have changed. The first time, all of them are new.
with units as (

    {% if has_last_rows('int_described_units') %}
        select * from {{ ref('int_unit_changes') }}
    {% else %}
        select
            *,
            1 as side
        from {{ ref('int_described_units') }}
    {% endif %}

),

final as (

    select
        side,
        measure,
        period,
        person_key,
        service_code,
        units,
        amount,
        gender,
        ethnic_group,
        age_band,
        is_shared
    from units

)

select * from final
