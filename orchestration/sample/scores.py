"""Assessments: a baseline near the start of an episode, then the same again every few months."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from expectations.standard import AssessmentMeasure
from orchestration.sample.caseload import CareMonths, care_on
from orchestration.sample.draws import (
    BoolArray,
    FloatArray,
    IntArray,
    chance,
    runs,
)
from orchestration.sample.episodes import Episodes
from orchestration.sample.people import People
from orchestration.sample.setting import Setting

# Mean and spread of what people score at first.
AT_FIRST: dict[str, tuple[float, float]] = {
    "bmi": (28.5, 5.6),
    "pss10": (22.5, 6),
    "cigarettes_per_day": (15, 7),
    "substance_days": (14, 7.5),
    "rses": (13.5, 5),
    "brcs": (11, 3),
    "swemwbs": (19, 4.4),
    "audit_c": (6.4, 3.2),
    "phq9": (13.5, 5.5),
    "eq_vas": (52, 18),
}
# Most people come to feel better, not all: mean and spread of the change, in spreads of the score.
GAIN, GAIN_SPREAD = 0.5, 0.75
NOISE = 0.3
# Bodies change less.
BODY_GAIN, BODY_GAIN_SPREAD, BODY_NOISE = 0.15, 0.3, 0.04
# For measures that are not among these.
MIDDLE = (15.0, 5.0)
# Who smokes or uses at all; the others score nothing, always.
DOES_AT_ALL = {"cigarettes_per_day": 0.72, "substance_days": 0.8}
WITH_DECIMALS = ("bmi", "weight_kg")
HEIGHT, HEIGHT_SPREAD = 1.71, 0.09
TAKEN = 0.9
MEASURES = "assessment_measure"


@dataclass(frozen=True)
class Scores:
    """Scores in no order. `measure` is a place in the list of measures; `decimals` says whether
    the score is written with one."""

    care: IntArray
    day: IntArray
    measure: IntArray
    score: FloatArray
    decimals: BoolArray


@dataclass(frozen=True)
class _Sessions:
    """Occasions on which an episode's measures are taken; `nth` counts them from 0."""

    episode: IntArray
    nth: IntArray
    day: IntArray


def plan_scores(setting: Setting, people: People, episodes: Episodes, care: CareMonths) -> Scores:
    """Every score of every measure that a service takes."""
    rng, standard = setting.stream("scores"), setting.standard
    sessions = _sessions(rng, setting, people, episodes)
    listed = setting.codes(MEASURES)
    shares = np.array([setting.each(MEASURES, kind.measures, 0.0) for kind in setting.kinds])
    chosen = rng.random((len(episodes), len(listed))) < shares[episodes.service]
    row, measure = np.nonzero(chosen[sessions.episode])
    kept = chance(rng, TAKEN, len(row))
    row, measure = row[kept], measure[kept]

    starts = setting.each(MEASURES, AT_FIRST, MIDDLE)
    does = setting.each(MEASURES, DOES_AT_ALL, 1.0)
    mass = _body_mass(rng, standard.assessment_measures["bmi"], len(episodes), sessions)
    score = np.zeros(len(row))
    for place, name in enumerate(listed):
        here = measure == place
        facts = standard.assessment_measures[name]
        taken = row[here]
        if name in WITH_DECIMALS:
            height = np.clip(rng.normal(HEIGHT, HEIGHT_SPREAD, len(episodes)), 1.45, 2.0)
            square = height[sessions.episode[taken]] ** 2 if name == "weight_kg" else 1.0
            values = np.round(mass[taken] * square, 1)
        else:
            levels = _scored(rng, facts, starts[place], len(episodes), sessions)
            if does[place] < 1:
                some = chance(rng, does[place], len(episodes))[sessions.episode]
                levels = np.where(some, np.maximum(levels, sessions.nth == 0), 0)
            values = np.rint(levels[taken])
        score[here] = np.clip(values, facts.minimum, facts.maximum)
    return Scores(
        care=care_on(setting.window, care, sessions.episode[row], sessions.day[row]),
        day=sessions.day[row],
        measure=measure,
        score=score,
        decimals=np.isin(measure, [listed.index(each) for each in WITH_DECIMALS]),
    )


def _sessions(
    rng: np.random.Generator, setting: Setting, people: People, episodes: Episodes
) -> _Sessions:
    """The occasions that lie in the window, of main episodes of grown-up people."""
    services = setting.services
    assessed = services.rates("assessed")[episodes.service]
    having = ~episodes.side & people.adult[episodes.person]
    having &= chance(rng, assessed, len(episodes))
    own = np.flatnonzero(having)
    first = episodes.start[own] + rng.integers(0, 12, len(own))
    every = rng.integers(58, 118, len(own))
    until = np.minimum(episodes.end, services.last_day[episodes.service])[own]
    counts = np.maximum((until - first) // every + 1, 0)
    place, nth = runs(counts)
    day = first[place] + nth * every[place]
    day = day + np.where(nth > 0, rng.integers(-6, 7, len(day)), 0)
    episode = own[place]
    kept = (day <= until[place]) & (day >= services.first_day[episodes.service[episode]])
    return _Sessions(episode[kept], nth[kept], day[kept])


def _course(nth: IntArray) -> FloatArray:
    """How much of a person's whole change has come about by the nth occasion."""
    return np.asarray(1 - np.exp(-nth / 1.8))


def _scored(
    rng: np.random.Generator,
    facts: AssessmentMeasure,
    start: tuple[float, float],
    episodes: int,
    sessions: _Sessions,
) -> FloatArray:
    """What each occasion would find, were the measure taken on it; `start` is the mean and spread
    of what people score at first."""
    mean, wide = start
    sign = -1 if facts.better == "lower" else 1
    first = rng.normal(mean, wide, episodes)
    gain = rng.normal(GAIN, GAIN_SPREAD, episodes)
    found = first[sessions.episode] + wide * (
        sign * gain[sessions.episode] * _course(sessions.nth)
        + np.where(sessions.nth > 0, rng.normal(0, NOISE, len(sessions.nth)), 0)
    )
    return np.clip(found, facts.minimum, facts.maximum)


def _body_mass(
    rng: np.random.Generator, facts: AssessmentMeasure, episodes: int, sessions: _Sessions
) -> FloatArray:
    """The body mass index on each occasion, from which the weight follows too."""
    mean, wide = AT_FIRST["bmi"]
    first = np.clip(rng.normal(mean, wide, episodes), 16, 52)
    gain = rng.normal(BODY_GAIN, BODY_GAIN_SPREAD, episodes)
    change = gain[sessions.episode] * _course(sessions.nth)
    change += rng.normal(0, BODY_NOISE, len(sessions.nth))
    return np.clip(first[sessions.episode] - wide * change, facts.minimum, facts.maximum)
