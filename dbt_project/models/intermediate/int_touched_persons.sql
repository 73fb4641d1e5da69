{{ config(pre_hook="{{ begin_computing() }}") }}

-- depends_on: {{ ref('int_touching_everybody') }}, {{ ref('int_changed_persons') }}, {{ ref('int_people_in_effect') }}
-- The persons whose units may be others than the last time: what each changed person is called today, and
-- what they were called then. All other persons' units, and what they are described by, are the same.
-- A row without a person says that everybody is touched, as in the first night.
{% if has_last_rows('int_described_units') %}
    with touching_everybody as (

        select * from {{ ref('int_touching_everybody') }}

    ),

    changed_persons as (

        select * from {{ ref('int_changed_persons') }}

    ),

    people as (

        select * from {{ ref('int_people_in_effect') }}

    ),

    last_people as (

        {{ last_rows_of('int_people_in_effect') }}

    ),

    both_nights as (

        select
            provider_code,
            person_id,
            person_key
        from people
        union distinct
        select
            provider_code,
            person_id,
            person_key
        from last_people

    ),

    final as (

        select both_nights.person_key
        from both_nights
        inner join changed_persons
            on
                both_nights.provider_code = changed_persons.provider_code
                and both_nights.person_id = changed_persons.person_id
        union distinct
        select cast(null as {{ dbt.type_string() }}) as person_key
        from touching_everybody

    )

    select * from final
{% else %}
    select cast(null as {{ dbt.type_string() }}) as person_key
{% endif %}
