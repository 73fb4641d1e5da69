"""Counts of several subjects that bound each other, as one system: a part is never more than its
whole, and a numerator and what remains of its denominator are the denominator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame
from scipy.sparse import coo_matrix, csr_matrix

from orchestration.disclosure.cells import CELL, codes, distinct
from orchestration.disclosure.sums import Grid
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
    counts = _counts(claims, number)
    linked = [
        _rows_of_link(link, counts, len(true))
        for link in links
        if link.part in counts and link.whole in counts
    ]
    inner = [grid.system for grid in grids]
    sums = _one_below_another(
        [(s.sums, int(begin)) for s, begin in zip(inner, begins, strict=False)]
        + [(rows, 0) for rows, _, _ in linked],
        len(true),
    )
    lower = np.concatenate([*(s.lower for s in inner), *(low for _, low, _ in linked)])
    upper = np.concatenate([*(s.upper for s in inner), *(up for _, _, up in linked)])
    value = sums @ true
    holds = (value >= lower) & (value <= upper)
    is_true = np.ones(len(true), dtype=bool)
    if not holds.all():
        is_true[sums[~holds].indices] = False
        sums, lower, upper = sums[holds], lower[holds], upper[holds]
    system = System(
        np.concatenate([s.least for s in inner]),
        np.concatenate([s.most for s in inner]),
        sums,
        lower,
        upper,
    )
    return Grid(system, number, true), is_true


def _one_below_another(blocks: Sequence[tuple[csr_matrix, int]], size: int) -> csr_matrix:
    """The rows of all blocks, each with the column at which it begins, as one matrix of `size`
    columns."""
    ends = np.cumsum([0, *(rows.nnz for rows, _ in blocks)])
    begins = [rows.indptr[:-1] + end for (rows, _), end in zip(blocks, ends, strict=False)]
    indices = [rows.indices + begin for rows, begin in blocks]
    data = np.concatenate([rows.data for rows, _ in blocks])
    together = np.concatenate([*begins, ends[-1:]])
    return csr_matrix((data, np.concatenate(indices), together), shape=(len(together) - 1, size))


@dataclass(frozen=True)
class _Counts:
    """The counts of one subject: which cell each stands in, its number in the system and its exact
    count."""

    cell: Indices
    number: Indices
    exact: Floats

    def at(self, places: Indices) -> _Counts:
        """Some of them, in this order."""
        return _Counts(self.cell[places], self.number[places], self.exact[places])


def _counts(claims: DataFrame, number: Indices) -> dict[str, _Counts]:
    """The claims by subject, with their numbers in the system."""
    every = _Counts(codes(claims, CELL), number, claims["exact"].to_numpy(dtype=float))
    which, subjects = distinct(claims, ["subject"])
    return {
        subject: every.at(np.flatnonzero(which == at)) for at, (subject,) in enumerate(subjects)
    }


def _rows_of_link(
    link: Link, counts: dict[str, _Counts], size: int
) -> tuple[csr_matrix, Floats, Floats]:
    """A row for each cell that part and whole (and rest) have; a count of 0 adds nothing to it."""
    terms = [(counts[link.part], 1.0), (counts[link.whole], -1.0)]
    if link.rest is not None and link.rest in counts:
        terms.append((counts[link.rest], 1.0))
    part = counts[link.part].cell
    places = [pd.Index(of.cell).get_indexer(part) for of, _ in terms]
    in_all = np.all([place >= 0 for place in places], axis=0)
    cells = [of.at(place[in_all]) for (of, _), place in zip(terms, places, strict=True)]
    # A cell that lies nowhere on its grid, and is not empty, can be held against nothing.
    known = np.all([(of.number >= 0) | (of.exact == 0) for of in cells], axis=0)
    numbers = np.column_stack([of.number[known] for of in cells])
    row, term = np.nonzero(numbers >= 0)
    factors = np.array([factor for _, factor in terms])[term]
    matrix = coo_matrix((factors, (row, numbers[row, term])), shape=(len(numbers), size)).tocsr()
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
