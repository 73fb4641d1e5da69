"""The sums and inequalities that hold between the published counts of one subject, as a `System`.

A subject is a measure, or what remains of an indicator's denominator. Its counts lie on a grid of
periods, areas and columns (everyone, and the values of each breakdown). What is unknown are the
leaves of that grid; every published count is a sum of leaves or a leaf itself:

- `over_areas = sum`: a leaf lies at one provider, place and tier, and an area is the sum of its
  own. Otherwise each area is a leaf; where units overlap, a part is at most the whole, and the
  whole at most the sum of its parts.
- `over_time = sum`: a leaf lies in one month, and a quarter or year is the sum of its months.
  Otherwise each period is a leaf, likewise.
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
from scipy.sparse import coo_matrix, csr_matrix, eye, identity, kron, vstack

from orchestration.disclosure.system import NO_LIMIT, Floats, Indices, System

EVERYONE = ("all", "all")
EXCLUSIVE = ("gender", "age_band", "ethnic_group")
MONTHS_OF = {"month": 1, "quarter": 3, "financial_year": 12}
CELL = [
    "period_type",
    "period_start",
    "area_type",
    "area_code",
    "breakdown_type",
    "breakdown_value",
]


@dataclass(frozen=True)
class Geography:
    """Who works where: a row for each service with provider, place, local_authority, system, tier.

    The registry is public, so a reader can know all of it.
    """

    services: DataFrame

    @cached_property
    def atoms(self) -> DataFrame:
        """Each provider, place and tier that a service has, once: nothing published divides it."""
        return (
            self.services.drop_duplicates().sort_values(list(self.services)).reset_index(drop=True)
        )

    @cached_property
    def sets(self) -> DataFrame:
        """Each area, and each tier of an area: area_type, area_code and tier (empty for all)."""
        parts = []
        for area_type in ("system", "local_authority", "place", "provider"):
            codes = self.atoms[area_type]
            whole = DataFrame({"area_type": area_type, "area_code": codes.unique(), "tier": ""})
            tiers = DataFrame(
                {"area_type": area_type, "area_code": codes, "tier": self.atoms["tier"]}
            )
            parts += [whole, tiers.drop_duplicates()]
        return pd.concat(parts, ignore_index=True)

    @cached_property
    def incidence(self) -> NDArray[np.bool_]:
        """Which atoms lie in which sets: a row a set, a column an atom."""
        sets, atoms = self.sets, self.atoms
        inside = np.zeros((len(sets), len(atoms)), dtype=bool)
        for area_type, rows in sets.groupby("area_type").groups.items():
            codes = sets.loc[rows, "area_code"].to_numpy()
            inside[rows] = codes[:, None] == atoms[area_type].to_numpy()[None, :]
        tier = sets["tier"].to_numpy()[:, None]
        of_tier = (tier == "") | (tier == atoms["tier"].to_numpy()[None, :])
        return np.asarray(inside & of_tier, dtype=bool)

    @cached_property
    def nested(self) -> Indices:
        """Pairs of sets, part and whole, where every atom of the one lies in the other and no third
        set lies between."""
        inside = self.incidence.astype(int)
        within = (inside @ (1 - inside).T) == 0
        np.fill_diagonal(within, False)
        # Two names for the same atoms: each is the other's part, and nothing is between them.
        strict = within & ~within.T
        between = (strict.astype(int) @ strict.astype(int)) > 0
        return np.argwhere((strict & ~between) | (within & within.T))

    @cached_property
    def covers(self) -> list[tuple[int, Indices]]:
        """Each set with sets of one kind that hold all its atoms between them: the authorities of a
        system, the places or providers of an area, the tiers, the same tier in the areas below."""
        sets, inside = self.sets, self.incidence
        kinds = sets["area_type"].to_numpy()
        tiers = sets["tier"].to_numpy()
        found = []
        for whole in range(len(sets)):
            options = [
                np.flatnonzero((kinds == kind) & (tiers == tiers[whole]))
                for kind in dict.fromkeys(kinds)
                if kind != kinds[whole]
            ]
            if tiers[whole] == "":
                same = (kinds == kinds[whole]) & (tiers != "")
                options.append(
                    np.flatnonzero(same & (sets["area_code"] == sets["area_code"][whole]))
                )
            for option in options:
                touching = option[(inside[option] & inside[whole]).any(axis=1)]
                if len(touching) and (inside[touching].any(axis=0) | ~inside[whole]).all():
                    found.append((whole, touching))
        return found


@dataclass(frozen=True)
class Subject:
    """What is counted, and what a whole of it is of its parts (see `seeds/catalogue/measures.csv`;
    `none` where nothing can be said)."""

    name: str
    over_areas: str
    over_time: str


@dataclass(frozen=True)
class Grid:
    """The counts of one subject and financial year as a system of unknown leaves.

    The first rows of `system` are the published counts. `row_of_claim` gives for each row of the
    claims which one it is (-1 where nothing can be unknown: the count is 0, or lies nowhere).
    `start` is one set of leaves that fits: the true counts, or such as cannot be told from them.
    `column` gives for each leaf which breakdown it lies in (0 for everyone), `time` which period.
    """

    system: System
    row_of_claim: Indices
    start: Floats
    column: Indices
    time: Indices


def build(subject: Subject, claims: DataFrame, geography: Geography) -> Grid:
    """The system of one subject in one financial year.

    `claims` has a row for each published count: the columns of `CELL` (period_start a date), exact,
    and least and most, what is published of it. Raises ContradictionError where the exact counts
    do not fit the sums that are taken to hold.
    """
    return _Builder(subject, claims.reset_index(drop=True), geography).grid()


class _Builder:
    """The grid's dimensions (periods, sets, columns) and, over its leaves, its rows."""

    def __init__(self, subject: Subject, claims: DataFrame, geography: Geography) -> None:
        self.subject = subject
        self.claims = claims
        self.geography = geography
        start = pd.to_datetime(claims["period_start"])
        month = (start.dt.year * 12 + start.dt.month - 1).to_numpy()
        periods = DataFrame({"type": claims["period_type"], "month": month})
        self.periods = (
            periods.drop_duplicates().sort_values(["type", "month"]).reset_index(drop=True)
        )
        self.months_long = self.periods["type"].map(MONTHS_OF).to_numpy()
        self.first_month = self.periods["month"].to_numpy()
        divided = claims[~claims["breakdown_type"].isin(["all", "tier"])]
        kinds = divided[["breakdown_type", "breakdown_value"]].drop_duplicates()
        self.columns = [EVERYONE, *sorted(map(tuple, kinds.to_numpy()))]
        self.breakdown = np.array([breakdown for breakdown, _ in self.columns])
        self.sets = geography.sets
        self.is_area = (self.sets["tier"] == "").to_numpy()
        self._place_claims(periods)

    def _place_claims(self, periods: DataFrame) -> None:
        """Where on the grid each claim lies, and what is known there; a cell of a breakdown that
        has no row is 0."""
        claims = self.claims
        n_sets, n_columns = len(self.sets), len(self.columns)
        is_tier = (claims["breakdown_type"] == "tier").to_numpy()
        p = pd.MultiIndex.from_frame(self.periods).get_indexer(pd.MultiIndex.from_frame(periods))
        wanted = DataFrame(
            {
                "area_type": claims["area_type"],
                "area_code": claims["area_code"],
                "tier": claims["breakdown_value"].where(is_tier, ""),
            }
        )
        s = pd.MultiIndex.from_frame(self.sets).get_indexer(pd.MultiIndex.from_frame(wanted))
        column = claims[["breakdown_type", "breakdown_value"]].copy()
        column[is_tier] = EVERYONE
        k = pd.MultiIndex.from_tuples(self.columns).get_indexer(pd.MultiIndex.from_frame(column))
        self.cell = np.where(s < 0, -1, (p * n_sets + s) * n_columns + k)
        shape = (len(self.periods), n_sets, n_columns)
        divided = np.zeros(shape[1:], dtype=bool)
        divided[self.is_area, 1:] = True
        divided[~self.is_area, 0] = bool(is_tier.any())
        self.least = np.zeros(shape).ravel()
        self.most = np.where(np.broadcast_to(divided, shape), 0.0, NO_LIMIT).ravel()
        self.exact = np.zeros(shape).ravel()
        there = self.cell >= 0
        at = self.cell[there]
        self.least[at] = claims["least"].to_numpy(dtype=float)[there]
        self.most[at] = claims["most"].to_numpy(dtype=float)[there]
        self.exact[at] = claims["exact"].to_numpy(dtype=float)[there]
        self.is_claimed = np.broadcast_to(divided, shape).ravel().copy()
        self.is_claimed[at] = True

    # --- leaves ---------------------------------------------------------------------------------

    @cached_property
    def space(self) -> csr_matrix:
        """From the leaves of space to the sets."""
        if self.subject.over_areas == "sum":
            return csr_matrix(self.geography.incidence.astype(float))
        return identity(len(self.sets), format="csr")

    @cached_property
    def time(self) -> tuple[csr_matrix, csr_matrix]:
        """From the leaves of time to the periods: for all columns but age, and for age.

        Over time in sums, the leaves are the months, then what a longer period has beside its
        months (contacts that were dated in a month without returns), and last the financial year
        as itself, for the age bands alone.
        """
        count = len(self.periods)
        if self.subject.over_time != "sum":
            return identity(count, format="csr"), identity(count, format="csr")
        months = np.flatnonzero(self.months_long == 1)
        inside = self._inside[:, months]
        everyone = self.exact.reshape(count, len(self.sets), len(self.columns))[:, :, 0]
        systems = (self.sets["area_type"] == "system").to_numpy() & self.is_area
        total = everyone[:, systems].sum(axis=1)
        beside = total - inside @ total[months]
        quarters = np.flatnonzero((self.months_long == 3) & (beside > 0))
        rests = self._inside[:, quarters]
        years = np.flatnonzero(self.months_long == 12)
        beside_quarters = beside[years] - rests[years] @ beside[quarters]
        more = years[beside_quarters > 0]
        rests = np.hstack([rests, self._inside[:, more]])
        plain = np.hstack([inside, rests])
        own_year = self._inside[:, years] & (self.months_long == 12)[:, None]
        age = np.hstack([np.where((self.months_long == 12)[:, None], False, plain), own_year])
        plain = np.hstack([plain, np.zeros_like(own_year)])
        return csr_matrix(plain.astype(float)), csr_matrix(age.astype(float))

    @cached_property
    def _inside(self) -> NDArray[np.bool_]:
        """Which periods lie in which: a row the longer, a column the shorter, itself included."""
        begins, ends = self.first_month, self.first_month + self.months_long
        inside = (begins[:, None] <= begins[None, :]) & (ends[:, None] >= ends[None, :])
        return np.asarray(inside, dtype=bool)

    @property
    def _n_space(self) -> int:
        return int(self.space.shape[1])

    def _over(self, times: csr_matrix, places: csr_matrix, columns: csr_matrix) -> csr_matrix:
        """Rows over the leaves, from rows over each of their three dimensions."""
        return kron(times, kron(places, columns, format="csr"), format="csr")

    # --- rows -----------------------------------------------------------------------------------

    def grid(self) -> Grid:
        """All rows together, without leaves that can only be 0 or rows that say the same."""
        n_columns = len(self.columns)
        is_age = self.breakdown == "age_band"
        plain, by_age = self.time
        cells = self._over(plain, self.space, _diagonal(~is_age)) + self._over(
            by_age, self.space, _diagonal(is_age)
        )
        wanted = np.flatnonzero(self.is_claimed)
        cells = csr_matrix(cells)[wanted]
        nothing = (self.most[wanted] == 0) & (np.diff(cells.indptr) > 0)
        is_zero = np.asarray(cells[nothing].sum(axis=0)).ravel() > 0
        touched = np.asarray(abs(cells).sum(axis=0)).ravel() > 0
        held, lower, upper = self._held_rows()
        touched |= np.asarray(abs(held).sum(axis=0)).ravel() > 0
        kept = np.flatnonzero(touched & ~is_zero)
        published, first, place = _distinct(cells[:, kept])
        least = np.full(len(first), 0.0)
        most = np.full(len(first), NO_LIMIT)
        np.maximum.at(least, place[place >= 0], self.least[wanted][place >= 0])
        np.minimum.at(most, place[place >= 0], self.most[wanted][place >= 0])
        exact = self.exact[wanted][first]
        held = csr_matrix(held[:, kept])
        several = np.diff(held.indptr) > 0
        held, lower, upper = held[several], lower[several], upper[several]
        system = System(
            csr_matrix(vstack([published, held])),
            np.concatenate([least, lower]),
            np.concatenate([most, upper]),
        )
        row_of_cell = np.full(len(self.is_claimed), -1)
        row_of_cell[wanted] = place
        leaf_column = np.tile(np.arange(n_columns), plain.shape[1] * self._n_space)
        leaf_time = np.repeat(np.arange(plain.shape[1]), self._n_space * n_columns)
        codes = {name: code for code, name in enumerate(dict.fromkeys(self.breakdown))}
        return Grid(
            system=system,
            row_of_claim=np.where(self.cell < 0, -1, row_of_cell[self.cell]),
            start=exact,
            column=np.array([codes[name] for name in self.breakdown])[leaf_column[kept]],
            time=leaf_time[kept],
        )

    def _held_rows(self) -> tuple[csr_matrix, Floats, Floats]:
        """The rows that hold whatever is published: what divides, what contains, what covers."""
        plain, _ = self.time
        rows: list[tuple[csr_matrix, float, float]] = []
        places = eye(self._n_space, format="csr")
        if self.subject.over_areas != "sum":
            places = places[np.flatnonzero(self.is_area)]
        times = identity(plain.shape[1], format="csr")
        in_sums = self.subject.over_time == "sum"
        years = int((self.months_long == 12).sum()) if in_sums else 0
        whole_times = times[: plain.shape[1] - years] if years else times
        for breakdown in EXCLUSIVE:
            inside = self.breakdown == breakdown
            if inside.any():
                shares = csr_matrix(inside.astype(float))
                everyone = csr_matrix((np.arange(len(self.columns)) == 0).astype(float))
                rows.append((self._over(whole_times, places, shares - everyone), 0.0, 0.0))
                if breakdown == "age_band" and years:
                    rows += self._years_by_age(places, shares, everyone)
        groups = np.flatnonzero(self.breakdown == "inclusion_group")
        if len(groups):
            below = coo_matrix(
                (
                    np.tile([1.0, -1.0], len(groups)),
                    (np.repeat(np.arange(len(groups)), 2), np.ravel([(g, 0) for g in groups])),
                ),
                shape=(len(groups), len(self.columns)),
            ).tocsr()
            rows.append((self._over(whole_times, places, below), -NO_LIMIT, 0.0))
        if self.subject.over_areas == "overlap":
            rows += self._areas_that_overlap(times)
        if self.subject.over_time in ("overlap", "grows"):
            rows += self._periods_that_overlap(eye(self._n_space, format="csr"))
        width = plain.shape[1] * self._n_space * len(self.columns)
        matrices = [csr_matrix((0, width)), *(matrix for matrix, _, _ in rows)]
        counts = [matrix.shape[0] for matrix, _, _ in rows]
        return (
            csr_matrix(vstack(matrices)),
            np.repeat([lower for _, lower, _ in rows], counts),
            np.repeat([upper for _, _, upper in rows], counts),
        )

    def _years_by_age(
        self, places: csr_matrix, shares: csr_matrix, everyone: csr_matrix
    ) -> list[tuple[csr_matrix, float, float]]:
        """A year's age bands sum to its months' everyone; each holds what lies before January."""
        plain, by_age = self.time
        in_years = np.flatnonzero(self.months_long == 12)
        of_year, of_months = by_age[in_years], plain[in_years]
        bands = np.flatnonzero(self.breakdown == "age_band")
        each_band = eye(len(self.columns), format="csr")[bands]
        months = self.first_month[np.flatnonzero(self.months_long == 1)]
        before_january = np.zeros(plain.shape[1])
        before_january[: len(months)] = months % 12 >= 3
        return [
            (
                self._over(of_year, places, shares) - self._over(of_months, places, everyone),
                0.0,
                0.0,
            ),
            (
                self._over(of_year, places, each_band)
                - self._over(of_months.multiply(before_january).tocsr(), places, each_band),
                0.0,
                NO_LIMIT,
            ),
        ]

    def _areas_that_overlap(self, times: csr_matrix) -> list[tuple[csr_matrix, float, float]]:
        """A part is at most the whole, and the whole at most the sum of parts that cover it."""
        count = len(self.sets)
        everyone = eye(1, len(self.columns), format="csr")
        every_column = identity(len(self.columns), format="csr")
        below, covered = [], []
        for part, whole in self.geography.nested:
            below.append(
                (_row(count, {int(part): 1.0, int(whole): -1.0}), self.is_area[[part, whole]].all())
            )
        for whole, parts in self.geography.covers:
            terms = {whole: 1.0} | dict.fromkeys(parts.tolist(), -1.0)
            covered.append((_row(count, terms), self.is_area[[whole, *parts]].all()))
        rows = []
        for of_areas, columns in ((True, every_column), (False, everyone)):
            chosen = [row for row, is_of_areas in (*below, *covered) if is_of_areas == of_areas]
            if chosen:
                rows.append(
                    (self._over(times, csr_matrix(vstack(chosen)), columns), -NO_LIMIT, 0.0)
                )
        return rows

    def _periods_that_overlap(self, places: csr_matrix) -> list[tuple[csr_matrix, float, float]]:
        """A month is at most its quarter, a quarter at most its year; and, where units that overlap
        have all their months there, the whole at most the sum."""
        count = len(self.periods)
        is_age = self.breakdown == "age_band"
        by_columns: dict[bool, list[csr_matrix]] = {True: [], False: []}
        for whole in range(count):
            length = self.months_long[whole]
            parts = np.flatnonzero(
                self._inside[whole] & (self.months_long == {3: 1, 12: 3}.get(length, 0))
            )
            for part in parts:
                same_age = length == 3 or self.first_month[part] % 12 >= 3
                by_columns[bool(same_age)].append(_row(count, {int(part): 1.0, whole: -1.0}))
            if self.subject.over_time == "overlap" and len(parts) == {3: 3, 12: 4}.get(length):
                terms = {whole: 1.0} | dict.fromkeys(parts.tolist(), -1.0)
                by_columns[length == 3].append(_row(count, terms))
        rows = []
        every, not_age = _diagonal(np.ones(len(is_age), dtype=bool)), _diagonal(~is_age)
        for same_age, columns in ((True, every), (False, not_age)):
            if by_columns[same_age]:
                chosen = csr_matrix(vstack(by_columns[same_age]))
                rows.append((self._over(chosen, places, columns), -NO_LIMIT, 0.0))
        return rows


def _diagonal(on: NDArray[np.bool_]) -> csr_matrix:
    """The identity with a 0 where `on` is false."""
    return csr_matrix(np.diag(on.astype(float)))


def _row(width: int, terms: dict[int, float]) -> csr_matrix:
    return coo_matrix(
        (list(terms.values()), (np.zeros(len(terms), dtype=int), list(terms))), shape=(1, width)
    ).tocsr()


def _distinct(matrix: csr_matrix) -> tuple[csr_matrix, Indices, Indices]:
    """The rows of `matrix` that say different things: they, where each stands first, and for each
    row of `matrix` which of them it is (-1 for a row without entries)."""
    # Two sums of the same leaves have the same sums of random weights; others have other ones.
    weights = np.random.default_rng(7).integers(1, 2**31, (matrix.shape[1], 2))
    names = (matrix @ weights).astype(np.int64)
    rows = np.flatnonzero(np.diff(matrix.indptr) > 0)
    _, first, inverse = np.unique(names[rows], axis=0, return_index=True, return_inverse=True)
    place = np.full(matrix.shape[0], -1)
    place[rows] = inverse.ravel()
    return matrix[rows[first]], rows[first], place
