"""The audit of a release: every family of counts and financial year by itself, whatever is told of
a count there held against every hidden one, and what must be hidden further.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import pandas as pd
from pandas import DataFrame

from orchestration.child import end_with_parent
from orchestration.disclosure.cells import CELL
from orchestration.disclosure.geography import Geography
from orchestration.disclosure.linked import Link, join
from orchestration.disclosure.protect import Policy, Published, protect
from orchestration.disclosure.sums import Subject, build
from orchestration.disclosure.system import Floats

# With fewer families than this, starting further processes costs more than they save.
WORTH_PROCESSES = 6
# The columns of what is found, with their types.
FINDINGS = {
    "subject": "string",
    **dict.fromkeys(CELL, "string"),
    "period_start": "datetime64[us]",
    **dict.fromkeys(("is_small", "is_suppressed_further", "is_exposed", "was_told_before"), "bool"),
    "least": "float64",
    "most": "float64",
    "sums_hold": "bool",
}


@dataclass(frozen=True)
class Part:
    """A family of subjects in one financial year, how they are linked, and what is claimed of their
    counts: a row for each, with the columns subject, those of `CELL`, exact, is_shown, what is told
    (least, most), what is told where it is hidden (hidden_least, hidden_most), and what earlier
    releases told (last_least, last_most); null for no limit. Subjects stand together."""

    subjects: Sequence[Subject]
    links: Sequence[Link]
    claims: DataFrame


def audit(parts: Iterable[Part], geography: Geography, policy: Policy) -> Iterator[DataFrame]:
    """What was found, part by part, in their order: the claims that are small and hidden, or that
    are to be hidden further, with the columns of `FINDINGS`.

    `least` and `most` are what a reader can tell of the count, from one sum after another;
    `is_exposed` says that too little can be hidden to protect it, and `was_told_before` that the
    earlier releases by themselves had told it; `sums_hold` is false where the exact counts do not
    fit a sum that should hold.
    """
    # The largest first, so that no process is left with it at the end.
    waiting = sorted(parts, key=lambda part: -len(part.claims))
    arguments = (waiting, [geography] * len(waiting), [policy] * len(waiting))
    if len(waiting) < WORTH_PROCESSES:
        yield from map(audit_part, *arguments)
        return
    with ProcessPoolExecutor(
        os.cpu_count(),
        mp_context=get_context("spawn"),
        initializer=end_with_parent,
        initargs=(os.getpid(),),
    ) as processes:
        yield from processes.map(audit_part, *arguments)


def audit_part(part: Part, geography: Geography, policy: Policy) -> DataFrame:
    """`audit` of one part."""
    claims = _clean(part.claims)
    by_subject = claims.groupby("subject", sort=False)
    grids = [
        build(subject, by_subject.get_group(subject.name), geography) for subject in part.subjects
    ]
    grid, sums_hold = join(grids, claims, part.links)
    number = grid.number_of_claim
    there = number >= 0
    small = claims["exact"].between(1, policy.smallest - 1) & ~claims["is_shown"]

    def of_numbers(values: pd.Series, otherwise: float) -> Floats:
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
    found = claims[["subject", *CELL]].assign(
        is_small=small,
        is_suppressed_further=of_claims(protection.hidden, nowhere),
        is_exposed=of_claims(protection.exposed, nowhere),
        was_told_before=of_claims(protection.told_before, nowhere),
        least=of_claims(protection.least, claims["least"]),
        most=of_claims(protection.most, claims["most"]),
        sums_hold=of_claims(sums_hold, ~nowhere),
    )
    wanted = found["is_small"] | found["is_suppressed_further"].astype(bool)
    return found[wanted].reset_index(drop=True)


def _clean(claims: DataFrame) -> DataFrame:
    """The claims with numbers for missing limits; what is told falsely of a count (its numerator
    is larger than its denominator, say) is not told of it."""
    exact = claims["exact"].astype(float)
    limits = {
        column: claims[column].astype(float).fillna(np.inf if column.endswith("most") else 0.0)
        for column in (
            "least", "most", "hidden_least", "hidden_most", "last_least", "last_most",
        )
    }  # fmt: skip
    # Not clipped to the count itself: that would be to tell it.
    true = {
        column: values.where(values >= exact, np.inf)
        if column.endswith("most")
        else values.where(values <= exact, 0.0)
        for column, values in limits.items()
    }
    return claims.assign(**true).reset_index(drop=True)
