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

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame
from scipy.sparse import coo_matrix, csr_matrix

from orchestration.disclosure.geography import Geography
from orchestration.disclosure.system import (
    NO_LIMIT,
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
CELL = [
    "period_type",
    "period_start",
    "area_type",
    "area_code",
    "breakdown_type",
    "breakdown_value",
]
Terms = list[tuple[int, float]]
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
    return _Builder(subject, claims.reset_index(drop=True), geography).grid()


class _Builder:
    """The grid's dimensions (times, places, columns) and the sums over its cells."""

    def __init__(self, subject: Subject, claims: DataFrame, geography: Geography) -> None:
        self.subject = subject
        self.claims = claims
        self.geography = geography
        self.adds_up = subject.over_areas == "sum"
        start = pd.to_datetime(claims["period_start"])
        month = (start.dt.year * 12 + start.dt.month - 1).to_numpy()
        self.periods = DataFrame({"type": claims["period_type"].to_numpy(), "month": month})
        divided = claims[~claims["breakdown_type"].isin(["all", "tier"])]
        kinds = divided[["breakdown_type", "breakdown_value"]].drop_duplicates()
        self.columns = [EVERYONE, *sorted(map(tuple, kinds.to_numpy()))]
        self.breakdown = np.array([breakdown for breakdown, _ in self.columns])
        self._set_times()
        self._set_places()
        self._place_claims()

    # --- the three dimensions -------------------------------------------------------------------

    def _set_times(self) -> None:
        """The published periods, and for sums what lies beside the shorter ones in a longer."""
        claims = self.claims
        everyone = (claims["breakdown_type"] == "all") & (claims["area_type"] == "system")
        times = self.periods.assign(total=claims["exact"].where(everyone, 0.0).to_numpy())
        times = times.groupby(["type", "month"], as_index=False)["total"].sum()
        times["length"] = times["type"].map(MONTHS_OF)
        if self.subject.over_time == "sum":
            longer = times[times["length"] > 1]
            in_parts = [
                times.loc[self._parts_of(times, row.month, row.length), "total"].sum()
                for row in longer.itertuples()
            ]
            beside = longer[longer["total"] > in_parts]
            beside = beside.assign(type=beside["length"].map(BESIDE), length=0)
            times = pd.concat([times, beside], ignore_index=True)
        self.times = times

    @staticmethod
    def _parts_of(times: DataFrame, month: int, length: int) -> Indices:
        """Which of `times` make up a longer period: its quarters, and months in none of them."""
        inside = times[
            (times["month"] >= month)
            & (times["month"] + times["length"] <= month + length)
            & (times["length"] < length)
            & (times["length"] > 0)
        ]
        quarters = inside[inside["length"] == 3]
        in_quarters = inside["month"].apply(
            lambda begin: bool(
                ((quarters["month"] <= begin) & (begin < quarters["month"] + 3)).any()
            )
        )
        return np.array(inside.index[(inside["length"] == 3) | ~in_quarters.astype(bool)])

    def _set_places(self) -> None:
        """The sets of the geography and, for sums, its atoms after them."""
        sets = self.geography.sets
        self.n_sets = len(sets)
        self.is_area = (sets["tier"] == "").to_numpy()
        if self.adds_up:
            atoms = np.ones(len(self.geography.atoms), dtype=bool)
            self.is_area = np.concatenate([self.is_area, atoms])

    @property
    def shape(self) -> tuple[int, int, int]:
        """How many times, places and columns there are."""
        return len(self.times), len(self.is_area), len(self.columns)

    def _place_claims(self) -> None:
        """Where on the grid each claim lies, and what is known there; a cell of a breakdown that
        has no row is 0."""
        claims, sets = self.claims, self.geography.sets
        is_tier = (claims["breakdown_type"] == "tier").to_numpy()
        times = pd.MultiIndex.from_frame(self.times[["type", "month"]])
        t = times.get_indexer(pd.MultiIndex.from_frame(self.periods))
        wanted = DataFrame(
            {
                "area_type": claims["area_type"],
                "area_code": claims["area_code"],
                "tier": claims["breakdown_value"].where(is_tier, ""),
            }
        )
        s = pd.MultiIndex.from_frame(sets).get_indexer(pd.MultiIndex.from_frame(wanted))
        column = claims[["breakdown_type", "breakdown_value"]].copy()
        column[is_tier] = EVERYONE
        k = pd.MultiIndex.from_tuples(self.columns).get_indexer(pd.MultiIndex.from_frame(column))
        _, n_places, n_columns = self.shape
        self.cell = np.where(s < 0, -1, (t * n_places + s) * n_columns + k)
        published = np.zeros(self.shape, dtype=bool)
        is_period = (self.times["length"] > 0).to_numpy()
        published[np.ix_(is_period, np.flatnonzero(self.is_area[: self.n_sets]))] = True
        published[:, :, 0] = False
        exists = np.ones(self.shape, dtype=bool)
        exists[:, ~self.is_area, 1:] = False
        if is_tier.any():
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
        sums, lower, upper = self._sums()
        kept = np.flatnonzero(self.exists & (self.most > 0))
        sums = sums[:, kept]
        several = np.diff(sums.indptr) > 0
        sums, lower, upper = sums[several], lower[several], upper[several]
        system = System(self.least[kept], self.most[kept], sums, lower, upper)
        numbers = np.full(self.exists.size, -1)
        numbers[kept] = np.arange(len(kept))
        return Grid(
            system=system,
            number_of_claim=np.where(self.cell < 0, -1, numbers[self.cell]),
            true=_true_counts(system, self.exact[kept]),
        )

    @cached_property
    def _every_time(self) -> Indices:
        return np.arange(self.shape[0])

    def _sums(self) -> tuple[csr_matrix, Floats, Floats]:
        """Every row of sums: what divides, what contains, what covers."""
        rows = _Rows(self.shape, self.exists)
        areas = np.flatnonzero(self.is_area)
        groups = np.flatnonzero(self.breakdown == "inclusion_group")
        for breakdown in EXCLUSIVE:
            values = np.flatnonzero(self.breakdown == breakdown)
            if len(values):
                terms = [(0, -1.0), *((int(value), 1.0) for value in values)]
                rows.add(COLUMNS, (self._every_time, areas), terms, 0.0, 0.0)
        for group in groups:
            rows.add(
                COLUMNS, (self._every_time, areas), [(int(group), 1.0), (0, -1.0)], -NO_LIMIT, 0
            )
        self._sums_over_places(rows)
        self._sums_over_time(rows)
        return rows.matrix()

    def _sums_over_places(self, rows: _Rows) -> None:
        every = np.arange(self.shape[2])
        if self.adds_up:
            for whole, parts, atoms in self.geography.divisions:
                ones = [(int(part), 1.0) for part in (*parts, *(self.n_sets + atoms))]
                rows.add(PLACES, (self._every_time, every), [(whole, -1.0), *ones], 0.0, 0.0)
        elif self.subject.over_areas == "overlap":
            for part, whole in self.geography.nested:
                terms = [(int(part), 1.0), (int(whole), -1.0)]
                rows.add(PLACES, (self._every_time, every), terms, -NO_LIMIT, 0.0)
            for whole, parts in self.geography.covers:
                terms = [(whole, 1.0), *((int(part), -1.0) for part in parts)]
                rows.add(PLACES, (self._every_time, every), terms, -NO_LIMIT, 0.0)

    def _sums_over_time(self, rows: _Rows) -> None:
        places = np.arange(self.shape[1])
        is_age = self.breakdown == "age_band"
        every, not_age, age = (np.flatnonzero(on) for on in (is_age | True, ~is_age, is_age))
        begins, length = self.times["month"].to_numpy(), self.times["length"].to_numpy()
        kinds = self.times["type"].to_numpy()
        how = self.subject.over_time
        for whole in (int(time) for time in np.flatnonzero(length > 1)):
            parts = self._parts_of(self.times, begins[whole], length[whole])
            beside = np.flatnonzero((kinds == BESIDE[length[whole]]) & (begins == begins[whole]))
            same_age = every if length[whole] == 3 else not_age
            ones = [(int(part), 1.0) for part in (*parts, *beside)]
            before_january: Terms = [(part, one) for part, one in ones if begins[part] % 12 >= 3]
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
        self.shape = shape
        self.cells = np.where(exists, np.arange(exists.size), -1).reshape(shape)
        self.parts: list[tuple[Indices, Indices, Floats]] = []
        self.lower: list[Floats] = []
        self.upper: list[Floats] = []
        self.count = 0

    def add(
        self, axis: int, others: tuple[Indices, Indices], terms: Terms, lower: float, upper: float
    ) -> None:
        """One row for each combination of `others`, places on the other two axes in their order;
        its terms lie along `axis`."""
        along = [self.cells.take(at, axis)[np.ix_(*others)].ravel() for at, _ in terms]
        stacked = np.stack(along)
        # Where one of the cells is nowhere on the grid, nothing can be said.
        stacked = stacked[:, (stacked >= 0).all(axis=0)]
        n_terms, n_rows = stacked.shape
        rows = np.tile(np.arange(n_rows) + self.count, n_terms)
        factors = np.repeat([factor for _, factor in terms], n_rows)
        self.parts.append((rows, stacked.ravel(), factors))
        self.lower.append(np.full(n_rows, lower))
        self.upper.append(np.full(n_rows, upper))
        self.count += n_rows

    def matrix(self) -> tuple[csr_matrix, Floats, Floats]:
        """All of them, with their lower and upper limits."""
        if not self.parts:
            nothing = np.array([])
            return csr_matrix((0, self.cells.size)), nothing, nothing
        rows, columns, factors = (np.concatenate(each) for each in zip(*self.parts, strict=True))
        matrix = coo_matrix((factors, (rows, columns)), shape=(self.count, self.cells.size))
        return matrix.tocsr(), np.concatenate(self.lower), np.concatenate(self.upper)


def _true_counts(system: System, exact: Floats) -> Floats:
    """The exact counts, and for cells without one (not published) some that fit them; where none
    do, since the exact counts do not fit the sums themselves, 0."""
    unknown = np.isnan(exact)
    if not unknown.any():
        return exact
    least, most = np.where(unknown, 0.0, exact), np.where(unknown, NO_LIMIT, exact)
    found = solve(system.with_limits(least, most), np.zeros(system.size))
    return least if found is None else found
