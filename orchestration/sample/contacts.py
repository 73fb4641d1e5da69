"""Contacts: how many, when, of which kind, and whether they took place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.sample.caseload import CareMonths
from orchestration.sample.draws import (
    BoolArray,
    FloatArray,
    IntArray,
    between,
    chance,
    in_shares,
    spread,
    spread_by,
)
from orchestration.sample.episodes import Episodes
from orchestration.sample.homes import Spells
from orchestration.sample.kinds import Weights
from orchestration.sample.setting import Setting

# Steadier than the standard asks (half, twice), so that rounding never crosses its bounds.
LEAST_OF_MEAN, MOST_OF_MEAN = 0.58, 1.8
MISSED: Weights = {"did_not_attend": 58, "cancelled_person": 24, "cancelled_service": 18}
# Usual minutes by type.
MINUTES: Weights = {
    "outreach": 20,
    "inreach": 30,
    "clinic": 25,
    "mobile_unit": 20,
    "one_stop": 35,
    "group": 90,
    "peer": 60,
    "home": 50,
    "phone": 15,
    "digital": 5,
}
LONGEST = 360
TIMED = 0.93
WITH_PURPOSE = 0.95
# Of contacts on the street with people who sleep rough.
FOUND_BEDDED_DOWN = 0.8
# Services that are not out at weekends.
WEEKDAYS_ONLY = 0.85


@dataclass(frozen=True)
class Contacts:
    """Contacts in no order. Codes are places in their lists; `purpose`, `bedded_down` and
    `minutes` are -1 where empty. `care` is the row of the caseload they belong to."""

    care: IntArray
    day: IntArray
    type: IntArray
    attendance: IntArray
    purpose: IntArray
    bedded_down: IntArray
    minutes: IntArray


def plan_contacts(
    setting: Setting, episodes: Episodes, care: CareMonths, spells: Spells
) -> Contacts:
    """Every contact of the window.

    Each episode has one that takes place on its first day and at least every second month, so
    that no open episode goes without for 90 days.
    """
    rng = setting.stream("contacts")
    needed = care.nth % 2 == 0
    totals = _totals(setting, care, needed)
    keen = rng.gamma(2.2, 1 / 2.2, len(episodes))[care.episode]
    weights = setting.services.rates("contacts")[care.service] * (keen + 0.1)
    weights *= care.high - care.low + 4
    extra = _extra(rng, care, weights, totals - _by_return(care, needed, len(totals)))
    sure = np.flatnonzero(needed)
    row = np.concatenate([sure, np.repeat(np.arange(len(care)), extra)])
    meant = np.arange(len(row)) < len(sure)
    opening = meant & (care.low[row] == episodes.start[care.episode[row]])
    day = between(rng, care.low[row], care.high[row], len(row))
    day = np.where(opening, care.low[row], day)
    day = np.where(opening, day, _on_weekdays(rng, day, care.low[row], care.high[row]))
    outside = spells.at(episodes.person[care.episode[row]], day)
    rough = outside == setting.place("accommodation", "rough_sleeping")
    drawn = _Drawn(row, day, care.service[row], meant, opening, rough)
    return _described(rng, setting, drawn)


@dataclass(frozen=True)
class _Drawn:
    """Contacts before they are described. `meant` ones take place for certain, `opening` ones
    begin an episode, `rough` ones are with people who sleep rough on the day."""

    care: IntArray
    day: IntArray
    service: IntArray
    meant: BoolArray
    opening: BoolArray
    rough: BoolArray


def _by_return(care: CareMonths, needed: BoolArray, returns: int) -> IntArray:
    return np.bincount(care.returns, weights=needed, minlength=returns).astype(np.int64)


def _totals(setting: Setting, care: CareMonths, needed: BoolArray) -> IntArray:
    """How many contacts each return holds: what the caseload asks for, without jumps."""
    window, services = setting.window, setting.services
    months = len(window.months)
    n = (int(services.provider.max()) + 1) * months
    season = np.array([kind.season for kind in services.kinds]) ** 0.5
    month = np.array([each.month - 1 for each in window.months])[care.month]
    days = (care.high - care.low + 1) / (window.last - window.first + 1)[care.month]
    rate = services.rates("contacts")[care.service] * season[care.service, month]
    wanted = np.bincount(care.returns, weights=rate * (0.25 + 0.75 * days), minlength=n)
    least = _by_return(care, needed, n)
    totals = np.maximum(np.rint(wanted), least).reshape(-1, months)
    caseload = np.asarray(np.bincount(care.returns, minlength=n)).reshape(-1, months)
    # Upwards only, backwards and then forwards: what is mended stays mended.
    for month_ in range(months - 1, 2, -1):
        asked = np.ceil(totals[:, month_] / MOST_OF_MEAN)[:, None]
        before = totals[:, month_ - 3 : month_]
        known = np.all(before > 0, axis=1, keepdims=True)
        totals[:, month_ - 3 : month_] = np.where(known, np.maximum(before, asked), before)
    for month_ in range(3, months):
        mean = totals[:, month_ - 3 : month_].mean(axis=1)
        kept = np.maximum(totals[:, month_], np.ceil(mean * LEAST_OF_MEAN))
        totals[:, month_] = np.where(caseload[:, month_] > 0, kept, 0)
    return np.asarray(totals.reshape(-1), dtype=np.int64)


def _extra(
    rng: np.random.Generator, care: CareMonths, weights: FloatArray, left: IntArray
) -> IntArray:
    """The further contacts of each row of the caseload, adding up to `left` in each return."""
    order = np.argsort(care.returns, kind="stable")
    edges = np.searchsorted(care.returns[order], np.arange(len(left) + 1))
    found = np.zeros(len(care), dtype=np.int64)
    for place in np.flatnonzero(left):
        rows = order[edges[place] : edges[place + 1]]
        found[rows] = in_shares(rng, weights[rows], int(left[place]))
    return found


def _on_weekdays(
    rng: np.random.Generator, day: IntArray, low: IntArray, high: IntArray
) -> IntArray:
    """Most days that fall on a weekend moved to the Friday before or the Monday after."""
    # Day 0, 1 January 1970, was a Thursday.
    weekday = (day + 3) % 7
    back, on = day - (weekday - 4), day + (7 - weekday)
    moved = np.where((weekday == 5) & (back >= low), back, np.where(on <= high, on, day))
    moves = (weekday >= 5) & chance(rng, WEEKDAYS_ONLY, len(day))
    return np.where(moves, moved, day)


def _described(rng: np.random.Generator, setting: Setting, drawn: _Drawn) -> Contacts:
    n, service = len(drawn.care), drawn.service
    by_kind = setting.table("contact_type", [kind.contact_types for kind in setting.kinds])
    type_ = spread_by(rng, by_kind, service)
    by_kind = setting.table("purpose", [kind.purposes for kind in setting.kinds])
    purpose = spread_by(rng, by_kind, service)
    assessing = drawn.opening & chance(rng, 0.5, n)
    purpose = np.where(assessing, setting.place("purpose", "assessment"), purpose)
    purpose = np.where(chance(rng, WITH_PURPOSE, n), purpose, -1)

    missed = ~drawn.meant & chance(rng, setting.services.rates("missed")[service], n)
    absent = spread(rng, setting.weights("attendance", MISSED), n)
    attendance = np.where(missed, absent, setting.place("attendance", "attended"))

    usual = np.array(setting.each("contact_type", MINUTES, 30.0))
    long = usual[type_] * rng.lognormal(0, 0.4, n)
    minutes = np.where(long < 12, np.ceil(long), np.rint(long / 5) * 5).clip(1, LONGEST)
    minutes = np.where(~missed & chance(rng, TIMED, n), minutes, -1).astype(np.int64)

    bedded = drawn.rough & chance(rng, FOUND_BEDDED_DOWN, n)
    asked = (type_ == setting.place("contact_type", "outreach")) & ~missed
    said = np.where(bedded, setting.place("yes_no", "Y"), setting.place("yes_no", "N"))
    return Contacts(
        care=drawn.care,
        day=drawn.day,
        type=type_,
        attendance=attendance,
        purpose=purpose,
        bedded_down=np.where(asked, said, -1),
        minutes=minutes,
    )
