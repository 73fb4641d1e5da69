"""Counts of several subjects that bound each other, as one system: a part is never more than its
whole, and a numerator and what remains of its denominator are the denominator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame
from scipy.sparse import block_diag, coo_matrix, csr_matrix, vstack

from orchestration.disclosure.sums import CELL, Grid
from orchestration.disclosure.system import NO_LIMIT, Floats, Indices, System


@dataclass(frozen=True)
class Link:
    """In every cell, the count of `part` is at most that of `whole`; with a `rest`, the two of them
    are the whole. All three are names of subjects."""

    part: str
    whole: str
    rest: str | None = None


def join(
    grids: Sequence[Grid], claims: DataFrame, links: Sequence[Link]
) -> tuple[Grid, NDArray[np.bool_]]:
    """The grids as one, with the rows that the links add, and for each number whether all the sums
    that should hold for it do.

    `claims` are those of all grids, in their order, with the columns subject and exact beside those
    of a cell. A sum that the exact counts do not fit is left out: a reader who uses it is misled.
    """
    sizes = [grid.system.size for grid in grids]
    begins = np.concatenate([[0], np.cumsum(sizes)])
    number = np.concatenate(
        [
            np.where(grid.number_of_claim < 0, -1, grid.number_of_claim + begin)
            for grid, begin in zip(grids, begins, strict=False)
        ]
    )
    true = np.concatenate([grid.true for grid in grids])
    numbered = claims[["subject", *CELL, "exact"]].assign(number=number)
    by_subject = dict(iter(numbered.groupby("subject")))
    linked = [
        _rows_of_link(link, by_subject, len(true))
        for link in links
        if link.part in by_subject and link.whole in by_subject
    ]
    inner = [grid.system for grid in grids]
    sums = csr_matrix(
        vstack([block_diag([s.sums for s in inner]), *(rows for rows, _, _ in linked)])
    )
    lower = np.concatenate([*(s.lower for s in inner), *(low for _, low, _ in linked)])
    upper = np.concatenate([*(s.upper for s in inner), *(up for _, _, up in linked)])
    value = sums @ true
    holds = (value >= lower) & (value <= upper)
    is_false = np.asarray(abs(sums[~holds]).sum(axis=0)).ravel() > 0
    system = System(
        np.concatenate([s.least for s in inner]),
        np.concatenate([s.most for s in inner]),
        sums[holds],
        lower[holds],
        upper[holds],
    )
    return Grid(system, number, true), ~is_false


def _rows_of_link(
    link: Link, by_subject: dict[object, DataFrame], size: int
) -> tuple[csr_matrix, Floats, Floats]:
    """A row for each cell that part and whole (and rest) have; a count of 0 adds nothing to it."""
    cells = by_subject[link.part].merge(by_subject[link.whole], on=CELL, suffixes=("", "_whole"))
    terms = [("", 1.0), ("_whole", -1.0)]
    if link.rest is not None and link.rest in by_subject:
        cells = cells.merge(by_subject[link.rest], on=CELL, suffixes=("", "_rest"))
        terms.append(("_rest", 1.0))
    # A cell that lies nowhere on its grid, and is not empty, can be held against nothing.
    known = np.ones(len(cells), dtype=bool)
    for suffix, _ in terms:
        known &= (cells[f"number{suffix}"] >= 0) | (cells[f"exact{suffix}"] == 0)
    cells = cells[known].reset_index(drop=True)
    rows: list[Indices] = []
    columns: list[Indices] = []
    factors: list[Floats] = []
    for suffix, factor in terms:
        there = np.flatnonzero(cells[f"number{suffix}"].to_numpy() >= 0)
        rows.append(there)
        columns.append(cells[f"number{suffix}"].to_numpy()[there])
        factors.append(np.full(len(there), factor))
    matrix = coo_matrix(
        (np.concatenate(factors), (np.concatenate(rows), np.concatenate(columns))),
        shape=(len(cells), size),
    ).tocsr()
    several = np.diff(matrix.indptr) > 1
    lower = 0.0 if len(terms) == 3 else -NO_LIMIT
    count = int(several.sum())
    return matrix[several], np.full(count, lower), np.zeros(count)


def families(subjects: Sequence[str], links: Sequence[Link]) -> list[list[str]]:
    """The subjects that are linked with each other, each in one list, in their order."""
    place = {subject: at for at, subject in enumerate(subjects)}
    ends = [
        (place[one], place[link.whole])
        for link in links
        for one in (link.part, link.rest)
        if one in place and link.whole in place
    ]
    family = pd.Series(range(len(subjects)))
    for _ in subjects:
        before = family.copy()
        for one, other in ends:
            family[[one, other]] = min(family[one], family[other])
        if family.equals(before):
            break
    by_family: dict[int, list[str]] = {}
    for subject, name in zip(subjects, family, strict=True):
        by_family.setdefault(int(name), []).append(subject)
    return list(by_family.values())
