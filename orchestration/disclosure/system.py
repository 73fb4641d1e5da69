"""Whole numbers that are not known, what is published of each, and the sums between them: the form
in which everything that is published about counts is held against a hidden one.

The methods are those of cell suppression's audit: the least and the greatest count that fit all
published sums (Fischetti and Salazar-González, "Solving the cell suppression problem on tabular
data with linear constraints", Management Science 47, 2001; Hundepool and others, "Statistical
Disclosure Control", Wiley 2012, chapter 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
NO_LIMIT = np.inf
# A whole number found by a solver of doubles may be off by this much.
TOLERANCE = 1e-6
# What `scipy.optimize.milp` answers where no such numbers exist.
INFEASIBLE = 2


class ContradictionError(Exception):
    """No counts at all fit what is published: a sum that was taken to hold does not."""


class UndecidedError(Exception):
    """The solver gave no answer, neither counts nor that there are none."""


@dataclass(frozen=True)
class System:
    """Whole numbers x with `least <= x <= most` and `lower <= sums @ x <= upper`.

    `least` and `most` have an entry a number, 0 and infinite where nothing is published of it;
    `sums` has a row for each sum and a column for each number; `lower` and `upper` an entry a sum.
    """

    least: Floats
    most: Floats
    sums: csr_matrix
    lower: Floats
    upper: Floats

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return len(self.least)

    def with_limits(self, least: Floats, most: Floats) -> System:
        """The same sums, with other things published of the numbers."""
        return System(least, most, self.sums, self.lower, self.upper)


def solve(system: System, objective: Floats) -> Floats | None:
    """The numbers that fit `system` and make `objective @ x` least; None where none fit.

    Raises UndecidedError where the solver found nothing out, and where there is no least value.
    """
    answer = milp(
        objective,
        constraints=LinearConstraint(system.sums, system.lower, system.upper),
        bounds=Bounds(system.least, system.most),
        integrality=np.ones(system.size),
        options={"mip_rel_gap": 0.0},
    )
    if answer.status == INFEASIBLE:
        return None
    if answer.x is None:
        raise UndecidedError(answer.message)
    return np.asarray(np.round(answer.x))


def feasible_range(system: System, row: Floats) -> tuple[float, float]:
    """The least and the greatest value that `row @ x` can take: exact, infinite where unbounded.

    Raises ContradictionError where no numbers fit the system.
    """
    ends = []
    for sign in (1.0, -1.0):
        try:
            found = solve(system, sign * row)
        except UndecidedError:
            if solve(system, np.zeros(system.size)) is None:
                raise ContradictionError from None
            ends.append(-sign * NO_LIMIT)
            continue
        if found is None:
            raise ContradictionError
        ends.append(float(np.round(row @ found)))
    return ends[0], ends[1]


def feasible_ranges(system: System) -> Floats:
    """`feasible_range` of each number by itself: an array of least and greatest, a pair each."""
    each = np.eye(system.size)
    return np.array([feasible_range(system, row) for row in each]).reshape(-1, 2)


@dataclass(frozen=True)
class Limits:
    """Limits of each number that follow from one sum at a time, again and again.

    `least` and `most` have one entry a number; `why_least` and `why_most` the sum that gave the
    limit, -1 where it is the one that the number had from the start.
    """

    least: Floats
    most: Floats
    why_least: Indices
    why_most: Indices


def limits(
    system: System, rounds: int = 30, *, before: Limits | None = None, freed: Indices | None = None
) -> Limits:
    """Limits of each number: never narrower than the exact range, and quick to have.

    With `before`, the limits of the same system when the numbers `freed` had narrower ones: only
    what rested on these is worked out anew. Raises ContradictionError where a sum cannot be
    fulfilled.
    """
    touches = abs(system.sums)
    if before is None or freed is None:
        found = Limits(
            system.least.copy(),
            system.most.copy(),
            np.full(system.size, -1),
            np.full(system.size, -1),
        )
        is_open = np.ones(system.sums.shape[0], dtype=bool)
    else:
        anew = _resting_on(touches, before, freed)
        found = Limits(
            np.where(anew, system.least, before.least),
            np.where(anew, system.most, before.most),
            np.where(anew, -1, before.why_least),
            np.where(anew, -1, before.why_most),
        )
        is_open = touches @ anew.astype(float) > 0
    least, most, why_least, why_most = (
        found.least, found.most, found.why_least, found.why_most,
    )  # fmt: skip
    for _ in range(rounds):
        # Only sums with a number whose limits have changed can tell anything new.
        rows = np.flatnonzero(is_open)
        entries = system.sums[rows].tocoo()
        row, column, factor = entries.row, entries.col, entries.data
        up = factor > 0
        # What each term adds to its row at least and at most.
        low = np.where(up, factor * least[column], factor * most[column])
        high = np.where(up, factor * most[column], factor * least[column])
        room_above = system.upper[rows][row] - _sum_of_others(row, low, len(rows))
        room_below = system.lower[rows][row] - _sum_of_others(row, high, len(rows))
        new_most = np.floor(np.where(up, room_above, -room_below) / abs(factor) + TOLERANCE)
        new_least = np.ceil(np.where(up, room_below, -room_above) / abs(factor) - TOLERANCE)
        next_most, next_least = most.copy(), least.copy()
        np.minimum.at(next_most, column, new_most)
        np.maximum.at(next_least, column, new_least)
        if (next_least > next_most).any():
            raise ContradictionError
        told = (new_most == next_most[column]) & (new_most < most[column])
        why_most[column[told]] = rows[row[told]]
        told = (new_least == next_least[column]) & (new_least > least[column])
        why_least[column[told]] = rows[row[told]]
        changed = (next_most != most) | (next_least != least)
        if not changed.any():
            break
        most, least = next_most, next_least
        is_open = touches @ changed.astype(float) > 0
    return Limits(least, most, why_least, why_most)


def _resting_on(touches: csr_matrix, before: Limits, freed: Indices) -> NDArray[np.bool_]:
    """The numbers whose limits follow, one from another, from those of the numbers `freed`."""
    resting = np.zeros(len(before.least), dtype=bool)
    resting[freed] = True
    while True:
        in_row = np.append(touches @ resting.astype(float) > 0, False)
        more = resting | in_row[before.why_least] | in_row[before.why_most]
        if np.array_equal(more, resting):
            return resting
        resting = more


def reasons(system: System, found: Limits, number: int, upwards: bool) -> set[int]:
    """The numbers from whose published limits the upper (or lower) limit of `number` follows."""
    sums = system.sums
    waiting = [(number, upwards)]
    seen, told_by = set(waiting), set()
    while waiting:
        number, upper = waiting.pop()
        row = int((found.why_most if upper else found.why_least)[number])
        if row < 0:
            told_by.add(number)
            continue
        entries = slice(sums.indptr[row], sums.indptr[row + 1])
        factors = dict(zip(sums.indices[entries], sums.data[entries], strict=True))
        # An upper limit of one part rests on lower limits of the others with the same sign.
        for other, factor in factors.items():
            end = (int(other), upper if factor * factors[number] < 0 else not upper)
            if other != number and end not in seen:
                seen.add(end)
                waiting.append(end)
    return told_by


def _sum_of_others(row: Indices, terms: Floats, rows: int) -> Floats:
    """For each term the sum of the other terms of its row, infinite where one of them is."""
    endless = np.isinf(terms)
    finite = np.where(endless, 0.0, terms)
    sums = np.bincount(row, finite, rows)[row] - finite
    others = np.bincount(row, endless, rows)[row] - endless
    downwards = np.bincount(row, np.where(endless, np.sign(terms), 0.0), rows)[row] < 0
    return np.where(others > 0, np.where(downwards, -NO_LIMIT, NO_LIMIT), sums)
