-- Every case_reviews row of a return in effect, with the person and the service of its episode.
with case_reviews as (

    select * from {{ ref('stg_returns__case_reviews') }}

),

returns_in_effect as (

    select * from {{ ref('int_returns_in_effect') }}

),

episodes as (

    select * from {{ ref('int_episodes_in_effect') }}

),

final as (

    select
        case_reviews.provider_code,
        case_reviews.month,
        case_reviews.episode_id,
        episodes.person_key,
        episodes.service_code,
        case_reviews.review_id,
        case_reviews.review_date,
        case_reviews.multidisciplinary
    from case_reviews
    inner join returns_in_effect on case_reviews.judgement_id = returns_in_effect.judgement_id
    inner join episodes
        on
            case_reviews.provider_code = episodes.provider_code
            and case_reviews.episode_id = episodes.episode_id

)

select * from final
