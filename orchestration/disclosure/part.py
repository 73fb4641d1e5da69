"""The audit of one part of a release: a family of counts in one financial year, whatever is told of
a count there held against every hidden one, and what must be hidden further.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from orchestration.disclosure.cells import CELL
from orchestration.disclosure.geography import Geography
from orchestration.disclosure.linked import Link, join
from orchestration.disclosure.protect import Policy, Published, protect
from orchestration.disclosure.sums import Subject, build
from orchestration.disclosure.system import Floats
from orchestration.disclosure.told import Told

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


ANSWERS = [column for column in FINDINGS if column not in ("subject", *CELL)]


@dataclass(frozen=True)
class Part:
    """A family of subjects in one financial year, how they are linked, and what is claimed of their
    counts: a row for each, with the columns subject, those of `CELL`, exact, is_shown, what is told
    (least, most), what is told where it is hidden (hidden_least, hidden_most), and what earlier
    releases told (last_least, last_most); null for no limit. Subjects stand together. `key` says
    which family and year it is."""

    subjects: Sequence[Subject]
    links: Sequence[Link]
    claims: DataFrame
    key: str = ""


def audit_part(part: Part, geography: Geography, policy: Policy) -> DataFrame:
    """What is found of the part: the claims that are small and hidden, or that are to be hidden
    further, with the columns of `FINDINGS`."""
    return findings(part, answers(part, geography, policy))


def findings(part: Part, answered: DataFrame) -> DataFrame:
    """The findings of a part out of the answers for each of its claims."""
    is_found = (answered["is_small"] | answered["is_suppressed_further"]).to_numpy()
    cells = part.claims.loc[is_found, ["subject", *CELL]].reset_index(drop=True)
    return cells.join(answered.loc[is_found, ANSWERS].reset_index(drop=True))


def answers(
    part: Part, geography: Geography, policy: Policy, *, look_again: bool = False
) -> DataFrame:
    """For each claim of the part, in their order, the columns of `FINDINGS` that are none of a
    cell; what earlier releases told of it (last_least, last_most), as far as that can be true; and
    is_steady, whether the answers hold where they told less: see `protect`, as of `look_again`.
    """
    claims = clean(part.claims)
    by_subject = claims.groupby("subject", sort=False, observed=True)
    grid, sums_hold = join(
        [build(one, by_subject.get_group(one.name), geography) for one in part.subjects],
        claims,
        part.links,
    )
    number = grid.number_of_claim
    there = number >= 0
    small = (claims["exact"].between(1, policy.smallest - 1) & ~claims["is_shown"]).to_numpy()

    def of_numbers(values: NDArray[Any] | pd.Series, otherwise: float) -> Floats:
        spread = np.full(grid.system.size, otherwise, dtype=float)
        spread[number[there]] = np.asarray(values, dtype=float)[there]
        return spread

    published = Published(
        is_shown=of_numbers(claims["is_shown"], 0) > 0,
        is_small=of_numbers(small, 0) > 0,
        hidden_least=of_numbers(claims["hidden_least"], 0),
        hidden_most=of_numbers(claims["hidden_most"], np.inf),
        last_least=of_numbers(claims["last_least"], 0),
        last_most=of_numbers(claims["last_most"], np.inf),
    )
    says_more = of_numbers(Told(claims, claims).says_more, 0) > 0
    protection = protect(
        grid, published, policy, is_told_more=bool(says_more.any()), look_again=look_again
    )

    def of_claims(values: NDArray[Any], otherwise: NDArray[Any] | pd.Series) -> NDArray[Any]:
        return np.where(there, values[number], otherwise)

    nowhere = np.zeros(len(claims), dtype=bool)
    return DataFrame(
        {
            "is_small": small,
            "is_suppressed_further": of_claims(protection.hidden, nowhere),
            "is_exposed": of_claims(protection.exposed, nowhere),
            "was_told_before": of_claims(protection.told_before, nowhere),
            "least": of_claims(protection.least, claims["least"]),
            "most": of_claims(protection.most, claims["most"]),
            "sums_hold": of_claims(sums_hold, ~nowhere),
            "last_least": claims["last_least"].to_numpy(),
            "last_most": claims["last_most"].to_numpy(),
            "is_steady": protection.is_steady,
        }
    )


def clean(claims: DataFrame) -> DataFrame:
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
