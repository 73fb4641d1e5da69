-- The areas of the figures, providers among them.
with areas as (

    select * from {{ ref('stg_registry__areas') }}

),

providers as (

    select * from {{ ref('stg_registry__providers') }}

),

final as (

    select
        area_type,
        area_code,
        area_name,
        parent_code
    from areas
    union all
    select
        'provider' as area_type,
        provider_code as area_code,
        provider_name as area_name,
        null as parent_code
    from providers

)

select * from final
