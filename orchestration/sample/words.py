"""Narratives: invented words, put together from sentences. They name nobody and hold no figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.sample.draws import (
    IntArray,
    ObjArray,
    between,
    chance,
    runs,
    spread,
)
from orchestration.sample.kinds import Weights
from orchestration.sample.setting import Setting

# Narratives of a service in a month.
A_MONTH = 0.9
CONSENT = 0.68
KIND: Weights = {"user_interview": 46, "staff_interview": 30, "case_story": 24}

OPENINGS: dict[str, tuple[str, ...]] = {
    "user_interview": (
        "I came here not knowing what to expect.",
        "Nobody had asked me what I wanted before.",
        "It took me a while to trust anyone again.",
        "I had been putting this off for years.",
        "My key worker first met me at the café, because I would not come in.",
        "At the start I only came in for a cup of tea and the warm.",
        "I was moved from one waiting room to the next, and then I ended up here.",
    ),
    "staff_interview": (
        "The person was known to several teams but settled with none.",
        "We agreed to go at the person’s own pace.",
        "What made the difference was one worker who kept turning up.",
        "It began with a knock on a caravan door and no promises.",
        "We had lost touch over the winter and started again from nothing.",
        "The first few meetings were short, and that was fine.",
    ),
    "case_story": (
        "After many moves this person had stopped opening letters.",
        "They had slept in a car park for most of the winter.",
        "They had come out of hospital with nowhere to go.",
        "They were new to the country and did not know whom to ask.",
        "Family had been a source of worry rather than help for a long time.",
        "They had been barred from two other places before coming to us.",
    ),
}
MIDDLES: dict[str, tuple[str, ...]] = {
    "activity": (
        "There is always someone to talk to when the door opens.",
        "The visits come to where people are, and that saves a long walk.",
        "Being seen on the same day meant a great deal.",
        "A text the evening before helps with remembering to come.",
    ),
    "joint_working": (
        "The nurse, the housing officer and the drugs worker sat round one table for once.",
        "The story only had to be told one time, because the teams talked to each other.",
        "Two services made one plan and kept to it.",
        "A warm hand-over, with a worker walking along, made the first visit bearable.",
    ),
    "physical_health": (
        "The leg wound was dressed every few days and has healed.",
        "Walking with the group got the body moving again.",
        "The dentist was the best thing: eating no longer hurts.",
        "Stopping smoking was hard, and cutting down to a few is a start.",
    ),
    "mental_health": (
        "Sleep is better and the bad days are further apart.",
        "Talking it through, a little each week, has brought some calm.",
        "There is a plan now for when things get dark, and someone to ring.",
        "Feeling worth something again came slowly, and then all at once.",
    ),
    "social": (
        "There is a group that cooks together, and it feels like company.",
        "Contact with a sister was made again after a long silence.",
        "Showing new people the ropes gives a reason to get up.",
        "The choir sounded dreadful at first, “which was half the fun”.",
    ),
    "accommodation": (
        "A room with a lock on the door changed everything.",
        "The keys to the flat came on a rainy morning; nobody minded the rain.",
        "The pitch has water and a hard standing now, so the children stay dry.",
        "Step-down beds gave time to mend before the next move.",
    ),
    "employment": (
        "The course was frightening on the first day and easy by the end.",
        "The interview did not lead to a job, but it went well.",
        "Working a few mornings in the kitchen has led to a paid post.",
        "A letter of support and a clean shirt were what was missing.",
    ),
    "choice": (
        "Choosing between two services was new: it had always been decided before.",
        "A small personal budget paid for a bike, worth every £, and that opened up the town.",
        "Being asked which activity to try first made it possible to say no as well.",
        "The plan is in the person’s own words.",
    ),
}
ENDINGS: tuple[str, ...] = (
    "There is some way to go.",
    "It is not perfect, but it is better than it was.",
    "More of this, please.",
    "Next we want to look at what happens in the evenings.",
    "What is still missing is somewhere to go at weekends.",
    "Others should be told that this exists.",
    "It would have helped to have this a good deal earlier.",
    "We shall see how the spring goes.",
)


@dataclass(frozen=True)
class Narratives:
    """Narratives in no order; codes are places in their lists."""

    service: IntArray
    month: IntArray
    day: IntArray
    domain: IntArray
    kind: IntArray
    text: ObjArray
    consent: IntArray


def plan_narratives(setting: Setting) -> Narratives:
    """A narrative or two, or none, for each service and month."""
    rng, window, services = setting.stream("narratives"), setting.window, setting.services
    months = len(window.months)
    first, last = window.month_of(services.first_day), window.month_of(services.last_day)
    service, month = np.indices((len(services.kinds), months)).reshape(2, -1)
    counts = rng.poisson(A_MONTH, len(service))
    row, _ = runs(counts * ((month >= first[service]) & (month <= last[service])))
    service, month = service[row], month[row]
    n = len(row)
    low = np.maximum(window.first[month], services.first_day[service])
    high = np.minimum(window.last[month], services.last_day[service])

    # Every domain alike.
    domain = spread(rng, setting.weights("domain", {}), n)
    kind = spread(rng, setting.weights("narrative_kind", KIND), n)
    agreed = chance(rng, CONSENT, n)
    return Narratives(
        service=service,
        month=month,
        day=between(rng, low, high, n),
        domain=domain,
        kind=kind,
        text=_texts(rng, setting, kind, domain),
        consent=np.where(agreed, setting.place("yes_no", "Y"), setting.place("yes_no", "N")),
    )


def _texts(
    rng: np.random.Generator, setting: Setting, kind: IntArray, domain: IntArray
) -> ObjArray:
    """One text for each kind and domain; now and then with a second paragraph."""
    gap = np.where(chance(rng, 0.12, len(kind)), "\n\n", " ").astype(object)
    opening = _one_of(rng, setting.each("narrative_kind", OPENINGS, ENDINGS), kind)
    middle = _one_of(rng, setting.each("domain", MIDDLES, ENDINGS), domain)
    ending = _one_of(rng, [ENDINGS], np.zeros_like(kind))
    return np.asarray(opening + " " + middle + gap + ending, dtype=object)


def _one_of(rng: np.random.Generator, lists: list[tuple[str, ...]], which: IntArray) -> ObjArray:
    """For each entry of `which` one sentence of the list in that place."""
    found = np.empty(len(which), dtype=object)
    for place, sentences in enumerate(lists):
        here = which == place
        drawn = rng.integers(0, len(sentences), int(here.sum()))
        found[here] = np.array(sentences, dtype=object)[drawn]
    return found
