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
    # Half of what a process of the audit would import, for what few systems need.
    from scipy.optimize import Bounds, LinearConstraint, milp

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
