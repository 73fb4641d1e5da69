"""Further suppression: which shown counts of one grid must be hidden so that no hidden small one
can be worked out.

A hidden count of 1 to one below the smallest that is shown is safe where a reader who knows all
that is published of the grid, and the sums that hold, must think enough counts possible: as many in
all as `possible`, the greatest of them at least that; and as many of the small counts, as far as
shown counts tell. (That a cell has a row at all says that its count is not 0. Hiding cannot mend
that, so of what hidden cells' being there alone tells, only the first is asked.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestration.disclosure.limits import Inequalities, Limits, limits, reasons
from orchestration.disclosure.sums import Grid
from orchestration.disclosure.system import Floats, Indices, System

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Policy:
    """The smallest count that is shown, and how many must remain possible of a hidden one."""

    smallest: int
    possible: int

    def is_wide(self, least: Floats, most: Floats) -> Flags:
        """Whether enough counts lie in these ranges, and the greatest is not too small."""
        return (most - least >= self.possible - 1) & (most >= self.possible)

    def is_low(self, least: Floats, most: Floats) -> Flags:
        """Whether enough of the small counts lie in these ranges."""
        within = np.minimum(most, self.smallest - 1) - np.maximum(least, 1)
        return within >= self.possible - 1


@dataclass(frozen=True)
class Published:
    """What is published of the numbers of a grid, as arrays with one entry a number.

    `is_shown`: whether its count is shown; `is_small`: a hidden count that must not be told;
    `hidden_least`, `hidden_most`: what is known of it where it is hidden; `last_least`,
    `last_most`: what earlier releases told of it (0 and infinite where nothing).
    """

    is_shown: Flags
    is_small: Flags
    hidden_least: Floats
    hidden_most: Floats
    last_least: Floats
    last_most: Floats


@dataclass(frozen=True)
class Protection:
    """What was done: the numbers that are hidden further; what a reader knows of each number then;
    the small ones that this release by itself would tell, since nothing is left to hide; and those
    that are told only because of what earlier releases told, which cannot be taken back (some by
    those releases alone, some with a row that has come since and cannot be hidden). `is_steady`
    where another search, of this release and an earlier one that told nothing more, would end in
    the same way."""

    hidden: Flags
    least: Floats
    most: Floats
    exposed: Flags
    told_before: Flags
    is_steady: bool


def protect(
    grid: Grid,
    published: Published,
    policy: Policy,
    *,
    is_told_more: bool = True,
    look_again: bool = False,
) -> Protection:
    """Hides shown counts of `grid`, the smallest of each sum that tells, until nothing tells a
    small one any more, as far as one sum after another can tell it (`limits`): first of this
    release by itself, then of this one and the earlier ones together.

    `is_told_more` says that the earlier releases told something that this one does not tell
    whatever it hides; where they did not, `look_again` finds out whether the answer is steady.
    """
    search = _Search(grid, published, policy)
    search.run()
    exposed = search.unsafe()
    is_told = (published.last_least > 0).any() or np.isfinite(published.last_most).any()
    is_steady = is_told_more or (look_again and search.is_steady())
    if is_told:
        search.add_last_release()
        search.run()
    return Protection(
        search.hidden,
        search.found.least,
        search.found.most,
        exposed,
        search.unsafe() & ~exposed,
        is_steady,
    )


class _Search:
    """A grid on its way to being safe."""

    def __init__(self, grid: Grid, published: Published, policy: Policy) -> None:
        self.grid, self.published, self.policy = grid, published, policy
        self.least, self.most = grid.system.least.copy(), grid.system.most.copy()
        self.hidden_least, self.hidden_most = published.hidden_least, published.hidden_most
        self.hidden = np.zeros(grid.system.size, dtype=bool)
        self.small = np.flatnonzero(published.is_small)
        self.inequalities = Inequalities.of(grid.system)

    def add_last_release(self) -> None:
        """From here on the reader knows the earlier releases too."""
        last_least, last_most = self.published.last_least, self.published.last_most
        self.least = np.maximum(self.least, last_least)
        self.most = np.minimum(self.most, last_most)
        self.hidden_least = np.maximum(self.hidden_least, last_least)
        self.hidden_most = np.minimum(self.hidden_most, last_most)

    def run(self) -> None:
        """Hides until there is nothing to hide, or nothing that would help."""
        # A shown count may be hidden where that would make it any freer; a count of 0 may not.
        self.can_be_hidden = (
            self.published.is_shown
            & ~self.hidden
            & (self.grid.true > 0)
            & ((self.hidden_least < self.least) | (self.hidden_most > self.most))
        )
        known: list[Limits | None] = [None, None]
        freed = np.array([], dtype=int)
        while True:
            views = (
                (self._system, self.policy.is_wide, (True, False)),
                (self._without_presence, self.policy.is_low, (False, True)),
            )
            new: set[int] = set()
            self.is_safe = np.ones(len(self.small), dtype=bool)
            self.is_settled = True
            for view, (system, is_safe, ends) in enumerate(views):
                found = limits(
                    system, inequalities=self.inequalities, before=known[view], freed=freed
                )
                known[view] = found
                self.is_settled &= found.is_settled
                safe = is_safe(*found.of(self.small))
                self.is_safe &= safe
                for number in self.small[~safe].tolist():
                    self._choose(found, number, ends, new)
            if known[0] is not None:
                self.found = known[0]
            if not new:
                return
            freed = np.array(sorted(new), dtype=int)
            self.hidden[freed] = True
            self.can_be_hidden[freed] = False
            self.least[freed] = self.hidden_least[freed]
            self.most[freed] = self.hidden_most[freed]

    def unsafe(self) -> Flags:
        """The small counts that can still be worked out, after `run`."""
        found = np.zeros(self.grid.system.size, dtype=bool)
        found[self.small[~self.is_safe]] = True
        return found

    def is_steady(self) -> bool:
        """Whether the same search, begun anew from here, would hide nothing more and find the same.

        It would begin with the limits that follow from the start. None of them is narrower than
        limits that are settled, so what is safe within these is safe within those.
        """
        if not self.is_safe.all():
            return False
        if not self.hidden.any():
            return True
        again = limits(self._system, inequalities=self.inequalities)
        if not np.array_equal(again.ceilings, self.found.ceilings):
            return False
        if self.is_settled:
            return True
        shown = limits(self._without_presence, inequalities=self.inequalities)
        return bool(self.policy.is_low(*shown.of(self.small)).all())

    @property
    def _system(self) -> System:
        return self.grid.system.with_limits(self.least, self.most)

    @property
    def _without_presence(self) -> System:
        """The same for a reader who does not take a hidden count to be more than 0."""
        is_hidden = (self.hidden | ~self.published.is_shown) & (self.least <= 1)
        return self.grid.system.with_limits(np.where(is_hidden, 0.0, self.least), self.most)

    def _choose(self, found: Limits, number: int, ends: tuple[bool, bool], new: set[int]) -> None:
        """Adds to `new` the smallest shown count of those that tell this one, unless one of them
        is in it already."""
        for upwards in ends:
            told_by = reasons(found, number, upwards, enough=new)
            if not told_by.isdisjoint(new):
                return
            options = self._options(told_by)
            if len(options):
                smallest = np.lexsort((options, self.grid.true[options]))[0]
                new.add(int(options[smallest]))
                return

    def _options(self, told_by: set[int]) -> Indices:
        numbers = np.array(sorted(told_by), dtype=int)
        return np.asarray(numbers[self.can_be_hidden[numbers]])
