"""Further suppression: which shown counts of one grid must be hidden, so that no hidden small count
can be worked out; and how wide each hidden count's range is then.

A hidden count of 1 to one below the smallest that is shown is safe where a reader who knows every
published count of the grid, and every sum and inequality that holds between them,

- cannot tell it to less than `least_possible_counts` counts, and
- must think as many of the counts 1 to 4 possible, from above and from what is shown below.

That a row is there at all says that its count is not 0: the published file is made that way, and
hiding further counts cannot mend it. So where a count's lower limit rests on other hidden counts'
being there alone, the first condition is all that can be asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from orchestration.disclosure.sums import Grid
from orchestration.disclosure.system import (
    NO_LIMIT,
    Floats,
    Indices,
    System,
    limits,
    reasons,
    solve,
)
from orchestration.disclosure.worlds import Aim, Known, best_of, move, reach, step

# A system with more entries than this moves block by block, since all at once takes too long.
LARGE = 25_000
# Searches go on while each still proves this share of the open counts.
WORTH_IT = 0.04
# Of the counts that are held, at most this share is freed at once, before looking again.
AT_ONCE = 0.15


class UnprotectedError(Exception):
    """A hidden count can be worked out, and there is nothing left to hide."""


@dataclass(frozen=True)
class Published:
    """What is published of the first rows of a grid's system, as arrays with one entry a row.

    `is_small`: a hidden count that must not be told; `if_hidden_least`, `if_hidden_most`: what is
    known of the count where it is hidden.
    """

    is_small: NDArray[np.bool_]
    if_hidden_least: Floats
    if_hidden_most: Floats


@dataclass
class Protection:
    """What was done: the rows that were hidden, and the least and the greatest count that each
    small one is proved to be possible as (by counts that fit; the range may be wider)."""

    hidden: Indices
    targets: Indices
    least: Floats
    most: Floats


@dataclass
class _Search:
    """A grid on its way to being safe."""

    grid: Grid
    published: Published
    smallest: int
    possible: int
    seed: int
    hidden: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.lower = self.grid.system.lower.copy()
        self.upper = self.grid.system.upper.copy()
        self.count = len(self.grid.start)
        self.targets = np.flatnonzero(self.published.is_small)
        self.rows = self.grid.system.matrix[self.targets]
        self.draw = np.random.default_rng(self.seed)
        self.x = self._start()
        self.known = Known(self.rows @ self.x, self.rows @ self.x)

    def _start(self) -> Floats:
        exact = self.grid.start
        true = System(
            self.grid.system.matrix,
            np.concatenate([exact, self.lower[self.count :]]),
            np.concatenate([exact, self.upper[self.count :]]),
        )
        found = solve(true, np.zeros(true.size))
        if found is None:
            raise ArithmeticError("the exact counts do not fit the sums that are taken to hold")
        return found

    @property
    def system(self) -> System:
        return System(self.grid.system.matrix, self.lower, self.upper)

    @property
    def without_presence(self) -> System:
        """The same for a reader who does not take a hidden count to be more than 0."""
        lower = self.lower.copy()
        hidden = np.isinf(self.upper[: self.count]) | (lower[: self.count] <= 1)
        lower[: self.count][hidden] = 0
        return System(self.grid.system.matrix, lower, self.upper)

    def is_wide(self, least: Floats, most: Floats) -> NDArray[np.bool_]:
        """Whether these ranges hold enough counts, and enough of the small ones from above."""
        return (most - least >= self.possible - 1) & (most >= self.possible)

    def is_low(self, least: Floats, most: Floats) -> NDArray[np.bool_]:
        """Whether enough of the small counts remain from below, whatever is hidden being 0."""
        return np.minimum(most, self.smallest - 1) - np.maximum(least, 1) >= self.possible - 1

    def hide(self, rows: Indices | set[int]) -> None:
        chosen = np.array(sorted(rows), dtype=int)
        self.lower[chosen] = self.published.if_hidden_least[chosen]
        self.upper[chosen] = self.published.if_hidden_most[chosen]
        self.hidden |= {int(row) for row in chosen}

    def can_be_hidden(self, rows: Indices) -> Indices:
        """Those of some rows that are shown, with a count that may be hidden and would be freer."""
        rows = rows[rows < self.count]
        shown = self.lower[rows] >= self.smallest
        freer = (self.published.if_hidden_least[rows] < self.lower[rows]) | (
            self.published.if_hidden_most[rows] > self.upper[rows]
        )
        return rows[shown & freer]

    def smallest_of(self, rows: Indices) -> int:
        """The one with the smallest count; the first of several."""
        return int(min(rows, key=lambda row: (self.grid.start[row], row)))

    # --- what follows from one sum after another -------------------------------------------------

    def hide_by_sums(self) -> None:
        """Hides the smallest shown count of the sums that give a hidden one away, again and again,
        as far as this can be seen from one sum after another."""
        while True:
            new: set[int] = set()
            for system, is_safe, ends in (
                (self.system, self.is_wide, (True, False)),
                (self.without_presence, self.is_low, (False, True)),
            ):
                found = limits(system)
                least, most = found.of_rows(self.rows)
                least = np.maximum(least, system.lower[self.targets])
                most = np.minimum(most, system.upper[self.targets])
                for place in np.flatnonzero(~is_safe(least, most)):
                    leaves = self.rows.indices[
                        self.rows.indptr[place] : self.rows.indptr[place + 1]
                    ]
                    for upwards in ends:
                        told_by = reasons(system, found, leaves, upwards)
                        if told_by & new:
                            break
                        options = self.can_be_hidden(np.array(sorted(told_by), dtype=int))
                        if len(options):
                            new.add(self.smallest_of(options))
                            break
            if not new:
                return
            self.hide(new)

    # --- what follows from all of them -----------------------------------------------------------

    def see(self, system: System, known: Known, x: Floats) -> None:
        down, up = reach(system, x, self.count)
        values = self.rows @ x
        known.see(values - best_of(self.rows, down))
        known.see(values + best_of(self.rows, up))

    def aim(self, known: Known, places: Indices, *, downwards: bool) -> Aim:
        """The counts at `places` towards values that would show them to be safe."""
        if downwards:
            goal = np.where(known.most[places] >= self.possible + 1, 2.0, 1.0)
            upwards = np.zeros(len(places), dtype=bool)
        else:
            high = np.maximum(self.possible, known.least[places] + self.possible - 1)
            low = np.maximum(high - self.possible + 1, 1)
            can_rise, can_fall = known.most[places] < high, known.least[places] > low
            either = self.draw.random(len(places)) < 0.5
            upwards = np.where(can_rise & can_fall, either, can_rise)
            goal = np.where(upwards, high, low)
        weights = self.draw.uniform(0.1, 2.0, len(places))
        return Aim(self.targets[places], goal.astype(float), upwards, weights)

    def blocks(self) -> list[Indices]:
        """The numbers of one period, or of one breakdown, at a time."""
        kinds = [(self.grid.time, np.unique(self.grid.time))]
        kinds += [(self.grid.column, np.unique(self.grid.column)[1:])]
        return [np.flatnonzero(of == value) for of, values in kinds for value in values]

    def search(self, *, downwards: bool) -> None:
        """Hides what holds small counts, until each is proved safe."""
        is_safe = self.is_low if downwards else self.is_wide
        while True:
            system = self.without_presence if downwards else self.system
            known = Known(self.known.least.copy(), self.known.most.copy())
            open_places = self._prove(system, known, is_safe, downwards)
            if not downwards:
                self.known = known
            if not len(open_places):
                return
            self._free(system, known, open_places, downwards)

    def _prove(self, system: System, known: Known, is_safe, downwards: bool) -> Indices:  # type: ignore[no-untyped-def]
        """Looks for counts that fit and show the targets to be safe; gives the places of those that
        remain open."""
        x = self.x
        self.see(system, known, x)
        large = system.matrix.nnz > LARGE
        open_places = np.flatnonzero(~is_safe(known.least, known.most))
        while len(open_places):
            before = len(open_places)
            if large:
                for block in self.blocks():
                    if not len(open_places):
                        break
                    moved = move(
                        system, x, block, self.aim(known, open_places, downwards=downwards)
                    )
                    if moved is not None:
                        x = moved
                        known.see(self.rows @ x)
                        open_places = np.flatnonzero(~is_safe(known.least, known.most))
                self.see(system, known, x)
            else:
                counts = step(system, self.aim(known, open_places, downwards=downwards)).counts
                if counts is not None:
                    self.see(system, known, counts)
            open_places = np.flatnonzero(~is_safe(known.least, known.most))
            if before - len(open_places) < max(1, WORTH_IT * before):
                break
        return open_places

    def _free(self, system: System, known: Known, open_places: Indices, downwards: bool) -> None:
        """Hides shown counts that hold the open ones: the smaller and the more they hold, first."""
        aim = self.aim(known, open_places, downwards=downwards)
        answer = step(system, aim)
        if answer.counts is not None:
            self.see(system, self.known if not downwards else known, answer.counts)
        holding = self.can_be_hidden(np.flatnonzero(answer.holds[: self.count] > 1e-7))
        if len(holding):
            score = answer.holds[holding] / self.grid.start[holding]
            wanted = max(1, int(AT_ONCE * len(open_places)))
            self.hide(holding[np.argsort(-score, kind="stable")[:wanted]])
            return
        self._free_nearest(open_places)

    def _free_nearest(self, open_places: Indices) -> None:
        """Where no sum by itself holds a count: hides the smallest shown count that shares a number
        with it, or with a row that it is weighed against."""
        matrix = self.grid.system.matrix
        mine = self.rows[open_places]
        near = abs(matrix) @ (abs(mine).sum(axis=0)).T
        options = self.can_be_hidden(np.flatnonzero(np.asarray(near).ravel()))
        if not len(options):
            leaves = np.asarray(abs(matrix).T @ near).ravel() > 0
            options = self.can_be_hidden(np.flatnonzero(abs(matrix) @ leaves.astype(float)))
        if not len(options):
            options = self.can_be_hidden(np.arange(self.count))
        if not len(options):
            raise UnprotectedError(f"{len(open_places)} hidden counts can be worked out")
        self.hide({self.smallest_of(options)})


def protect(
    grid: Grid, published: Published, smallest: int, possible: int, seed: int = 0
) -> Protection:
    """Hides shown counts of `grid` until no small one can be worked out.

    `smallest` is the smallest count that is shown, `possible` how many counts must remain possible.
    Raises UnprotectedError where nothing helps, ArithmeticError where the counts contradict the
    sums.
    """
    search = _Search(grid, published, smallest, possible, seed)
    if len(search.targets):
        search.hide_by_sums()
        search.search(downwards=False)
        search.search(downwards=True)
    return Protection(
        np.array(sorted(search.hidden), dtype=int),
        search.targets,
        search.known.least,
        search.known.most,
    )


__all__ = ["NO_LIMIT", "Protection", "Published", "UnprotectedError", "protect"]
