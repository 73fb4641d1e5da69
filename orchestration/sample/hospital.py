"""Admissions to hospital: first ones, deaths in hospital, and people who come back within a month.

Where somebody goes on discharge is not decided here: see `homes.destinations`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.sample.draws import (
    DAYS_APART,
    NEVER,
    BoolArray,
    FloatArray,
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
from orchestration.sample.services import Services
from orchestration.sample.setting import Setting

METHOD: Weights = {"emergency": 70, "elective": 22, "other": 8}
REASON: dict[str, Weights] = {
    "homeless": {"physical": 40, "mental_health": 20, "substance": 18, "injury": 15, "other": 5},
    "substance": {"physical": 26, "mental_health": 18, "substance": 38, "injury": 13, "other": 5},
}
USUAL_REASON: Weights = {
    "physical": 50,
    "mental_health": 21,
    "substance": 9,
    "injury": 13,
    "other": 7,
}
# Of the admissions of women of an age to give birth.
MATERNITY = 0.12
# Mean days in hospital by reason.
STAY: Weights = {
    "physical": 6,
    "mental_health": 24,
    "substance": 4,
    "injury": 5,
    "maternity": 2.5,
    "other": 4,
}
COMES_BACK = 0.19
# Of those who come back and are with another provider as well.
TOLD_BY_ANOTHER = 0.5
DIES_IN_HOSPITAL = 0.3
TO_STEP_DOWN = 0.17
PATHWAY_TO_STEP_DOWN = 0.35


@dataclass(frozen=True)
class Admissions:
    """Spells in hospital as one episode's service knows of them. `discharged` may be NEVER;
    `dies` and `step_down` say how they end. Sorted by person and day."""

    person: IntArray
    episode: IntArray
    admitted: IntArray
    discharged: IntArray
    method: IntArray
    reason: IntArray
    dies: BoolArray
    step_down: BoolArray

    def __len__(self) -> int:
        return len(self.person)

    def taken(self, rows: BoolArray | IntArray) -> Admissions:
        """Those rows only."""
        return Admissions(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def plan_admissions(setting: Setting, people: People, episodes: Episodes) -> Admissions:
    """Everybody's admissions; those of one person follow upon each other."""
    rng = setting.stream("admissions")
    episode, admitted, pathway = _occasions(rng, setting.services, episodes)
    reason = _reasons(rng, setting, people, episodes.person[episode])
    stay = np.array(setting.each("admission_reason", STAY, 4.0))
    days = stay[reason]
    discharged = admitted + np.ceil(rng.gamma(1.2, days / 1.2)).astype(np.int64)
    # Whoever comes by way of the hospital is still in it, or has just left.
    leaves = episodes.start[episode] + rng.integers(0, 9, len(episode))
    found = Admissions(
        person=episodes.person[episode],
        episode=episode,
        admitted=admitted,
        discharged=np.where(pathway, np.maximum(discharged, leaves), discharged),
        method=spread(rng, setting.weights("admission_method", METHOD), len(episode)),
        reason=reason,
        dies=np.zeros(len(episode), dtype=bool),
        step_down=chance(rng, np.where(pathway, PATHWAY_TO_STEP_DOWN, TO_STEP_DOWN), len(episode)),
    )
    found = _joined(found, _last_ones(rng, setting, people, episodes))
    found = _one_after_another(found, people)
    back = _returns(rng, setting, found, episodes)
    return _one_after_another(_joined(found, back), people)


def _occasions(
    rng: np.random.Generator, services: Services, episodes: Episodes
) -> tuple[IntArray, IntArray, BoolArray]:
    """The episode and first day of each admission, and whether it led to the episode."""
    service = episodes.service
    low = np.maximum(episodes.start, services.first_day[service])
    high = np.minimum(episodes.end, services.last_day[service])
    months = (high - low + 1) / 30.4
    counts = rng.poisson(services.rates("admissions")[service] * months)
    episode, _ = runs(np.asarray(counts, dtype=np.int64))
    admitted = between(rng, low[episode], high[episode], len(episode))
    by_way = np.array([kind.admission_first for kind in services.kinds])[service]
    came = np.flatnonzero(by_way & (episodes.start >= services.first_day[service]))
    before = episodes.start[came] - rng.integers(0, 10, len(came))
    return (
        np.concatenate([episode, came]),
        np.concatenate([admitted, before]),
        np.concatenate([np.zeros(len(episode), dtype=bool), np.ones(len(came), dtype=bool)]),
    )


def _reasons(
    rng: np.random.Generator, setting: Setting, people: People, person: IntArray
) -> IntArray:
    by_group = setting.each("inclusion_group", REASON, USUAL_REASON)
    table = setting.table("admission_reason", by_group)
    drawn = spread_by(rng, table, people.group[person])
    female = setting.place("gender", "2")
    maternity = setting.place("admission_reason", "maternity")
    born = people.birth_year[person]
    may = (people.gender[person] == female) & people.adult[person] & (born > 1980)
    return np.where(may & chance(rng, MATERNITY, len(person)), maternity, drawn)


def _last_ones(
    rng: np.random.Generator, setting: Setting, people: People, episodes: Episodes
) -> Admissions:
    """The last admission of some who die: they die in hospital."""
    death = people.death[episodes.person]
    last_day = (death < NEVER) & (episodes.end == death)
    rows = np.flatnonzero(last_day & ~episodes.side & chance(rng, DIES_IN_HOSPITAL, len(episodes)))
    _, once = np.unique(episodes.person[rows], return_index=True)
    rows = rows[once]
    n = len(rows)
    death = episodes.end[rows]
    admitted = np.maximum(death - rng.integers(0, 20, n), episodes.start[rows])
    return Admissions(
        person=episodes.person[rows],
        episode=rows,
        admitted=admitted,
        discharged=death,
        method=np.full(n, setting.place("admission_method", "emergency")),
        reason=np.full(n, setting.place("admission_reason", "physical")),
        dies=np.ones(n, dtype=bool),
        step_down=np.zeros(n, dtype=bool),
    )


def _joined(one: Admissions, other: Admissions) -> Admissions:
    names = one.__dataclass_fields__
    return Admissions(*(np.concatenate([getattr(one, n), getattr(other, n)]) for n in names))


def _one_after_another(found: Admissions, people: People) -> Admissions:
    """Sorted by person and day, without those that begin while another lasts or outlast the
    person's life; of two that overlap the earlier is kept."""
    alive = found.dies | (found.discharged < people.death[found.person])
    found = found.taken(alive)
    found = found.taken(np.lexsort((found.episode, found.admitted, found.person)))
    key = found.person * DAYS_APART
    # People lie far apart on this scale, so nobody's days reach into the next person's.
    until = np.maximum.accumulate(key + np.minimum(found.discharged, DAYS_APART // 2))
    free = np.ones(len(found), dtype=bool)
    free[1:] = key[1:] + found.admitted[1:] >= until[:-1]
    return found.taken(free)


def _returns(
    rng: np.random.Generator, setting: Setting, found: Admissions, episodes: Episodes
) -> Admissions:
    """Emergency re-admissions within 30 days, told of by an episode that is open on the day."""
    n = len(found)
    likely: FloatArray = np.where(found.dies, 0.0, COMES_BACK)
    rows = np.flatnonzero(chance(rng, likely, n))
    first = found.taken(rows)
    day = first.discharged + 1 + np.minimum(rng.exponential(10, len(rows)), 28).astype(np.int64)
    told = _told_by(rng, episodes, first, day)
    fits = (told >= 0) & (day <= setting.window.end)
    first, day, told = first.taken(fits), day[fits], told[fits]
    n = len(first)
    return Admissions(
        person=first.person,
        episode=told,
        admitted=day,
        discharged=day + 1 + rng.gamma(1.2, 5, n).astype(np.int64),
        method=np.full(n, setting.place("admission_method", "emergency")),
        reason=first.reason,
        dies=np.zeros(n, dtype=bool),
        step_down=chance(rng, TO_STEP_DOWN, n),
    )


def _told_by(
    rng: np.random.Generator, episodes: Episodes, first: Admissions, day: IntArray
) -> IntArray:
    """For each re-admission the episode that tells of it: the same as of the first admission, or
    another of the person's that is open on the day; -1 where none is."""
    same = (day >= episodes.start[first.episode]) & (day <= episodes.end[first.episode])
    order = np.argsort(episodes.person, kind="stable")
    held = np.bincount(episodes.person, minlength=int(episodes.person.max()) + 1)
    begins = np.cumsum(held) - held
    row, place = runs(held[first.person])
    candidate = order[begins[first.person[row]] + place]
    fits = (
        (candidate != first.episode[row])
        & (episodes.start[candidate] <= day[row])
        & (episodes.end[candidate] >= day[row])
    )
    row, candidate = row[fits], candidate[fits]
    other = np.full(len(day), -1)
    other[row[::-1]] = candidate[::-1]
    prefer = (other >= 0) & (~same | chance(rng, TOLD_BY_ANOTHER, len(day)))
    return np.where(prefer, other, np.where(same, first.episode, -1))
