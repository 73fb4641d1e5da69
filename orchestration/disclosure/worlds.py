"""Looks for other counts that fit everything that is published, to show that hidden ones are safe.

Each set of counts that fits is a proof for many hidden counts at once: they could be what they are
there. So most counts are proved safe without a computation of their own. Where a count cannot be
moved, the same computation tells which published counts hold it: the linear program's dual values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import bmat, csr_matrix, identity, vstack

from orchestration.disclosure.system import NO_LIMIT, TOLERANCE, Floats, Indices, System, part

# A search for whole numbers ends after this many seconds: another one, elsewhere, may go quicker.
SECONDS = 1.0
# The best set of counts is not needed, only a good one.
GOOD_ENOUGH = 0.05
# A reach without end, as a number that can still be subtracted.
FAR = 1e9


@dataclass
class Known:
    """The least and the greatest value that each hidden count has been seen to take."""

    least: Floats
    most: Floats

    def see(self, values: Floats) -> None:
        """Another set of counts that fits."""
        np.minimum(self.least, values, out=self.least)
        np.maximum(self.most, values, out=self.most)


@dataclass(frozen=True)
class Aim:
    """Where hidden counts are to be moved: for some rows of a system, up to `goal` or down to it.

    `weights` say how much it matters of each row.
    """

    rows: Indices
    goal: Floats
    upwards: NDArray[np.bool_]
    weights: Floats

    def within(self, rows: NDArray[np.bool_]) -> Aim:
        """The aim for some of its rows."""
        return Aim(self.rows[rows], self.goal[rows], self.upwards[rows], self.weights[rows])


@dataclass(frozen=True)
class Step:
    """Where an aim led: other counts that fit (None where no whole ones were found), and how hard
    each row of the system held the aim back."""

    counts: Floats | None
    holds: Floats


def reach(system: System, x: Floats, held: int) -> tuple[Floats, Floats]:
    """How far each number can fall and rise from `x` when only those that it must be weighed
    against move with it: never farther than in earnest.

    Rows from `held` on are not published counts; those among them whose limits are equal divide a
    whole (parts with +1, the whole with -1): a part moves against its other parts, the whole with
    some of its parts.
    """
    matrix = system.matrix
    divides = np.zeros(matrix.shape[0], dtype=bool)
    divides[held:] = system.lower[held:] == system.upper[held:]
    free = System(matrix[~divides], system.lower[~divides], system.upper[~divides])
    entries = free.matrix.tocoo()
    below, above = free.slack(x)
    plus = entries.data > 0
    rise, fall = np.full(system.size, FAR), x.copy()
    np.minimum.at(rise, entries.col, np.where(plus, above[entries.row], below[entries.row]))
    np.minimum.at(fall, entries.col, np.where(plus, below[entries.row], above[entries.row]))
    balance = matrix[divides].tocoo()
    row, column, parts = balance.row, balance.col, balance.data > 0
    rises = np.bincount(row[parts], rise[column[parts]], balance.shape[0])
    falls = np.bincount(row[parts], fall[column[parts]], balance.shape[0])
    up, down = rise.copy(), fall.copy()
    np.minimum.at(up, column, np.where(parts, falls[row] - fall[column], rises[row]))
    np.minimum.at(down, column, np.where(parts, rises[row] - rise[column], falls[row]))
    return np.maximum(down, 0), np.maximum(up, 0)


def best_of(rows: csr_matrix, values: Floats) -> Floats:
    """For each row the greatest of `values` over its entries; 0 where it has none."""
    found = np.zeros(rows.shape[0])
    entries = rows.tocoo()
    np.maximum.at(found, entries.row, values[entries.col])
    return found


def _with_aim(system: System, aim: Aim) -> tuple[System, Floats, Bounds]:
    """The system with one more number for each row of the aim: what counts of the row's value,
    which is no more than the goal. And the objective, to be made least, and the numbers' limits."""
    count = len(aim.rows)
    towards = system.matrix[aim.rows]
    matrix = csr_matrix(bmat([[system.matrix, None], [towards, -identity(count)]]))
    wide = System(
        matrix,
        np.concatenate([system.lower, np.where(aim.upwards, 0.0, -NO_LIMIT)]),
        np.concatenate([system.upper, np.where(aim.upwards, NO_LIMIT, 0.0)]),
    )
    objective = np.concatenate(
        [np.zeros(system.size), aim.weights * np.where(aim.upwards, -1.0, 1.0)]
    )
    limits = Bounds(
        np.concatenate([np.zeros(system.size), np.where(aim.upwards, -NO_LIMIT, aim.goal)]),
        np.concatenate([np.full(system.size, NO_LIMIT), np.where(aim.upwards, aim.goal, NO_LIMIT)]),
    )
    return wide, objective, limits


def step(system: System, aim: Aim) -> Step:
    """Counts that fit and reach as much of the aim as can be, all numbers moving at once.

    First as fractions, by linear programming; then whole numbers beside those. Raises
    ArithmeticError where the system has no solution.
    """
    wide, objective, limits = _with_aim(system, aim)
    lower, upper = wide.lower, wide.upper
    equal = lower == upper
    above = np.flatnonzero(~equal & np.isfinite(upper))
    below = np.flatnonzero(~equal & np.isfinite(lower))
    answer = linprog(
        objective,
        A_ub=vstack([wide.matrix[above], -wide.matrix[below]]),
        b_ub=np.concatenate([upper[above], -lower[below]]),
        A_eq=wide.matrix[equal] if equal.any() else None,
        b_eq=lower[equal] if equal.any() else None,
        bounds=np.column_stack([limits.lb, limits.ub]),
        method="highs",
    )
    if answer.x is None:
        raise ArithmeticError(f"no counts fit what is published: {answer.message}")
    holds = np.zeros(len(lower))
    pull = -answer.ineqlin.marginals
    np.maximum.at(holds, above, pull[: len(above)])
    np.maximum.at(holds, below, pull[len(above) :])
    fractions = answer.x[: system.size]
    return Step(_whole_beside(wide, objective, limits, fractions), holds[: len(system.lower)])


def _whole_beside(
    wide: System, objective: Floats, limits: Bounds, fractions: Floats
) -> Floats | None:
    """Whole numbers that fit, none farther from `fractions` than one more than it must be; None
    where there are none."""
    size = len(fractions)
    whole = np.round(fractions)
    is_fraction = abs(fractions - whole) > TOLERANCE
    if not is_fraction.any():
        return whole
    for more in (0, 1):
        least = np.where(is_fraction, np.floor(fractions) - more, whole - more)
        most = np.where(is_fraction, np.ceil(fractions) + more, whole + more)
        answer = milp(
            objective,
            constraints=LinearConstraint(wide.matrix, wide.lower, wide.upper),
            bounds=Bounds(
                np.concatenate([np.maximum(least, 0), limits.lb[size:]]),
                np.concatenate([most, limits.ub[size:]]),
            ),
            integrality=np.concatenate([np.ones(size), np.zeros(wide.size - size)]),
            options={"time_limit": SECONDS, "mip_rel_gap": GOOD_ENOUGH},
        )
        if answer.x is not None:
            return np.asarray(np.round(answer.x[:size]))
    return None


def move(system: System, x: Floats, block: Indices, aim: Aim) -> Floats | None:
    """Whole numbers that fit and reach as much of the aim as can be while only `block` moves from
    `x`; None where no row of the aim lies in the block, or none were found in time."""
    smaller, places = part(system, x, block)
    inside = np.isin(aim.rows, places)
    if not inside.any():
        return None
    mine = aim.within(inside)
    standing = system.matrix[mine.rows] @ x - system.matrix[mine.rows][:, block] @ x[block]
    rows = np.searchsorted(places, mine.rows)
    local = Aim(rows, mine.goal - standing, mine.upwards, mine.weights)
    wide, objective, limits = _with_aim(smaller, local)
    answer = milp(
        objective,
        constraints=LinearConstraint(wide.matrix, wide.lower, wide.upper),
        bounds=limits,
        integrality=np.concatenate([np.ones(smaller.size), np.zeros(len(rows))]),
        options={"time_limit": SECONDS, "mip_rel_gap": GOOD_ENOUGH},
    )
    if answer.x is None:
        return None
    moved = x.copy()
    moved[block] = np.round(answer.x[: smaller.size])
    return moved
