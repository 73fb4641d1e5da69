"""Which returns are sent, by whom, when and under which name, and what goes wrong with some.

Without faults every expected return is sent once, in time and as it should be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import Enum, auto

import numpy as np

from expectations.standard import Provider
from orchestration.sample.draws import stream
from orchestration.sample.styles import Style, in_form, other_form, return_name, style_of
from orchestration.sample.window import Window, first_of_month

# Now and then a return comes in a form that its provider does not use as a rule.
UNUSUAL_FORM = 0.04
LATEST_DAY = 9


class Twist(Enum):
    """What is odd about a return as a whole."""

    NONE = auto()
    MISSING_COLUMN = auto()
    UNREADABLE = auto()
    CUT_SHORT = auto()
    FEW_CONTACTS = auto()
    EMPTY_FIELD = auto()
    EPISODES_DROPPED = auto()
    UNKNOWN_COLUMN = auto()
    UNKNOWN_TABLE = auto()


@dataclass(frozen=True)
class Sending:
    """One file or folder put into an inbox: the content of the return `place` (provider x months +
    month), said to be `code`'s for `month`. `when` is UTC; `spoilt` says whether its rows are those
    with faults."""

    place: int
    inbox: str
    code: str
    month: date
    submission_no: int
    style: Style
    name: str
    when: datetime
    spoilt: bool
    twist: Twist = Twist.NONE


@dataclass(frozen=True)
class Post:
    """Everything that is sent, and counts: the returns that the registry asks for, those of them
    that were never sent, those sent again, and the files that will be rejected."""

    sendings: tuple[Sending, ...]
    expected: int
    missing: int
    resubmitted: int
    rejected: int


def plan_post(
    seed: int, providers: Sequence[Provider], window: Window, as_at: date, faulty: bool
) -> Post:
    """One sending for each expected return; with faults, some missing, rejected or sent again."""
    rng = stream(seed, "post")
    sendings = []
    for number, provider in enumerate(providers):
        for place, month in enumerate(window.months):
            if provider.active_from <= month <= (provider.active_to or month):
                where = number * len(window.months) + place
                sendings.append(_regular(rng, provider, number, where, month, as_at))
    if not faulty:
        return Post(tuple(sendings), len(sendings), 0, 0, 0)
    return _with_trouble(seed, [replace(each, spoilt=True) for each in sendings], as_at)


def _regular(
    rng: np.random.Generator, provider: Provider, number: int, place: int, month: date, as_at: date
) -> Sending:
    style = style_of(number)
    if rng.random() < UNUSUAL_FORM:
        style = in_form(style, other_form(style))
    following = first_of_month(month, 1)
    day = min(following + timedelta(days=int(rng.integers(4, LATEST_DAY))), as_at)
    clock = time(int(rng.integers(8, 18)), int(rng.integers(0, 60)), 2 * int(rng.integers(0, 30)))
    return Sending(
        place=place,
        inbox=provider.provider_code,
        code=provider.provider_code,
        month=month,
        submission_no=1,
        style=style,
        name=return_name(style, provider.provider_code, month),
        when=datetime.combine(day, clock),
        spoilt=False,
    )


def _with_trouble(seed: int, sendings: list[Sending], as_at: date) -> Post:
    """Some returns missing, some rejected, some sent again and some odd, each return one thing."""
    rng = stream(seed, "trouble")
    n = len(sendings)
    few = n // 10
    # Volumes and fields are compared with three months before, so odd returns are later ones.
    first = {each.inbox: each.month for each in reversed(sendings)}
    late = [each.month >= first_of_month(first[each.inbox], 3) for each in sendings]
    order = [int(each) for each in rng.permutation(n)]
    order.sort(key=lambda each: not late[each])
    odd = [Twist.FEW_CONTACTS, Twist.EMPTY_FIELD, Twist.EPISODES_DROPPED]
    odd += [Twist.UNKNOWN_COLUMN, Twist.UNKNOWN_TABLE]
    counts = {
        "odd": max(min(len(odd), few), round(n / 40)),
        "missing": max(min(2, few), round(n / 60)),
        "resubmitted": max(min(2, few), round(n / 70)),
        "rejected": max(min(1, few), round(n / 120)),
    }
    taken = iter(order)
    chosen = {what: [next(taken) for _ in range(count)] for what, count in counts.items()}
    result = list(sendings)
    added: list[Sending] = []
    for place, each in enumerate(chosen["odd"]):
        result[each] = replace(sendings[each], twist=odd[place % len(odd)])
    for each in chosen["resubmitted"]:
        result[each] = replace(sendings[each], twist=Twist.CUT_SHORT)
        added.append(_again(rng, sendings[each], as_at))
    inboxes = sorted({each.inbox for each in sendings})
    kinds = ["missing column", "unreadable", "month not ended"]
    kinds += ["wrong inbox"] if len(inboxes) > 1 else []
    kinds = [kinds[int(each)] for each in rng.permutation(len(kinds))]
    for place, each in enumerate(chosen["rejected"]):
        result[each] = _rejected(rng, sendings[each], kinds[place % len(kinds)], inboxes, as_at)
        # The first leaves its month without a return; after the next a good one is sent.
        if place % 2:
            added.append(_again(rng, sendings[each], as_at))
    gone = set(chosen["missing"])
    kept = [each for place, each in enumerate(result) if place not in gone]
    return Post(
        sendings=tuple(kept + added),
        expected=n,
        missing=counts["missing"],
        resubmitted=len(added),
        rejected=counts["rejected"],
    )


def _again(rng: np.random.Generator, before: Sending, as_at: date) -> Sending:
    """A corrected submission, some days later."""
    later = before.when + timedelta(days=int(rng.integers(4, 19)), hours=1)
    latest = datetime.combine(as_at, time(17, 30))
    return replace(
        before,
        submission_no=before.submission_no + 1,
        name=return_name(before.style, before.code, before.month, " v2"),
        when=min(later, latest),
        spoilt=False,
    )


def _rejected(
    rng: np.random.Generator, sending: Sending, kind: str, inboxes: list[str], as_at: date
) -> Sending:
    if kind == "wrong inbox":
        others = [each for each in inboxes if each != sending.inbox]
        name = return_name(sending.style, sending.code, sending.month, f" ({sending.code})")
        return replace(sending, inbox=others[int(rng.integers(0, len(others)))], name=name)
    if kind == "month not ended":
        # A year mistyped.
        month = sending.month.replace(year=as_at.year + 1)
        return replace(sending, month=month)
    if kind == "missing column":
        return replace(sending, twist=Twist.MISSING_COLUMN)
    style = sending.style if sending.style.form != "folder" else in_form(sending.style, "zip")
    name = return_name(style, sending.code, sending.month)
    return replace(sending, style=style, name=name, twist=Twist.UNREADABLE)
