-- Persons with spells of support at more than one service. Where persons are counted, only these can
-- stand twice in an area: all others lie at one service, whose counts add up.
with episodes as (

    select * from {{ ref('int_episodes_in_effect') }}

),

final as (

    select person_key
    from episodes
    group by person_key
    having min(service_code) <> max(service_code)

)

select * from final
