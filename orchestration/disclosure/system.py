"""Whole numbers that are not known, and sums of them that are: the form in which everything that is
published about counts is held against a hidden one.

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
    """Whole numbers x of 0 or more with `lower <= matrix @ x <= upper`.

    `matrix` has a row for each thing that is known and a column for each number; `lower` and
    `upper` have one entry a row, infinite where nothing is known.
    """

    matrix: csr_matrix
    lower: Floats
    upper: Floats

    @property
    def size(self) -> int:
        """How many unknown numbers there are."""
        return int(self.matrix.shape[1])


def solve(system: System, objective: Floats) -> Floats | None:
    """The numbers that fit `system` and make `objective @ x` least; None where none fit.

    Raises UndecidedError where the solver found nothing out, and where there is no least value.
    """
    answer = milp(
        objective,
        constraints=LinearConstraint(system.matrix, system.lower, system.upper),
        bounds=Bounds(0, NO_LIMIT),
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


def feasible_ranges(system: System, rows: csr_matrix) -> Floats:
    """`feasible_range` of each row of `rows`: an array of least and greatest, one pair a row."""
    dense = rows.toarray()
    return np.array([feasible_range(system, row) for row in dense]).reshape(-1, 2)


@dataclass(frozen=True)
class Limits:
    """Limits of each number that follow from one row at a time, again and again.

    `least` and `most` have one entry a number; `why_least` and `why_most` the row that gave the
    limit, -1 where none did.
    """

    least: Floats
    most: Floats
    why_least: Indices
    why_most: Indices

    def of_rows(self, rows: csr_matrix) -> tuple[Floats, Floats]:
        """Limits of sums of the numbers with factors of 1."""
        endless = np.isinf(self.most)
        finite = np.where(endless, 0.0, self.most)
        most = np.where(rows @ endless.astype(float) > 0, NO_LIMIT, rows @ finite)
        return rows @ self.least, most


def limits(system: System, rounds: int = 30) -> Limits:
    """Limits of each number: never narrower than the exact range, and quick to have.

    Raises ContradictionError where a row cannot be fulfilled.
    """
    matrix = system.matrix.tocoo()
    row, column, factor = matrix.row, matrix.col, matrix.data.astype(float)
    up = factor > 0
    least, most = np.zeros(system.size), np.full(system.size, NO_LIMIT)
    why_least, why_most = np.full(system.size, -1), np.full(system.size, -1)
    for _ in range(rounds):
        # What each term adds to its row at least and at most.
        low = np.where(up, factor * least[column], factor * most[column])
        high = np.where(up, factor * most[column], factor * least[column])
        room_above = system.upper[row] - _sum_of_others(row, low, matrix.shape[0])
        room_below = system.lower[row] - _sum_of_others(row, high, matrix.shape[0])
        new_most = np.floor(np.where(up, room_above, -room_below) / abs(factor) + TOLERANCE)
        new_least = np.ceil(np.where(up, room_below, -room_above) / abs(factor) - TOLERANCE)
        next_most, next_least = most.copy(), least.copy()
        np.minimum.at(next_most, column, new_most)
        np.maximum.at(next_least, column, new_least)
        if (next_least > next_most).any():
            raise ContradictionError
        told = (new_most == next_most[column]) & (new_most < most[column])
        why_most[column[told]] = row[told]
        told = (new_least == next_least[column]) & (new_least > least[column])
        why_least[column[told]] = row[told]
        if np.array_equal(next_most, most) and np.array_equal(next_least, least):
            break
        most, least = next_most, next_least
    return Limits(least, most, why_least, why_most)


def reasons(system: System, found: Limits, numbers: Indices, upwards: bool) -> set[int]:
    """The rows from which the upper (or lower) limits of `numbers` follow, one from another."""
    matrix = system.matrix
    waiting = [(int(number), upwards) for number in numbers]
    seen, rows = set(waiting), set()
    while waiting:
        number, upper = waiting.pop()
        row = int((found.why_most if upper else found.why_least)[number])
        if row < 0:
            continue
        rows.add(row)
        entries = slice(matrix.indptr[row], matrix.indptr[row + 1])
        factors = dict(zip(matrix.indices[entries], matrix.data[entries], strict=True))
        # An upper limit of one part rests on lower limits of the others with the same sign.
        for other, factor in factors.items():
            end = (int(other), upper if factor * factors[number] < 0 else not upper)
            if other != number and end not in seen:
                seen.add(end)
                waiting.append(end)
    return rows


def _sum_of_others(row: Indices, terms: Floats, rows: int) -> Floats:
    """For each term the sum of the other terms of its row, infinite where one of them is."""
    endless = np.isinf(terms)
    finite = np.where(endless, 0.0, terms)
    sums = np.bincount(row, finite, rows)[row] - finite
    others = np.bincount(row, endless, rows)[row] - endless
    downwards = np.bincount(row, np.where(endless, np.sign(terms), 0.0), rows)[row] < 0
    return np.where(others > 0, np.where(downwards, -NO_LIMIT, NO_LIMIT), sums)
