"""Hand-overs, case reviews and outcomes: what happens in a month of somebody's care."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.sample.caseload import CareMonths, care_on, ends_here
from orchestration.sample.draws import (
    NEVER,
    IntArray,
    between,
    chance,
    runs,
    spread,
    spread_by,
)
from orchestration.sample.episodes import Episodes
from orchestration.sample.kinds import Weights
from orchestration.sample.people import People
from orchestration.sample.setting import Setting

HANDOVER_KIND: Weights = {
    "referral": 62,
    "signpost": 31,
    "mainstream_transfer": 4,
    "duty_to_refer": 3,
}
TO_HOUSING: Weights = {"duty_to_refer": 42, "referral": 40, "signpost": 18}
RESULT: Weights = {"accepted": 69, "declined": 14, "pending": 17}
TRANSFER_RESULT: Weights = {"accepted": 86, "declined": 6, "pending": 8}
TRANSFER_TO: Weights = {
    "gp": 50,
    "mental_health": 12,
    "substance": 10,
    "housing": 16,
    "social_care": 12,
}
# Ends that go with a transfer to a mainstream service.
ENDS_IN_TRANSFER: Weights = {"mainstream": 0.85, "goals_met": 0.25}
# Reviews held by a multi-disciplinary team, by tier of the service.
TEAM_BY_TIER = (0.15, 0.35, 0.62, 0.85)
AGENCIES_COUNTED = 0.95
# What follows an outcome: with what probability, and after how many days.
FOLLOWS: dict[str, tuple[str, float, int, int]] = {
    "training_started": ("course_completed", 0.5, 30, 120),
    "interview": ("employment_started", 0.32, 5, 40),
    "social_prescribing_offered": ("social_prescribing_attended", 0.5, 5, 45),
    "volunteering_started": ("supporting_others", 0.3, 10, 60),
}
# What may be recorded of children.
FOR_CHILDREN = (
    "immunisation_given",
    "screening_completed",
    "exercise_started",
    "relationship_improved",
    "relationship_new",
    "support_network_joined",
    "chose_activity",
    "social_prescribing_offered",
)
REGISTERED = "gp_registered"
COMES_TO_REGISTER = 0.6


@dataclass(frozen=True)
class Handovers:
    """Hand-overs in no order; codes are places in their lists."""

    care: IntArray
    day: IntArray
    agency: IntArray
    kind: IntArray
    result: IntArray


@dataclass(frozen=True)
class Reviews:
    """Case reviews in no order; `agencies` is -1 where nobody counted them."""

    care: IntArray
    day: IntArray
    team: IntArray
    agencies: IntArray


@dataclass(frozen=True)
class Outcomes:
    """Outcomes in no order; `code` is a place in the list."""

    care: IntArray
    day: IntArray
    code: IntArray


def _days(rng: np.random.Generator, care: CareMonths, row: IntArray) -> IntArray:
    return between(rng, care.low[row], care.high[row], len(row))


def plan_handovers(setting: Setting, episodes: Episodes, care: CareMonths) -> Handovers:
    """Hand-overs during care, more of them in its first month, and transfers at its end."""
    rng = setting.stream("handovers")
    rate = setting.services.rates("handovers")[care.service] * np.where(care.nth == 0, 1.7, 0.85)
    row, _ = runs(np.asarray(rng.poisson(rate), dtype=np.int64))
    to_which = setting.table("agency", [kind.agencies for kind in setting.kinds])
    agency = spread_by(rng, to_which, care.service[row])
    by_agency = setting.table("handover_kind", [HANDOVER_KIND, TO_HOUSING])
    housing = agency == setting.place("agency", "housing")
    kind = spread_by(rng, by_agency, housing.astype(np.int64))

    shares = np.array(setting.each("end_reason", ENDS_IN_TRANSFER, 0.0))
    ended = ends_here(episodes, care) & ~episodes.side[care.episode]
    share = np.where(ended, shares[episodes.end_reason[care.episode]], 0.0)
    last = np.flatnonzero(chance(rng, share, len(care)))
    transfer = setting.place("handover_kind", "mainstream_transfer")
    by_kind = setting.table("handover_result", [RESULT, TRANSFER_RESULT])
    kind = np.concatenate([kind, np.full(len(last), transfer)])
    leaving = np.maximum(care.high[last] - rng.integers(0, 7, len(last)), care.low[last])
    return Handovers(
        care=np.concatenate([row, last]),
        day=np.concatenate([_days(rng, care, row), leaving]),
        agency=np.concatenate(
            [agency, spread(rng, setting.weights("agency", TRANSFER_TO), len(last))]
        ),
        kind=kind,
        result=spread_by(rng, by_kind, (kind == transfer).astype(np.int64)),
    )


def plan_reviews(setting: Setting, care: CareMonths) -> Reviews:
    """Case reviews, by a team the more often the higher the service's tier."""
    rng, services = setting.stream("reviews"), setting.services
    rate = services.rates("reviews")[care.service]
    row, _ = runs(np.asarray(rng.poisson(rate), dtype=np.int64))
    n = len(row)
    team = chance(rng, np.array(TEAM_BY_TIER)[services.tier[care.service[row]]], n)
    agencies = np.where(team, 2 + rng.poisson(2.1, n), 1 + chance(rng, 0.3, n))
    agencies = np.minimum(agencies, 12)
    return Reviews(
        care=row,
        day=_days(rng, care, row),
        team=np.where(team, setting.place("yes_no", "Y"), setting.place("yes_no", "N")),
        agencies=np.where(chance(rng, AGENCIES_COUNTED, n), agencies, -1),
    )


def plan_outcomes(
    setting: Setting, people: People, episodes: Episodes, care: CareMonths
) -> tuple[Outcomes, IntArray]:
    """Outcomes, what follows from them, and for each person the day on which they registered with
    a practice (NEVER for those who did not)."""
    rng = setting.stream("outcomes")
    listed = setting.codes("outcome")
    # Little is achieved in a person's first weeks.
    rate = setting.services.rates("outcomes")[care.service] * np.where(care.nth == 0, 0.6, 1.08)
    row, _ = runs(np.asarray(rng.poisson(rate), dtype=np.int64))
    table = setting.table("outcome", [kind.outcome_weights for kind in setting.kinds])
    code = spread_by(rng, table, care.service[row])
    fit = people.adult[episodes.person[care.episode[row]]]
    fit |= np.isin(code, [listed.index(each) for each in FOR_CHILDREN])
    row, code = row[fit], code[fit]
    day = _days(rng, care, row)

    rows, days, codes = [row], [day], [code]
    for cause, (effect, share, soonest, latest) in FOLLOWS.items():
        led = np.flatnonzero((code == listed.index(cause)) & chance(rng, share, len(code)))
        then = day[led] + rng.integers(soonest, latest, len(led))
        at = care_on(setting.window, care, care.episode[row[led]], then)
        rows.append(at[at >= 0])
        days.append(then[at >= 0])
        codes.append(np.full(len(rows[-1]), listed.index(effect)))

    without = people.gp == setting.place("yes_no_unknown", "N")
    without &= chance(rng, COMES_TO_REGISTER, len(people))
    early = without[episodes.person[care.episode]] & (care.nth < 4)
    shuffled = rng.permutation(np.flatnonzero(early))
    person, once = np.unique(episodes.person[care.episode[shuffled]], return_index=True)
    rows.append(shuffled[once])
    days.append(_days(rng, care, rows[-1]))
    codes.append(np.full(len(person), listed.index(REGISTERED)))
    since = np.full(len(people), NEVER)
    since[person] = days[-1]
    return Outcomes(np.concatenate(rows), np.concatenate(days), np.concatenate(codes)), since
