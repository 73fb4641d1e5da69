"""Spells of support: who is with which service, from when to when, and why it ends."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from orchestration.sample.draws import (
    NEVER,
    BoolArray,
    FloatArray,
    IntArray,
    between,
    chance,
    spread,
    spread_by,
)
from orchestration.sample.kinds import Weights
from orchestration.sample.people import People
from orchestration.sample.services import Services
from orchestration.sample.setting import Setting
from orchestration.sample.window import calendar_month

DAYS_A_MONTH = 30.4
# Lengths of episodes follow a gamma distribution of this shape: many short, a few long.
SHAPE = 1.3
# People known to two providers or more; and of these, those known to a third.
KNOWN_TO_SEVERAL = 0.14
KNOWN_TO_THREE = 0.2
COMES_AGAIN = 0.22
BESIDE = 0.14
DEATHS_A_YEAR = 0.013
# Second and later episodes add to the caseload as time goes on; this keeps it level.
MORE_AT_FIRST = 1.3
# A new service begins with this share of the people that an old one has.
NEW_SERVICE = 0.4
# In the last weeks before it closes a service takes nobody on and sees its people out.
WINDING_DOWN = 45

# Why episodes end, besides death and, mostly, custody, which come from the person's own story.
END_REASON: Weights = {
    "goals_met": 33,
    "mainstream": 20,
    "moved_away": 12,
    "disengaged": 19,
    "declined": 5,
    "excluded": 3,
    "custody": 1,
    "other": 6,
}
CLOSING_REASON: Weights = {"mainstream": 60, "goals_met": 22, "other": 14, "moved_away": 4}


@dataclass(frozen=True)
class Episodes:
    """Spells with a service. Days may lie before the window; `end` and `referral` may be NEVER;
    `end_reason` is a place in the code list, or -1. `side` marks a second spell beside another
    with the same provider, which leaves scores and homes to the first."""

    person: IntArray
    service: IntArray
    referral: IntArray
    start: IntArray
    end: IntArray
    end_reason: IntArray
    side: BoolArray

    def __len__(self) -> int:
        return len(self.person)

    def taken(self, rows: BoolArray | IntArray) -> Episodes:
        """Those rows only."""
        return Episodes(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def plan_episodes(setting: Setting, people: People) -> tuple[Episodes, People]:
    """Everybody's episodes, each open on some day of the window, and the people with the deaths
    that ended some. A person never has two main episodes with one provider in one month."""
    rng, services = setting.stream("episodes"), setting.services
    attraction = _attraction(setting)
    first = spread_by(rng, attraction, people.group)
    days = _arrivals(rng, services, first)
    episodes = _spells(rng, services, np.arange(len(people)), first, days)
    others = _with_others(rng, services, people, episodes, attraction)
    episodes = _joined(episodes, others)
    episodes = _joined(episodes, _again(rng, services, episodes))
    episodes = _joined(episodes, _beside(rng, services, episodes))
    episodes, people = _with_deaths(rng, setting, episodes, people)
    return _with_reasons(rng, setting, episodes), people


def _attraction(setting: Setting) -> FloatArray:
    """How each group divides over the services [groups x services], rows adding up to 1."""
    services = setting.services
    # A service that is open for only a part of the window sees fewer people.
    span = services.last_day - services.first_day + 1 + services.rates("months") * DAYS_A_MONTH
    reached = np.array([setting.each("inclusion_group", k.groups, 0.0) for k in services.kinds])
    # Now and then somebody comes to a service that is not meant for them.
    weights = (reached.T + 0.04) * services.rates("size") * span
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _lengths(rng: np.random.Generator, services: Services, service: IntArray) -> IntArray:
    """How long episodes last, in days."""
    mean = services.rates("months")[service] * DAYS_A_MONTH
    return np.asarray(4 + rng.gamma(SHAPE, mean / SHAPE), dtype=np.int64)


def _arrivals(
    rng: np.random.Generator, services: Services, service: IntArray
) -> tuple[IntArray, IntArray]:
    """Start and end of the first episode of everybody with a place at `service`.

    Some are there when the window opens, as many as if the service had always run: of a service
    older than the window they have come over time, of one that opens in it all in the first weeks.
    """
    n = len(service)
    opens, first, last = services.opens, services.first_day, services.last_day
    mean = services.rates("months") * DAYS_A_MONTH
    already = MORE_AT_FIRST * mean / (mean + last - first + 1)
    already = np.where(opens > first.min(), already * NEW_SERVICE, already)[service]
    there = chance(rng, already, n)

    start, end = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for each in np.unique(service):
        newly = np.flatnonzero((service == each) & ~there)
        start[newly] = _days_by_season(rng, services, int(each), len(newly))
    end = start + _lengths(rng, services, service)
    # Whoever is met on a given day is likelier to be on a long episode than on a short one.
    met = 4 + rng.gamma(SHAPE + 1, mean[service] / SHAPE)
    gone = rng.random(n)
    begun = np.maximum((first[service] - gone * met).astype(np.int64), opens[service])
    opening = np.minimum(opens[service] + rng.integers(0, 27, n), last[service])
    begun = np.where(opens[service] >= first[service], opening, begun)
    left = np.maximum(first[service] + ((1 - gone) * met).astype(np.int64), begun + 4)
    return np.where(there, begun, start), np.where(there, left, end)


def _days_by_season(rng: np.random.Generator, services: Services, service: int, n: int) -> IntArray:
    """`n` days on which people come to one service, more in its busy months."""
    first, last = int(services.first_day[service]), int(services.last_day[service])
    if services.closes[service]:
        last = max(first, last - WINDING_DOWN)
    days = np.arange(first, last + 1)
    weights = np.array(services.kinds[service].season)[calendar_month(days)]
    return days[spread(rng, weights / weights.sum(), n)]


def _spells(
    rng: np.random.Generator,
    services: Services,
    person: IntArray,
    service: IntArray,
    days: tuple[IntArray, IntArray],
) -> Episodes:
    """Main episodes from the first of `days` to the second, ended where their service closes, and
    open where they outlast the window."""
    n = len(person)
    start, end = days
    last, closes = services.last_day[service], services.closes[service]
    here_from = np.maximum(start, services.first_day[service])
    seen_out = np.maximum(last - rng.integers(0, WINDING_DOWN - 5, n), here_from)
    end = np.where(end <= last, end, np.where(closes, np.minimum(seen_out, last), NEVER))
    waited = np.minimum(rng.gamma(1.1, 9, n), 120).astype(np.int64)
    return Episodes(
        person=person,
        service=service,
        referral=np.where(chance(rng, 0.9, n), start - waited, NEVER),
        start=start,
        end=end,
        end_reason=np.full(n, -1),
        side=np.zeros(n, dtype=bool),
    )


def _joined(one: Episodes, other: Episodes) -> Episodes:
    names = one.__dataclass_fields__
    return Episodes(*(np.concatenate([getattr(one, n), getattr(other, n)]) for n in names))


def _with_others(
    rng: np.random.Generator,
    services: Services,
    people: People,
    first: Episodes,
    attraction: FloatArray,
) -> Episodes:
    """Episodes with a second and third provider of the same district."""
    linked = rng.permutation(np.flatnonzero(people.link_key != ""))
    several = linked[: round(KNOWN_TO_SEVERAL * len(people))]
    providers = [services.provider[first.service[several]]]
    found = []
    for chosen in (several, several[: round(KNOWN_TO_THREE * len(several))]):
        taken = [each[: len(chosen)] for each in providers]
        row = services.district[first.service[chosen]] * len(attraction) + people.group[chosen]
        service = _elsewhere(rng, services, row, taken, attraction)
        providers.append(np.where(service < 0, -1, services.provider[service]))
        person, at = chosen[service >= 0], service[service >= 0]
        around = first.taken(person)
        high = np.minimum(around.end, services.last_day.max()) + 30
        day = between(rng, around.start - 60, high, len(person))
        latest = np.maximum(services.first_day, services.last_day - 10)[at]
        day = np.clip(day, services.opens[at], np.maximum(latest, services.opens[at]))
        met = services.first_day[at] + rng.integers(5, 90, len(person))
        end = np.maximum(day + _lengths(rng, services, at), met)
        found.append(_spells(rng, services, person, at, (day, end)))
    return _joined(*found)


def _elsewhere(
    rng: np.random.Generator,
    services: Services,
    row: IntArray,
    taken: list[IntArray],
    attraction: FloatArray,
) -> IntArray:
    """For each person a service of a provider that is none of `taken`, in their district and to
    their liking (`row` is district x groups + group); -1 where luck did not find one."""
    districts = int(services.district.max()) + 1
    table = np.concatenate(
        [np.where(services.district == each, attraction, 0.0) for each in range(districts)]
    )
    table = table / np.maximum(table.sum(axis=1, keepdims=True), 1e-12)
    found = np.full(len(row), -1)
    for _ in range(30):
        open_ = np.flatnonzero(found < 0)
        if not len(open_):
            break
        drawn = spread_by(rng, table, row[open_])
        new = np.all([services.provider[drawn] != each[open_] for each in taken], axis=0)
        found[open_[new]] = drawn[new]
    return found


def _again(rng: np.random.Generator, services: Services, before: Episodes) -> Episodes:
    """Later episodes of some who had left, never in the month in which they left."""
    n = len(before)
    start = np.where(before.end < NEVER, before.end + rng.integers(40, 200, n), NEVER)
    here = before.service
    latest = services.last_day[here] - np.where(services.closes[here], WINDING_DOWN, 10)
    rows = np.flatnonzero(chance(rng, COMES_AGAIN, n) & (start <= latest))
    rows = rows[start[rows] >= services.first_day[here[rows]]]
    end = start[rows] + _lengths(rng, services, here[rows])
    return _spells(rng, services, before.person[rows], here[rows], (start[rows], end))


def _beside(rng: np.random.Generator, services: Services, main: Episodes) -> Episodes:
    """Side episodes with another kind of service of the same provider."""
    partner = np.full(len(services.kinds), -1)
    for one, kind in enumerate(services.kinds):
        for other, its in enumerate(services.kinds):
            if services.provider[one] == services.provider[other] and its is not kind:
                partner[one] = other
    at = partner[main.service]
    n = len(main)
    start = main.start + rng.integers(5, 60, n)
    end = np.minimum(start + _lengths(rng, services, np.maximum(at, 0)), main.end)
    fits = (
        (at >= 0)
        & chance(rng, BESIDE, n)
        & (start >= services.opens[at])
        & (start <= np.minimum(services.last_day[at] - 5, main.end - 1))
        & (end >= services.first_day[at])
    )
    spells = _spells(rng, services, main.person[fits], at[fits], (start[fits], end[fits]))
    return replace(spells, side=np.ones(len(spells), dtype=bool))


def _with_deaths(
    rng: np.random.Generator, setting: Setting, episodes: Episodes, people: People
) -> tuple[Episodes, People]:
    """Some people die during their first episode, which comes first in `episodes`: their open
    episodes end on that day and there are no later ones."""
    n, services = len(people), setting.services
    dying = rng.permutation(n)[: round(n * DEATHS_A_YEAR * len(setting.window.months) / 12)]
    service = episodes.service[dying]
    low = np.maximum(episodes.start[dying], services.first_day[service])
    high = np.minimum(episodes.end[dying], services.last_day[service])
    death = np.full(n, NEVER)
    death[dying] = between(rng, low, high, len(dying))
    day = death[episodes.person]
    episodes = episodes.taken(episodes.start <= day)
    day = death[episodes.person]
    ended = (episodes.end >= day) & (day < NEVER)
    episodes = replace(
        episodes,
        end=np.minimum(episodes.end, day),
        end_reason=np.where(ended, setting.place("end_reason", "died"), episodes.end_reason),
    )
    return episodes, replace(people, death=death)


def _with_reasons(rng: np.random.Generator, setting: Setting, episodes: Episodes) -> Episodes:
    """A reason for every end that has none yet."""
    services = setting.services
    table = setting.table("end_reason", [END_REASON, CLOSING_REASON])
    service = episodes.service
    closing = services.closes[service] & (episodes.end > services.last_day[service] - WINDING_DOWN)
    drawn = spread_by(rng, table, closing.astype(np.int64))
    missing = (episodes.end_reason < 0) & (episodes.end < NEVER)
    return replace(episodes, end_reason=np.where(missing, drawn, episodes.end_reason))
