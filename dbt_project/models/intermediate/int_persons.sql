-- Each person once, whichever providers know them, with what the latest row says of them.
with people as (

    select * from {{ ref('int_people_in_effect') }}

),

ethnic_groups as (

    select * from {{ ref('ethnic_groups') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by person_key order by month desc, provider_code asc, person_id asc
        ) as place
    from people

),

final as (

    select
        ranked.person_key,
        ranked.birth_year,
        ranked.gender,
        ethnic_groups.ethnic_group
    from ranked
    inner join ethnic_groups on ranked.ethnic_category = ethnic_groups.ethnic_category
    where ranked.place = 1

)

select * from final
