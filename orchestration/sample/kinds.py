"""What services of each kind do, in numbers.

A service is told by its name in the registry. The figures are invented, within what such services
are like; they are what a person or month has on average, and weights need not add up to anything.
A service with another name is taken for one of the kind `Community links`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Weights = Mapping[str, float]

# Factors by month of the year, from January.
LEVEL = (1.0,) * 12
WINTER = (1.5, 1.45, 1.25, 0.9, 0.75, 0.65, 0.6, 0.65, 0.8, 1.0, 1.3, 1.5)
SUMMER = (0.7, 0.75, 0.9, 1.0, 1.15, 1.3, 1.35, 1.3, 1.15, 1.0, 0.8, 0.65)
MILD_WINTER = (1.1, 1.06, 1.05, 1.0, 1.0, 0.95, 0.92, 0.9, 1.0, 1.04, 1.06, 0.95)

# Registration with a practice is left out: it comes from the person's own story (`events`).
OUTCOMES: Weights = {
    "crisis": 6,
    "relapse": 4,
    "exercise_started": 5,
    "relationship_improved": 5,
    "relationship_new": 4,
    "support_network_joined": 5,
    "supporting_others": 3,
    "training_started": 4,
    "course_completed": 0.8,
    "interview": 3,
    "employment_started": 1.4,
    "volunteering_started": 3,
    "personal_budget": 2.5,
    "direct_payment": 1.5,
    "chose_provider": 4,
    "chose_activity": 5,
    "social_prescribing_offered": 5,
    "social_prescribing_attended": 1.5,
    "screening_completed": 5,
    "immunisation_given": 5,
    "advance_care_plan": 1.2,
}
CLINICAL_OUTCOMES: Weights = {
    **OUTCOMES,
    "screening_completed": 15,
    "immunisation_given": 14,
    "advance_care_plan": 4,
    "social_prescribing_offered": 9,
}
SOCIAL_OUTCOMES: Weights = {
    **OUTCOMES,
    "crisis": 2.5,
    "relapse": 1,
    "relationship_improved": 9,
    "relationship_new": 9,
    "support_network_joined": 11,
    "supporting_others": 8,
    "chose_activity": 10,
    "screening_completed": 0.6,
    "immunisation_given": 0.4,
    "advance_care_plan": 0.4,
}
WORK_OUTCOMES: Weights = {
    **OUTCOMES,
    "training_started": 9,
    "interview": 8,
    "employment_started": 4,
    "screening_completed": 0.6,
    "immunisation_given": 0.4,
    "advance_care_plan": 0.3,
}

WELLBEING: Weights = {"pss10": 0.6, "rses": 0.7, "brcs": 0.6, "swemwbs": 0.8, "eq_vas": 0.5}
BODY: Weights = {"bmi": 0.75, "weight_kg": 0.8, "cigarettes_per_day": 0.7, "audit_c": 0.6}
MOOD: Weights = {"phq9": 0.7, "pss10": 0.5, "swemwbs": 0.5, "eq_vas": 0.6, "rses": 0.4, "brcs": 0.4}

AGENCIES: Weights = {
    "gp": 8,
    "acute": 4,
    "mental_health": 8,
    "substance": 7,
    "sexual_health": 2,
    "dental": 5,
    "housing": 14,
    "social_care": 5,
    "employment": 4,
    "legal": 5,
    "justice": 3,
    "vcse": 9,
    "other": 2,
}


@dataclass(frozen=True)
class Kind:
    """One kind of service.

    Rates are for each person and month: `contacts`, `reviews`, `handovers`, `outcomes` and
    `admissions`. Shares are from 0 to 1: `missed` of contacts, `assessed` of episodes that are
    scored, `housing` of people whose accommodation is recorded, `supports` of their moves that
    the service supported. `months` is the mean length of an episode, `size` the relative number
    of people, `pounds` the cost of a contact, `groups` whom it reaches and `found_in` where it
    finds them; where that is empty, it is as their group says (`homes`).
    """

    size: float
    months: float
    contacts: float
    missed: float
    reviews: float
    handovers: float
    outcomes: float
    admissions: float
    assessed: float
    housing: float
    supports: float
    pounds: float
    contact_types: Weights
    purposes: Weights
    groups: Weights
    measures: Weights
    outcome_weights: Weights = field(default_factory=lambda: OUTCOMES)
    agencies: Weights = field(default_factory=lambda: AGENCIES)
    season: tuple[float, ...] = LEVEL
    admission_first: bool = False
    found_in: Weights = field(default_factory=dict)


FALLBACK = "Community links"

KINDS: Mapping[str, Kind] = {
    "Specialist homeless practice": Kind(
        size=1.5,
        months=17,
        contacts=2.7,
        missed=0.2,
        reviews=0.22,
        handovers=0.2,
        outcomes=0.3,
        admissions=0.05,
        assessed=0.85,
        housing=0.55,
        supports=0.2,
        pounds=74,
        contact_types={"clinic": 60, "mobile_unit": 14, "phone": 14, "digital": 4, "inreach": 8},
        purposes={
            "physical_health": 44,
            "mental_health": 16,
            "healthy_living": 11,
            "substance": 10,
            "assessment": 8,
            "exercise": 2,
            "other": 3,
            "housing": 3,
            "benefits": 3,
        },
        groups={"homeless": 10, "substance": 5, "migrant": 6, "modern_slavery": 6, "other": 3},
        measures={**BODY, **MOOD, "substance_days": 0.45},
        outcome_weights=CLINICAL_OUTCOMES,
        season=MILD_WINTER,
    ),
    "Hospital discharge pathway": Kind(
        size=1.2,
        months=3,
        contacts=3.9,
        missed=0.12,
        reviews=0.45,
        handovers=0.5,
        outcomes=0.22,
        admissions=0.05,
        assessed=0.35,
        housing=0.9,
        supports=0.65,
        pounds=118,
        contact_types={"inreach": 66, "phone": 16, "home": 12, "clinic": 6},
        purposes={
            "physical_health": 34,
            "housing": 34,
            "assessment": 12,
            "benefits": 8,
            "healthy_living": 6,
            "other": 4,
            "mental_health": 2,
        },
        groups={"homeless": 9, "substance": 4, "migrant": 2, "other": 2, "justice": 1},
        measures={"eq_vas": 0.8, "phq9": 0.4, "weight_kg": 0.4, "bmi": 0.4},
        outcome_weights=CLINICAL_OUTCOMES,
        season=MILD_WINTER,
        admission_first=True,
        found_in={
            "rough_sleeping": 30,
            "sofa_surfing": 24,
            "hostel": 22,
            "temporary": 14,
            "other": 6,
            "unknown": 4,
        },
    ),
    "Hostel in-reach": Kind(
        size=1.7,
        months=10.5,
        contacts=3.0,
        missed=0.16,
        reviews=0.2,
        handovers=0.2,
        outcomes=0.3,
        admissions=0.045,
        assessed=0.6,
        housing=0.95,
        supports=0.6,
        pounds=58,
        contact_types={"inreach": 74, "group": 8, "phone": 9, "digital": 3, "peer": 6},
        purposes={
            "housing": 30,
            "physical_health": 16,
            "mental_health": 12,
            "substance": 11,
            "healthy_living": 10,
            "social": 7,
            "benefits": 6,
            "employment": 4,
            "exercise": 3,
            "other": 1,
        },
        groups={"homeless": 9, "substance": 3, "justice": 2, "modern_slavery": 1, "migrant": 1},
        measures={**WELLBEING, "substance_days": 0.5, "cigarettes_per_day": 0.4},
        found_in={"hostel": 88, "temporary": 6, "supported_housing": 6},
    ),
    "Street outreach": Kind(
        size=2.6,
        months=8,
        contacts=3.3,
        missed=0.08,
        reviews=0.1,
        handovers=0.28,
        outcomes=0.2,
        admissions=0.04,
        assessed=0.2,
        housing=0.97,
        supports=0.5,
        pounds=62,
        contact_types={"outreach": 82, "phone": 8, "mobile_unit": 6, "digital": 4},
        purposes={
            "housing": 40,
            "physical_health": 14,
            "substance": 12,
            "assessment": 10,
            "healthy_living": 7,
            "benefits": 7,
            "mental_health": 6,
            "other": 4,
        },
        groups={"homeless": 10, "substance": 3, "migrant": 2, "justice": 1},
        measures={"eq_vas": 0.7, "substance_days": 0.7, "swemwbs": 0.4},
        season=SUMMER,
        found_in={"rough_sleeping": 80, "sofa_surfing": 8, "night_shelter": 8, "unknown": 4},
    ),
    "Peer advocates": Kind(
        size=1.0,
        months=10.5,
        contacts=2.6,
        missed=0.2,
        reviews=0.05,
        handovers=0.1,
        outcomes=0.42,
        admissions=0.025,
        assessed=0.6,
        housing=0.3,
        supports=0.2,
        pounds=38,
        contact_types={"peer": 66, "phone": 14, "group": 12, "digital": 8},
        purposes={
            "social": 38,
            "physical_health": 14,
            "exercise": 10,
            "employment": 10,
            "benefits": 8,
            "healthy_living": 8,
            "mental_health": 6,
            "other": 6,
        },
        groups={"homeless": 4, "substance": 4, "justice": 3, "other": 2, "sex_work": 1},
        measures=WELLBEING,
        outcome_weights=SOCIAL_OUTCOMES,
    ),
    "Traveller health outreach": Kind(
        size=1.7,
        months=18.5,
        contacts=2.1,
        missed=0.1,
        reviews=0.09,
        handovers=0.16,
        outcomes=0.26,
        admissions=0.03,
        assessed=0.6,
        housing=0.85,
        supports=0.3,
        pounds=66,
        contact_types={"outreach": 34, "home": 34, "mobile_unit": 20, "phone": 12},
        purposes={
            "physical_health": 34,
            "healthy_living": 22,
            "mental_health": 12,
            "benefits": 10,
            "housing": 9,
            "social": 6,
            "exercise": 4,
            "other": 3,
        },
        groups={"grt": 30},
        measures={**BODY, **MOOD},
        outcome_weights=CLINICAL_OUTCOMES,
        season=SUMMER,
    ),
    "Drug and alcohol recovery": Kind(
        size=1.5,
        months=12.5,
        contacts=2.9,
        missed=0.24,
        reviews=0.22,
        handovers=0.14,
        outcomes=0.34,
        admissions=0.045,
        assessed=0.9,
        housing=0.35,
        supports=0.15,
        pounds=54,
        contact_types={"clinic": 46, "group": 24, "phone": 14, "one_stop": 10, "digital": 6},
        purposes={
            "substance": 58,
            "mental_health": 12,
            "healthy_living": 7,
            "assessment": 6,
            "employment": 6,
            "exercise": 4,
            "social": 4,
            "other": 3,
        },
        groups={"substance": 20, "justice": 4, "homeless": 1, "sex_work": 1, "other": 1},
        measures={
            "substance_days": 0.95,
            "audit_c": 0.9,
            "phq9": 0.6,
            "cigarettes_per_day": 0.5,
            "swemwbs": 0.6,
            "rses": 0.4,
            "brcs": 0.5,
            "pss10": 0.5,
            "weight_kg": 0.4,
        },
        outcome_weights={**OUTCOMES, "relapse": 12},
        season=MILD_WINTER,
    ),
    "Sex workers' clinic": Kind(
        size=1.2,
        months=12.5,
        contacts=2.4,
        missed=0.22,
        reviews=0.14,
        handovers=0.2,
        outcomes=0.3,
        admissions=0.03,
        assessed=0.55,
        housing=0.3,
        supports=0.3,
        pounds=82,
        contact_types={"clinic": 48, "mobile_unit": 16, "one_stop": 14, "phone": 12, "digital": 10},
        purposes={
            "physical_health": 50,
            "healthy_living": 14,
            "mental_health": 13,
            "substance": 8,
            "benefits": 6,
            "housing": 5,
            "social": 4,
        },
        groups={"sex_work": 30, "modern_slavery": 6},
        measures={**MOOD, "cigarettes_per_day": 0.5, "audit_c": 0.6, "substance_days": 0.5},
        outcome_weights=CLINICAL_OUTCOMES,
        agencies={**AGENCIES, "sexual_health": 22},
    ),
    "Night shelter": Kind(
        size=2.2,
        months=4,
        contacts=4.1,
        missed=0.06,
        reviews=0.1,
        handovers=0.3,
        outcomes=0.2,
        admissions=0.035,
        assessed=0.3,
        housing=1.0,
        supports=0.75,
        pounds=46,
        contact_types={"inreach": 58, "one_stop": 30, "phone": 8, "digital": 4},
        purposes={
            "housing": 56,
            "assessment": 12,
            "benefits": 10,
            "social": 8,
            "healthy_living": 6,
            "employment": 5,
            "other": 3,
        },
        groups={"homeless": 9, "migrant": 2, "justice": 1, "substance": 1},
        measures={"swemwbs": 0.7, "eq_vas": 0.5, "rses": 0.4, "pss10": 0.4},
        season=WINTER,
        found_in={"night_shelter": 62, "rough_sleeping": 22, "sofa_surfing": 12, "unknown": 4},
    ),
    "Practice with a special interest": Kind(
        size=1.2,
        months=18.5,
        contacts=1.7,
        missed=0.15,
        reviews=0.07,
        handovers=0.12,
        outcomes=0.2,
        admissions=0.035,
        assessed=0.75,
        housing=0.2,
        supports=0.1,
        pounds=68,
        contact_types={"clinic": 74, "phone": 20, "digital": 6},
        purposes={
            "physical_health": 52,
            "mental_health": 18,
            "healthy_living": 16,
            "substance": 6,
            "exercise": 4,
            "other": 4,
        },
        groups={"migrant": 7, "grt": 4, "other": 7, "homeless": 1, "substance": 1},
        measures={**BODY, **MOOD},
        outcome_weights=CLINICAL_OUTCOMES,
        season=MILD_WINTER,
    ),
    "Community links": Kind(
        size=1.0,
        months=8,
        contacts=2.3,
        missed=0.15,
        reviews=0.03,
        handovers=0.26,
        outcomes=0.4,
        admissions=0.015,
        assessed=0.5,
        housing=0.25,
        supports=0.2,
        pounds=34,
        contact_types={"one_stop": 40, "group": 24, "phone": 20, "home": 6, "digital": 10},
        purposes={
            "social": 26,
            "benefits": 22,
            "employment": 18,
            "healthy_living": 10,
            "exercise": 10,
            "housing": 8,
            "other": 6,
        },
        groups={"migrant": 7, "other": 5, "modern_slavery": 5, "grt": 2, "justice": 1},
        measures=WELLBEING,
        outcome_weights=WORK_OUTCOMES,
    ),
    "Housing options": Kind(
        size=1.5,
        months=7,
        contacts=2.4,
        missed=0.16,
        reviews=0.08,
        handovers=0.24,
        outcomes=0.2,
        admissions=0.012,
        assessed=0.25,
        housing=1.0,
        supports=0.85,
        pounds=57,
        contact_types={"one_stop": 46, "phone": 30, "home": 14, "digital": 10},
        purposes={
            "housing": 66,
            "benefits": 16,
            "assessment": 9,
            "employment": 5,
            "other": 3,
            "healthy_living": 1,
        },
        groups={"homeless": 5, "migrant": 4, "justice": 2, "modern_slavery": 4, "other": 2},
        measures={"swemwbs": 0.7, "pss10": 0.5, "rses": 0.5},
        season=MILD_WINTER,
        found_in={
            "sofa_surfing": 38,
            "temporary": 26,
            "settled_private": 14,
            "rough_sleeping": 12,
            "asylum": 6,
            "other": 4,
        },
    ),
    "Prison leavers' link work": Kind(
        size=1.5,
        months=7.5,
        contacts=2.9,
        missed=0.26,
        reviews=0.16,
        handovers=0.28,
        outcomes=0.32,
        admissions=0.025,
        assessed=0.5,
        housing=0.85,
        supports=0.5,
        pounds=64,
        contact_types={"inreach": 36, "home": 12, "phone": 24, "one_stop": 18, "peer": 10},
        purposes={
            "housing": 28,
            "employment": 22,
            "benefits": 16,
            "substance": 12,
            "mental_health": 8,
            "healthy_living": 6,
            "social": 5,
            "other": 3,
        },
        groups={"justice": 24, "substance": 1},
        measures={**WELLBEING, "substance_days": 0.6, "audit_c": 0.4},
        outcome_weights=WORK_OUTCOMES,
        agencies={**AGENCIES, "justice": 16},
        found_in={
            "prison": 46,
            "sofa_surfing": 16,
            "hostel": 16,
            "temporary": 12,
            "rough_sleeping": 10,
        },
    ),
    "Befriending": Kind(
        size=1.0,
        months=14,
        contacts=2.6,
        missed=0.1,
        reviews=0.02,
        handovers=0.08,
        outcomes=0.42,
        admissions=0.02,
        assessed=0.65,
        housing=0.15,
        supports=0.05,
        pounds=24,
        contact_types={"peer": 34, "home": 30, "phone": 22, "group": 10, "digital": 4},
        purposes={"social": 66, "exercise": 14, "healthy_living": 8, "benefits": 6, "other": 6},
        groups={"other": 8, "grt": 3, "migrant": 3, "homeless": 1, "substance": 1},
        measures=WELLBEING,
        outcome_weights=SOCIAL_OUTCOMES,
    ),
}


def kind_named(service_name: str) -> Kind:
    """What a service of that name does."""
    return KINDS.get(service_name, KINDS[FALLBACK])
