"""Where people live and sleep: one path for each person, from spell to spell.

Several services may tell of the same spell; what each of them sends is decided in `tables`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from orchestration.sample.draws import (
    DAYS_APART,
    NEVER,
    BoolArray,
    FloatArray,
    IntArray,
    chance,
    pick,
    spread,
    spread_by,
    weights_over,
)
from orchestration.sample.episodes import Episodes
from orchestration.sample.hospital import Admissions
from orchestration.sample.kinds import WINTER, Weights
from orchestration.sample.people import People
from orchestration.sample.setting import Setting
from orchestration.sample.window import calendar_month

# Mean days that a spell lasts.
LASTS: Weights = {
    "rough_sleeping": 80,
    "night_shelter": 28,
    "hostel": 130,
    "temporary": 110,
    "step_down": 32,
    "supported_housing": 230,
    "settled_social": 600,
    "settled_private": 380,
    "site_pitch": 420,
    "unauthorised_site": 55,
    "sofa_surfing": 60,
    "asylum": 180,
    "prison": 80,
    "other": 60,
    "unknown": 70,
}
# Where somebody of each group is at first.
AT_FIRST: dict[str, Weights] = {
    "homeless": {
        "rough_sleeping": 38,
        "sofa_surfing": 18,
        "hostel": 14,
        "night_shelter": 10,
        "temporary": 12,
        "supported_housing": 3,
        "other": 3,
        "unknown": 2,
    },
    "substance": {
        "settled_social": 28,
        "settled_private": 20,
        "sofa_surfing": 14,
        "rough_sleeping": 12,
        "hostel": 10,
        "supported_housing": 9,
        "temporary": 5,
        "unknown": 2,
    },
    "migrant": {
        "asylum": 38,
        "temporary": 18,
        "sofa_surfing": 14,
        "settled_private": 16,
        "rough_sleeping": 10,
        "other": 4,
    },
    "grt": {
        "site_pitch": 52,
        "unauthorised_site": 22,
        "settled_social": 16,
        "settled_private": 8,
        "other": 2,
    },
    "justice": {
        "prison": 34,
        "sofa_surfing": 18,
        "hostel": 16,
        "rough_sleeping": 12,
        "temporary": 12,
        "settled_social": 8,
    },
    "modern_slavery": {"temporary": 40, "asylum": 20, "supported_housing": 24, "other": 16},
    "sex_work": {
        "settled_private": 34,
        "sofa_surfing": 22,
        "settled_social": 20,
        "hostel": 10,
        "temporary": 8,
        "rough_sleeping": 6,
    },
    "other": {"settled_social": 46, "settled_private": 40, "sofa_surfing": 8, "unknown": 6},
}
NEXT: dict[str, Weights] = {
    "rough_sleeping": {
        "night_shelter": 30,
        "hostel": 18,
        "temporary": 16,
        "sofa_surfing": 10,
        "supported_housing": 3,
        "settled_private": 2,
        "settled_social": 2,
        "prison": 5,
        "unauthorised_site": 1,
        "other": 2,
        "unknown": 3,
    },
    "night_shelter": {
        "hostel": 26,
        "temporary": 18,
        "supported_housing": 10,
        "rough_sleeping": 22,
        "sofa_surfing": 7,
        "settled_private": 6,
        "settled_social": 4,
        "prison": 2,
        "unknown": 3,
    },
    "hostel": {
        "supported_housing": 24,
        "settled_social": 16,
        "settled_private": 11,
        "temporary": 10,
        "rough_sleeping": 13,
        "sofa_surfing": 7,
        "prison": 4,
        "other": 2,
    },
    "temporary": {
        "settled_social": 28,
        "settled_private": 17,
        "supported_housing": 14,
        "site_pitch": 3,
        "hostel": 8,
        "rough_sleeping": 8,
        "sofa_surfing": 8,
    },
    "step_down": {
        "hostel": 22,
        "supported_housing": 20,
        "temporary": 20,
        "settled_social": 12,
        "settled_private": 8,
        "site_pitch": 4,
        "rough_sleeping": 8,
        "sofa_surfing": 5,
    },
    "supported_housing": {
        "settled_social": 36,
        "settled_private": 20,
        "temporary": 7,
        "hostel": 7,
        "sofa_surfing": 7,
        "rough_sleeping": 5,
        "prison": 2,
    },
    "settled_social": {
        "sofa_surfing": 28,
        "temporary": 24,
        "settled_private": 16,
        "site_pitch": 6,
        "rough_sleeping": 9,
        "supported_housing": 9,
        "prison": 5,
    },
    "settled_private": {
        "sofa_surfing": 30,
        "temporary": 24,
        "settled_social": 16,
        "site_pitch": 4,
        "rough_sleeping": 10,
        "hostel": 6,
        "prison": 4,
    },
    "site_pitch": {
        "unauthorised_site": 46,
        "settled_social": 24,
        "settled_private": 10,
        "other": 8,
    },
    "unauthorised_site": {
        "site_pitch": 54,
        "settled_social": 16,
        "temporary": 10,
        "other": 8,
        "rough_sleeping": 3,
    },
    "sofa_surfing": {
        "temporary": 24,
        "rough_sleeping": 18,
        "settled_private": 18,
        "settled_social": 14,
        "hostel": 11,
        "night_shelter": 8,
        "supported_housing": 6,
        "unauthorised_site": 1,
        "other": 2,
        "unknown": 2,
    },
    "asylum": {
        "temporary": 30,
        "settled_private": 22,
        "sofa_surfing": 16,
        "rough_sleeping": 10,
        "settled_social": 10,
        "hostel": 6,
    },
    "prison": {
        "hostel": 22,
        "temporary": 20,
        "rough_sleeping": 16,
        "sofa_surfing": 18,
        "supported_housing": 14,
        "settled_social": 6,
    },
    "other": {"temporary": 24, "sofa_surfing": 20, "settled_private": 18, "rough_sleeping": 12},
    "unknown": {"rough_sleeping": 22, "sofa_surfing": 20, "temporary": 22, "hostel": 16},
}
# How much likelier, or less likely, a group comes to a place than others do.
PREFERS: dict[str, Weights] = {
    "grt": {"site_pitch": 9, "unauthorised_site": 6, "night_shelter": 0.1, "rough_sleeping": 0.2},
    "migrant": {"prison": 0.2, "night_shelter": 1.2},
    "justice": {"prison": 2.5},
    "sex_work": {"rough_sleeping": 0.5, "night_shelter": 0.4},
    "other": {"rough_sleeping": 0.2, "night_shelter": 0.2, "prison": 0.3},
}
# Few but Travellers come to sites.
OTHERS: Weights = {"site_pitch": 0.02, "unauthorised_site": 0.5}
BETTER = (
    "temporary",
    "hostel",
    "supported_housing",
    "settled_social",
    "settled_private",
    "site_pitch",
    "night_shelter",
    "step_down",
    "asylum",
)
MOVES_ON: Weights = {"planned_move": 88, "other": 12}
FALLS_OUT: Weights = {"evicted": 42, "abandoned": 40, "other": 18}
# Where hospital records say that somebody went, by where they were a day later.
DESTINATION: Mapping[str, str] = {
    "rough_sleeping": "street",
    "unauthorised_site": "other",
    "night_shelter": "night_shelter",
    "hostel": "hostel",
    "temporary": "temporary",
    "asylum": "temporary",
    "step_down": "step_down",
    "supported_housing": "settled",
    "settled_social": "settled",
    "settled_private": "settled",
    "site_pitch": "settled",
    "sofa_surfing": "family_friends",
    "prison": "prison",
    "other": "other",
    "unknown": "unknown",
}
NOT_RECORDED = 0.05
TO_CARE_HOME = 0.02
LEAVES_FOR_PRISON = 0.6


@dataclass(frozen=True)
class Spells:
    """Where people were, sorted by person and day. `state` is a place in the list of
    accommodation, `reason` in that of reasons; `end` may lie beyond the window. Each spell begins
    on the day the one before it ended, or soon after."""

    person: IntArray
    state: IntArray
    start: IntArray
    end: IntArray
    reason: IntArray

    def at(self, person: IntArray, day: IntArray) -> IntArray:
        """The state of each person on a day, -1 where not known."""
        keys = self.person * DAYS_APART + self.start
        found = np.searchsorted(keys, person * DAYS_APART + day, side="right") - 1
        known = (found >= 0) & (self.person[found] == person) & (self.end[found] >= day)
        return np.where(known, self.state[found], -1)


@dataclass(frozen=True)
class _Ways:
    """The tables of this module as arrays, in the order of the code lists."""

    lasts: FloatArray
    onward: FloatArray
    prefers: FloatArray
    season: FloatArray
    better: BoolArray
    states: list[str]
    reasons: list[str]


@dataclass(frozen=True)
class _Walk:
    """What stays the same from step to step of a path; `cuts` are the admissions that end in
    step-down, sorted by person and day."""

    rng: np.random.Generator
    ways: _Ways
    people: People
    cuts: Admissions


def plan_homes(
    setting: Setting, people: People, episodes: Episodes, admissions: Admissions
) -> Spells:
    """Everybody's path, from some time before they are first met to the window's end or death."""
    rng = setting.stream("homes")
    walk = _Walk(rng, _ways(setting), people, admissions.taken(admissions.step_down))
    met = np.full(len(people), NEVER)
    np.minimum.at(met, episodes.person, episodes.start)

    # Which service first met each person; where it says nothing, their group decides.
    first = setting.table("accommodation", setting.each("inclusion_group", AT_FIRST, {}))
    by_kind = setting.table("accommodation", [kind.found_in for kind in setting.kinds])
    service = np.zeros(len(people), dtype=np.int64)
    earliest = episodes.start == met[episodes.person]
    service[episodes.person[earliest]] = episodes.service[earliest]
    says = np.array([bool(kind.found_in) for kind in setting.kinds])[service]

    person = np.arange(len(people))
    state = np.where(says, spread_by(rng, by_kind, service), spread_by(rng, first, people.group))
    day = met - 3 - rng.gamma(1.2, 40, len(people)).astype(np.int64)
    # Where people are when they are first met, they stay for a while.
    least = met + rng.gamma(1.2, 0.5 * walk.ways.lasts[state]).astype(np.int64)
    found: list[Spells] = []
    while len(person):
        spell, state, day = _spell(walk, person, state, day, least)
        least = np.zeros_like(least)
        found.append(spell)
        more = (day <= setting.window.end) & (day < people.death[person])
        person, state, day = person[more], state[more], day[more]
    names = Spells.__dataclass_fields__
    path = Spells(*(np.concatenate([getattr(each, name) for each in found]) for name in names))
    order = np.lexsort((path.start, path.person))
    return Spells(*(getattr(path, name)[order] for name in names))


def _spell(
    walk: _Walk, person: IntArray, state: IntArray, day: IntArray, least: IntArray
) -> tuple[Spells, IntArray, IntArray]:
    """One spell of each person from that day on, until the day `least` of each person at least,
    with the state and the day that follow."""
    rng, ways, people, cuts = walk.rng, walk.ways, walk.people, walk.cuts
    n = len(person)
    stop = day + 2 + rng.gamma(1.2, ways.lasts[state] / 1.2).astype(np.int64)
    stop = np.maximum(stop, least[person])
    weights = ways.onward[state] * ways.prefers[people.group[person]]
    then = pick(rng, weights * ways.season[calendar_month(stop)])
    reason = np.where(
        ways.better[then],
        spread(rng, weights_over(ways.reasons, MOVES_ON), n),
        spread(rng, weights_over(ways.reasons, FALLS_OUT), n),
    )
    reason = np.where(then == ways.states.index("prison"), ways.reasons.index("custody"), reason)
    after = stop + chance(rng, 0.3, n)

    # An admission that ends in step-down cuts the spell short.
    if len(cuts):
        keys = cuts.person * DAYS_APART + cuts.admitted
        near = np.searchsorted(keys, person * DAYS_APART + day + 1, side="left")
        near = np.minimum(near, len(cuts) - 1)
        cut = (cuts.person[near] == person) & (cuts.admitted[near] > day)
        cut &= cuts.admitted[near] <= stop
        stop = np.where(cut, cuts.admitted[near], stop)
        then = np.where(cut, ways.states.index("step_down"), then)
        reason = np.where(cut, ways.reasons.index("hospital"), reason)
        after = np.where(cut, cuts.discharged[near] + rng.integers(0, 4, n), after)

    death = people.death[person]
    died = stop >= death
    spell = Spells(
        person=person,
        state=state,
        start=day,
        end=np.where(died, np.maximum(death, day), stop),
        reason=np.where(died, ways.reasons.index("died"), reason),
    )
    return spell, then, after


def _ways(setting: Setting) -> _Ways:
    states = setting.codes("accommodation")
    likes = setting.each("inclusion_group", PREFERS, {})
    for place, group in enumerate(setting.codes("inclusion_group")):
        likes[place] = likes[place] if group == "grt" else {**OTHERS, **likes[place]}
    season = np.ones((12, len(states)))
    season[:, states.index("night_shelter")] = WINTER
    season[:, states.index("rough_sleeping")] = [1 / each for each in WINTER]
    return _Ways(
        lasts=np.array(setting.each("accommodation", LASTS, 60.0)),
        onward=setting.table("accommodation", setting.each("accommodation", NEXT, {})),
        prefers=np.array([setting.each("accommodation", each, 1.0) for each in likes]),
        season=season,
        better=np.array([each in BETTER for each in states]),
        states=states,
        reasons=setting.codes("stay_end_reason"),
    )


def destinations(setting: Setting, spells: Spells, admissions: Admissions) -> IntArray:
    """Where each admission's person went, as a place in the list of destinations."""
    rng = setting.stream("destinations")
    listed = setting.codes("discharge_destination")
    says = setting.each("accommodation", DESTINATION, "unknown")
    places = np.array([listed.index(each) for each in says])
    state = spells.at(admissions.person, admissions.discharged + 1)
    n = len(admissions)
    found = np.where(state >= 0, places[state], listed.index("unknown"))
    found = np.where(chance(rng, NOT_RECORDED, n), listed.index("unknown"), found)
    found = np.where(chance(rng, TO_CARE_HOME, n), listed.index("care_home"), found)
    # A step-down bed may be ready only some days later, and is known as such on the day.
    found = np.where(admissions.step_down & chance(rng, 0.8, n), listed.index("step_down"), found)
    return np.where(admissions.dies, listed.index("died"), found)


def ended_by_custody(setting: Setting, spells: Spells, episodes: Episodes) -> Episodes:
    """The episodes, some of them ended on the day in the window on which the person was taken to
    prison."""
    rng = setting.stream("custody")
    custody = setting.place("end_reason", "custody")
    taken = spells.state == setting.place("accommodation", "prison")
    keys = spells.person[taken] * DAYS_APART + spells.start[taken]
    if not len(keys):
        return episodes
    since = np.maximum(episodes.start + 4, setting.services.first_day[episodes.service])
    at = np.searchsorted(keys, episodes.person * DAYS_APART + since)
    key = keys[np.minimum(at, len(keys) - 1)]
    day = key % DAYS_APART
    ends = (key // DAYS_APART == episodes.person) & (day > episodes.start) & (day < episodes.end)
    ends &= chance(rng, LEAVES_FOR_PRISON, len(episodes))
    return replace(
        episodes,
        end=np.where(ends, day, episodes.end),
        end_reason=np.where(ends, custody, episodes.end_reason),
    )
