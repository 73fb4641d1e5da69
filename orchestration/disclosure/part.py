"""The audit of one part of a release: a family of counts in one financial year, whatever is told of
a count there held against every hidden one, and what must be hidden further.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from orchestration.disclosure.cells import CELL
from orchestration.disclosure.digests import name_of
from orchestration.disclosure.geography import Geography
from orchestration.disclosure.linked import Link, join
from orchestration.disclosure.protect import Flags, Policy, Published, protect
from orchestration.disclosure.sums import Subject, build
from orchestration.disclosure.system import Floats

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


@dataclass(frozen=True)
class Found:
    """What was found of a part, and the names under which it may be kept."""

    findings: DataFrame
    names: Sequence[str]


def audit_part(part: Part, geography: Geography, policy: Policy) -> DataFrame:
    """`audit` of one part."""
    return audited(part, geography, policy, None).findings


def audited(part: Part, geography: Geography, policy: Policy, of_this: bytes | None) -> Found:
    """`audit` of one part, whose digest is `of_this`; with none, no names are asked for."""
    claims = clean(part.claims)
    told = Told(claims)
    by_subject = claims.groupby("subject", sort=False, observed=True)
    grids = [
        build(subject, by_subject.get_group(subject.name), geography) for subject in part.subjects
    ]
    grid, sums_hold = join(grids, claims, part.links)
    number = grid.number_of_claim
    there = number >= 0
    small = (claims["exact"].between(1, policy.smallest - 1) & ~claims["is_shown"]).to_numpy()

    def of_numbers(values: np.ndarray | pd.Series, otherwise: float) -> Floats:
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
    protection = protect(
        grid,
        published,
        policy,
        is_told_more=bool((of_numbers(told.says_more, 0) > 0).any()),
        look_again=of_this is not None,
    )

    def of_claims(values: np.ndarray, otherwise: np.ndarray | pd.Series) -> np.ndarray:
        return np.where(there, values[number], otherwise)

    nowhere = np.zeros(len(claims), dtype=bool)
    hidden = of_claims(protection.hidden, nowhere)
    found = claims[["subject", *CELL]].assign(
        is_small=small,
        is_suppressed_further=hidden,
        is_exposed=of_claims(protection.exposed, nowhere),
        was_told_before=of_claims(protection.told_before, nowhere),
        least=of_claims(protection.least, claims["least"]),
        most=of_claims(protection.most, claims["most"]),
        sums_hold=of_claims(sums_hold, ~nowhere),
    )
    names: list[str] = []
    if of_this:
        is_lasting = protection.is_steady and not (
            found["is_exposed"].any() or found["was_told_before"].any()
        )
        names = told.names_after(of_this, hidden) if is_lasting else [told.exact_name(of_this)]
    return Found(found[small | hidden].reset_index(drop=True), names)


class Told:
    """What earlier releases told of each claim, as far as the audit can tell a difference."""

    def __init__(self, claims: DataFrame) -> None:
        """`claims` are clean."""
        self.claims = claims
        is_shown, is_none = claims["is_shown"], claims["most"] <= 0
        # All that this release can tell, whether it shows the count or hides it.
        least = claims["least"].where(
            ~is_shown, np.minimum(claims["least"], claims["hidden_least"])
        )
        most = claims["most"].where(~is_shown, np.maximum(claims["most"], claims["hidden_most"]))
        # A count that is known to be 0 is no unknown.
        self.least = np.maximum(claims["last_least"], least).where(~is_none, least)
        self.most = np.minimum(claims["last_most"], most).where(~is_none, most)
        self.says_more = ((self.least > least) | (self.most < most)).to_numpy()

    def name(self, of_this: bytes) -> str:
        """The name of lasting findings: what earlier releases told matters only where it is more
        than this one can tell."""
        return name_of(of_this, "lasting", (self.least, self.most))

    def exact_name(self, of_this: bytes) -> str:
        """The name of findings that hang on just what earlier releases told."""
        last = self.claims["last_least"], self.claims["last_most"]
        return name_of(of_this, "exact", last)

    def names_after(self, of_this: bytes, hidden: np.ndarray) -> list[str]:
        """The names of lasting findings now, and once this release too has told what it shows:
        all counts that were shown and are not among those now `hidden`."""
        claims = self.claims
        tells = claims["is_shown"] & ~hidden & (claims["most"] > 0)
        least = self.least.where(~tells, np.maximum(self.least, claims["least"]))
        most = self.most.where(~tells, np.minimum(self.most, claims["most"]))
        return [self.name(of_this), name_of(of_this, "lasting", (least, most))]


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
