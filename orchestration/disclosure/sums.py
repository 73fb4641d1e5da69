"""The sums and inequalities that hold between the published counts of one subject, as a `System`.

A subject is a measure, or what remains of an indicator's denominator. Its counts lie on a grid of
times, places and columns (everyone, and the values of each breakdown); each cell of the grid is a
number that is published, hidden or unknown:

- `over_areas = sum`: an area is the sum of the areas in it, down to atoms (a provider's services of
  one tier in one place), which are unknown cells of their own. Otherwise a part is at most the
  whole, and, where units overlap, the whole at most the sum of its parts.
- `over_time = sum`: a quarter is the sum of its months and a year of its quarters. Otherwise
  likewise.
- Gender, age band and ethnic group divide everyone without rest: each sums to everyone. Inclusion
  groups overlap: none is larger than everyone. The age band of a financial year is that of its
  first day, so from January on a month's age bands are others than its year's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame
from scipy.sparse import coo_matrix, csr_matrix

from orchestration.disclosure.cells import distinct
from orchestration.disclosure.geography import Geography, Terms
from orchestration.disclosure.limits import limits
from orchestration.disclosure.system import (
    NO_LIMIT,
    ContradictionError,
    Floats,
    Indices,
    System,
    solve,
)

EVERYONE = ("all", "all")
EXCLUSIVE = ("gender", "age_band", "ethnic_group")
MONTHS_OF = {"month": 1, "quarter": 3, "financial_year": 12}
# What a quarter or year has beside the months that are published.
BESIDE = {3: "beside_quarter", 12: "beside_year"}
# The axes of a grid.
TIMES, PLACES, COLUMNS = 0, 1, 2


@dataclass(frozen=True)
class Subject:
    """What is counted, and what a whole of it is of its parts (see `seeds/catalogue/measures.csv`;
    `none` where nothing can be said)."""

    name: str
    over_areas: str
    over_time: str


@dataclass(frozen=True)
class Grid:
    """The counts of one subject and financial year as a system of unknown cells.

    `number_of_claim` gives for each row of the claims which number it is (-1 where nothing can be
    unknown: the count is 0, or lies nowhere). `true` is the exact count of each number (of atoms,
    which are not published, counts that fit).
    """

    system: System
    number_of_claim: Indices
    true: Floats


def build(subject: Subject, claims: DataFrame, geography: Geography) -> Grid:
    """The system of one subject in one financial year.

    `claims` has a row for each published count: the columns of `CELL` (period_start a date), exact,
    and least and most, what is published of it. The exact counts need not fit the sums: see `join`.
    """
    return _Builder(subject, claims, geography).grid()


class _Builder:
    """The grid's dimensions (times, places, columns) and the sums over its cells."""

    def __init__(self, subject: Subject, claims: DataFrame, geography: Geography) -> None:
        self.subject = subject
        self.geography = geography
        self.adds_up = subject.over_areas == "sum"
        start = claims["period_start"].dt
        self.month = (start.year * 12 + start.month - 1).to_numpy(dtype=np.int64)
        self.is_tier = (claims["breakdown_type"] == "tier").to_numpy()
        self._set_columns(claims)
        self._set_times(claims)
        self._set_places(claims)
        self._place_claims(claims)

    # --- the three dimensions -------------------------------------------------------------------

    def _set_columns(self, claims: DataFrame) -> None:
        """Everyone, and each value of a breakdown; a tier is a set of its own, not a column."""
        code, kinds = distinct(claims, ["breakdown_type", "breakdown_value"])
        whole = [breakdown in ("all", "tier") for breakdown, _ in kinds]
        divided = sorted(kind for kind, is_whole in zip(kinds, whole, strict=True) if not is_whole)
        self.columns = [EVERYONE, *divided]
        self.breakdown = np.array([breakdown for breakdown, _ in self.columns])
        at = {kind: column for column, kind in enumerate(self.columns)}
        column_of = [0 if all_ else at[kind] for kind, all_ in zip(kinds, whole, strict=True)]
        self.column = np.array(column_of, dtype=np.int64)[code]

    def _set_times(self, claims: DataFrame) -> None:
        """The published periods, and for sums what lies beside the shorter ones in a longer."""
        code, kinds = distinct(claims.assign(month=self.month), ["period_type", "month"])
        order = sorted(range(len(kinds)), key=kinds.__getitem__)
        periods = [kinds[at] for at in order]
        place = np.empty(len(kinds), dtype=np.int64)
        place[order] = np.arange(len(kinds))
        self.time = place[code]
        self.kinds = np.array([kind for kind, _ in periods])
        self.begins = np.array([month for _, month in periods], dtype=np.int64)
        self.length = np.array([MONTHS_OF[kind] for kind, _ in periods], dtype=np.int64)
        if self.subject.over_time != "sum":
            return
        everyone = (
            (claims["breakdown_type"] == "all") & (claims["area_type"] == "system")
        ).to_numpy()
        exact = np.where(everyone, claims["exact"].to_numpy(dtype=float), 0.0)
        total = np.bincount(self.time, exact, len(periods))
        beside = [
            whole
            for whole in np.flatnonzero(self.length > 1).tolist()
            if total[whole] > total[self._parts_of(whole)].sum()
        ]
        names = [BESIDE[length] for length in self.length[beside].tolist()]
        self.kinds = np.array([*self.kinds, *names])
        self.begins = np.concatenate([self.begins, self.begins[beside]])
        self.length = np.concatenate([self.length, np.zeros(len(beside), dtype=np.int64)])

    def _parts_of(self, whole: int) -> Indices:
        """Which times make up a longer period: its quarters, and months in none of them."""
        begins, length = self.begins, self.length
        month, months = begins[whole], length[whole]
        is_inside = (begins >= month) & (begins + length <= month + months)
        inside = np.flatnonzero(is_inside & (length < months) & (length > 0))
        quarters = begins[inside[length[inside] == 3]]
        since = begins[inside][:, None] - quarters[None, :]
        in_quarter = ((since >= 0) & (since < 3)).any(axis=1)
        return np.asarray(inside[(length[inside] == 3) | ~in_quarter])

    def _set_places(self, claims: DataFrame) -> None:
        """The sets of the geography and, for sums, its atoms after them."""
        code, kinds = distinct(
            claims.assign(is_tier=self.is_tier),
            ["area_type", "area_code", "is_tier", "breakdown_value"],
        )
        number = self.geography.number_of_set
        place_of = [
            number.get((area_type, area, value if is_tier else ""), -1)
            for area_type, area, is_tier, value in kinds
        ]
        self.place = np.array(place_of, dtype=np.int64)[code]
        self.n_sets = len(self.geography.sets)
        self.is_area = (self.geography.sets["tier"] == "").to_numpy()
        if self.adds_up:
            atoms = np.ones(len(self.geography.atoms), dtype=bool)
            self.is_area = np.concatenate([self.is_area, atoms])

    @property
    def shape(self) -> tuple[int, int, int]:
        """How many times, places and columns there are."""
        return len(self.begins), len(self.is_area), len(self.columns)

    def _place_claims(self, claims: DataFrame) -> None:
        """Where on the grid each claim lies, and what is known there; a cell of a breakdown that
        has no row is 0."""
        _, n_places, n_columns = self.shape
        at = (self.time * n_places + self.place) * n_columns + self.column
        self.cell = np.where(self.place < 0, -1, at)
        published = np.zeros(self.shape, dtype=bool)
        is_period = self.length > 0
        published[np.ix_(is_period, np.flatnonzero(self.is_area[: self.n_sets]))] = True
        published[:, :, 0] = False
        exists = np.ones(self.shape, dtype=bool)
        exists[:, ~self.is_area, 1:] = False
        if self.is_tier.any():
            published[np.ix_(is_period, np.flatnonzero(~self.is_area), np.array([0]))] = True
        else:
            exists[:, ~self.is_area] = False
        self.exists = exists.ravel()
        self.least = np.zeros(self.exists.size)
        self.most = np.where(published.ravel(), 0.0, NO_LIMIT)
        self.exact = np.where(published.ravel(), 0.0, np.nan)
        there = self.cell >= 0
        at = self.cell[there]
        self.least[at] = claims["least"].to_numpy(dtype=float)[there]
        self.most[at] = claims["most"].to_numpy(dtype=float)[there]
        self.exact[at] = claims["exact"].to_numpy(dtype=float)[there]

    # --- sums -----------------------------------------------------------------------------------

    def grid(self) -> Grid:
        """All sums together, without cells that can only be 0."""
        kept = np.flatnonzero(self.exists & (self.most > 0))
        numbers = np.full(self.exists.size, -1)
        numbers[kept] = np.arange(len(kept))
        sums, lower, upper = self._sums().of_numbers(numbers, len(kept))
        system = System(self.least[kept], self.most[kept], sums, lower, upper)
        return Grid(
            system=system,
            number_of_claim=np.where(self.cell < 0, -1, numbers[self.cell]),
            true=_true_counts(system, self.exact[kept]),
        )

    def _sums(self) -> _Rows:
        """Every row of sums: what divides, what contains, what covers."""
        rows = _Rows(self.shape, self.exists)
        every_time, areas = np.arange(self.shape[0]), np.flatnonzero(self.is_area)
        for breakdown in EXCLUSIVE:
            values = np.flatnonzero(self.breakdown == breakdown)
            if len(values):
                terms = [(0, -1.0), *((int(value), 1.0) for value in values)]
                rows.add(COLUMNS, (every_time, areas), terms, 0.0, 0.0)
        groups = np.flatnonzero(self.breakdown == "inclusion_group")
        inside = Terms.of([[(int(group), 1.0), (0, -1.0)] for group in groups])
        rows.add_all(COLUMNS, (every_time, areas), inside, -NO_LIMIT, 0.0)
        every_column = np.arange(self.shape[2])
        for over_places, lower in self._sums_over_places():
            rows.add_all(PLACES, (every_time, every_column), over_places, lower, 0.0)
        self._sums_over_time(rows)
        return rows

    def _sums_over_places(self) -> Iterator[tuple[Terms, float]]:
        if self.adds_up:
            yield self.geography.sums, 0.0
        elif self.subject.over_areas == "overlap":
            yield self.geography.inclusions, -NO_LIMIT
            yield self.geography.coverings, -NO_LIMIT

    def _sums_over_time(self, rows: _Rows) -> None:
        places = np.arange(self.shape[1])
        is_age = self.breakdown == "age_band"
        every, not_age, age = (np.flatnonzero(on) for on in (is_age | True, ~is_age, is_age))
        begins, length = self.begins, self.length
        how = self.subject.over_time
        for whole in (int(time) for time in np.flatnonzero(length > 1)):
            parts = self._parts_of(whole)
            is_beside = (self.kinds == BESIDE[int(length[whole])]) & (begins == begins[whole])
            beside = np.flatnonzero(is_beside)
            same_age = every if length[whole] == 3 else not_age
            ones = [(int(part), 1.0) for part in (*parts, *beside)]
            before_january = [(part, one) for part, one in ones if begins[part] % 12 >= 3]
            if how == "sum":
                rows.add(TIMES, (places, same_age), [(whole, -1.0), *ones], 0.0, 0.0)
                if length[whole] == 12:
                    terms = [(whole, -1.0), *before_january]
                    rows.add(TIMES, (places, age), terms, -NO_LIMIT, 0.0)
            elif how in ("overlap", "grows"):
                for part, one in ones:
                    columns = every if (part, one) in before_january else same_age
                    rows.add(TIMES, (places, columns), [(part, 1.0), (whole, -1.0)], -NO_LIMIT, 0.0)
                is_full = length[parts].sum() == length[whole]
                if how == "overlap" and is_full:
                    terms = [(whole, 1.0), *((part, -1.0) for part, _ in ones)]
                    rows.add(TIMES, (places, same_age), terms, -NO_LIMIT, 0.0)


class _Rows:
    """Rows of sums over the cells of a grid, gathered."""

    def __init__(self, shape: tuple[int, int, int], exists: NDArray[np.bool_]) -> None:
        self.cells = np.where(exists, np.arange(exists.size), -1).reshape(shape)
        self.parts: list[tuple[Indices, Indices, Floats]] = []
        self.lower: list[Floats] = []
        self.upper: list[Floats] = []
        self.count = 0

    def add(
        self,
        axis: int,
        others: tuple[Indices, Indices],
        terms: list[tuple[int, float]],
        lower: float,
        upper: float,
    ) -> None:
        """One row for each combination of `others`, places on the other two axes in their order;
        its terms lie along `axis`."""
        self.add_all(axis, others, Terms.of([terms]), lower, upper)

    def add_all(
        self, axis: int, others: tuple[Indices, Indices], terms: Terms, lower: float, upper: float
    ) -> None:
        """`add` for each of several sums, one after another."""
        across = np.moveaxis(self.cells, axis, 0)
        each = len(others[0]) * len(others[1])
        cells = across[np.ix_(terms.at, *others)].reshape(len(terms.at), each)
        # Where one of the cells is nowhere on the grid, nothing can be said.
        is_row = np.ones((terms.count, each), dtype=bool)
        nowhere = np.nonzero(cells < 0)
        is_row[terms.row[nowhere[0]], nowhere[1]] = False
        number = np.cumsum(is_row).reshape(is_row.shape) - 1 + self.count
        is_kept = is_row[terms.row]
        factors = np.broadcast_to(terms.factor[:, None], cells.shape)
        self.parts.append((number[terms.row][is_kept], cells[is_kept], factors[is_kept]))
        n_rows = int(is_row.sum())
        self.lower.append(np.full(n_rows, lower))
        self.upper.append(np.full(n_rows, upper))
        self.count += n_rows

    def of_numbers(self, numbers: Indices, size: int) -> tuple[csr_matrix, Floats, Floats]:
        """All of them over numbers instead of cells, with their lower and upper limits: `numbers`
        has the number of each cell, -1 where it is 0. Rows of nothing else are left out."""
        rows, cells, factors = (np.concatenate(each) for each in zip(*self.parts, strict=True))
        columns = numbers[cells]
        there = columns >= 0
        entries = (factors[there], (rows[there], columns[there]))
        matrix = coo_matrix(entries, shape=(self.count, size)).tocsr()
        several = np.diff(matrix.indptr) > 0
        lower, upper = np.concatenate(self.lower)[several], np.concatenate(self.upper)[several]
        begins = np.concatenate([matrix.indptr[:-1][several], matrix.indptr[-1:]])
        kept = csr_matrix((matrix.data, matrix.indices, begins), shape=(len(lower), size))
        return kept, lower, upper


def _true_counts(system: System, exact: Floats) -> Floats:
    """The exact counts, and for cells without one (not published) some that fit them; where none
    do, since the exact counts do not fit the sums themselves, 0."""
    unknown = np.isnan(exact)
    if not unknown.any():
        return exact
    least, most = np.where(unknown, 0.0, exact), np.where(unknown, NO_LIMIT, exact)
    try:
        found = limits(system.with_limits(least, most))
    except ContradictionError:
        return least
    # Of most cells one sum after another leaves one count only; the solver looks for the others.
    fitting = found.least.copy()
    is_open = found.least < found.most
    if is_open.any():
        fixed = np.where(is_open, 0.0, found.least)
        in_rows = system.sums[:, np.flatnonzero(is_open)]
        rows = np.flatnonzero(np.diff(in_rows.indptr) > 0)
        taken = (system.sums @ fixed)[rows]
        rest = System(
            found.least[is_open],
            found.most[is_open],
            in_rows[rows],
            system.lower[rows] - taken,
            system.upper[rows] - taken,
        )
        answer = solve(rest, np.zeros(rest.size))
        if answer is None:
            return least
        fitting[is_open] = answer
    return fitting
