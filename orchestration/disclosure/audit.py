"""The audit of a release: every subject and financial year by itself, whatever is told of a count
there held against every hidden one, and what must be hidden further.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import pandas as pd
from pandas import DataFrame

from orchestration.disclosure.geography import Geography
from orchestration.disclosure.protect import Policy, Published, protect
from orchestration.disclosure.sums import CELL, Grid, Subject, build
from orchestration.disclosure.system import ContradictionError

# With fewer systems than this, starting further processes costs more than they save.
WORTH_PROCESSES = 12
FINDINGS = (
    "is_small", "is_suppressed_further", "is_exposed", "was_told_before", "least", "most",
    "sums_hold",
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One subject in one financial year, and what is claimed of its counts: a row for each with the
    columns of `CELL`, exact, is_shown, what is told (least, most), what is told where it is hidden
    (hidden_least, hidden_most), and what the last release told (last_least, last_most); null for
    no limit."""

    subject: Subject
    claims: DataFrame


def audit(parts: Iterable[Part], geography: Geography, policy: Policy) -> Iterator[DataFrame]:
    """What was found, part by part, in their order: the claims that are small and hidden, or that
    are to be hidden further, with the columns of `FINDINGS`.

    `least` and `most` are what a reader can tell of the count, from one sum after another;
    `is_exposed` says that too little can be hidden to protect it, and `was_told_before` that the
    last release by itself had told it; `sums_hold` is false where the
    exact counts do not fit the sums that should hold, so that only breakdowns were looked at.
    """
    waiting = list(parts)
    arguments = (waiting, [geography] * len(waiting), [policy] * len(waiting))
    if len(waiting) < WORTH_PROCESSES:
        yield from map(audit_part, *arguments)
        return
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as processes:
        yield from processes.map(audit_part, *arguments, chunksize=2)


def audit_part(part: Part, geography: Geography, policy: Policy) -> DataFrame:
    """`audit` of one part."""
    claims = part.claims.reset_index(drop=True)
    claims = claims.assign(
        last_least=claims["last_least"].fillna(0.0),
        **{most: claims[most].fillna(np.inf) for most in ("most", "hidden_most", "last_most")},
    )
    grid, sums_hold = _grid(part.subject, claims, geography)
    number = grid.number_of_claim
    there = number >= 0
    small = claims["exact"].between(1, policy.smallest - 1) & ~claims["is_shown"]

    def of_numbers(values: pd.Series, otherwise: float) -> np.ndarray:
        spread = np.full(grid.system.size, otherwise, dtype=float)
        spread[number[there]] = values.to_numpy(dtype=float)[there]
        return spread

    published = Published(
        is_shown=of_numbers(claims["is_shown"], 0) > 0,
        is_small=of_numbers(small, 0) > 0,
        hidden_least=of_numbers(claims["hidden_least"], 0),
        hidden_most=of_numbers(claims["hidden_most"], np.inf),
        last_least=of_numbers(claims["last_least"], 0),
        last_most=of_numbers(claims["last_most"], np.inf),
    )
    protection = protect(grid, published, policy)

    def of_claims(values: np.ndarray, otherwise: pd.Series) -> np.ndarray:
        return np.where(there, values[number], otherwise)

    nowhere = pd.Series(False, index=claims.index)
    found = claims[CELL].assign(
        is_small=small,
        is_suppressed_further=of_claims(protection.hidden, nowhere),
        is_exposed=of_claims(protection.exposed, nowhere),
        was_told_before=of_claims(protection.told_before, nowhere),
        least=of_claims(protection.least, claims["least"]),
        most=of_claims(protection.most, claims["most"]),
        sums_hold=sums_hold,
    )
    wanted = found["is_small"] | found["is_suppressed_further"].astype(bool)
    return found[wanted].reset_index(drop=True)


def _grid(subject: Subject, claims: DataFrame, geography: Geography) -> tuple[Grid, bool]:
    try:
        return build(subject, claims, geography), True
    except ContradictionError:
        return build(subject.without_sums, claims, geography), False
