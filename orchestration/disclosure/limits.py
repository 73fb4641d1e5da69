"""What each sum says of each of its numbers, one sum after another until nothing changes: limits
that are never narrower than the exact range of a number, and quick to have.

A sum with an upper limit is one inequality, and one with a lower limit another, turned about. What
is known of a number is two *ceilings*, what it is at most and what its negative is at most, so that
every inequality says the same of every term: its ceiling is what remains when all the other terms
are as small as they can be.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from orchestration.disclosure.system import TOLERANCE, ContradictionError, Floats, Indices, System

Reasons = NDArray[np.int32]
# No limit, as a number that sums can be made of: no count of people comes near it, and a sum of
# thousands of them is still exact in a double.
ENDLESS = 2.0**40
# So many inequalities are looked at together: what is written down meanwhile does not grow further.
AT_ONCE = 65536


@dataclass(frozen=True)
class Inequalities:
    """The sums of a `System` of `size` numbers as inequalities `factors @ x <= bound`, in the order
    of the sums, and which number is in which sum.

    Ceilings are numbered: that of number i is i, that of its negative `size + i`. The terms of
    inequality j are those from `begins[j]` to `begins[j + 1]`: `above` is the ceiling that the
    inequality limits, `below` the other one of the same number, and `weight` the factor without its
    sign (None where all are 1). `sum_of` is the sum that each inequality was made of.
    """

    size: int
    sums: csr_matrix
    begins: Indices
    above: Indices
    below: Indices
    weight: Floats | None
    bound: Floats
    sum_of: Indices
    others: dict[int, tuple[int, ...]] = field(default_factory=dict)

    @staticmethod
    def of(system: System) -> Inequalities:
        """The inequalities of a system; its own limits of the numbers play no part."""
        sums = system.sums
        lengths = np.diff(sums.indptr)
        # Each sum twice, once for each side; a side without a limit, or a sum of nothing, says
        # nothing.
        sides = np.column_stack([system.upper, -system.lower])
        says_something = np.isfinite(sides) & (lengths > 0)[:, None]
        sum_of, is_lower = np.nonzero(says_something)
        taken = lengths[sum_of]
        begins = np.concatenate([[0], np.cumsum(taken)])
        entries = _ranges(sums.indptr[sum_of], taken)
        column = sums.indices[entries].astype(np.int32)
        factor = sums.data[entries]
        is_negative = (factor < 0) ^ np.repeat(is_lower > 0, taken)
        size = np.int32(system.size)
        weight = np.abs(factor)
        return Inequalities(
            size=system.size,
            sums=sums,
            begins=begins,
            above=np.where(is_negative, column + size, column),
            below=np.where(is_negative, column, column + size),
            weight=None if (weight == 1).all() else weight,
            bound=sides[says_something],
            sum_of=sum_of,
        )

    @cached_property
    def first_of_sum(self) -> Indices:
        """Where the inequalities of each sum begin, and behind the last of them."""
        return np.searchsorted(self.sum_of, np.arange(self.sums.shape[0] + 1))

    @cached_property
    def _using(self) -> tuple[Indices, Indices]:
        """For each ceiling where the inequalities that use it begin, and these inequalities."""
        terms = np.ones(len(self.below), dtype=np.int8)
        shape = (len(self.bound), 2 * self.size)
        by_ceiling = csr_matrix((terms, self.below, self.begins), shape=shape).tocsc()
        return by_ceiling.indptr, by_ceiling.indices

    def using(self, ceilings: Indices) -> Indices:
        """The inequalities that say something else when these ceilings change, in their order,
        each once."""
        begins, inequalities = self._using
        at = begins[ceilings]
        used_by = inequalities[_ranges(at, begins[ceilings + 1] - at)]
        return _each_once(used_by, len(self.bound))

    def sums_of(self, numbers: Indices) -> Indices:
        """The sums that these numbers are in, in their order, each once."""
        using = self.using(np.concatenate([numbers, numbers + self.size]))
        return _each_once(self.sum_of[using], self.sums.shape[0])

    def made_of(self, sums: Indices) -> Indices:
        """The inequalities that were made of these sums, in the sums' order."""
        at = self.first_of_sum[sums]
        return _ranges(at, self.first_of_sum[sums + 1] - at)

    def terms_of(self, inequalities: Indices) -> tuple[Indices, Indices, Indices]:
        """The terms of these inequalities: where each is, which of the inequalities it is of, and
        where those of each inequality begin among them."""
        at = self.begins[inequalities]
        lengths = self.begins[inequalities + 1] - at
        begins = np.cumsum(lengths) - lengths
        of = np.repeat(np.arange(len(inequalities)), lengths)
        terms = (at - begins)[of]
        terms += np.arange(len(of))
        return terms, of, begins

    def rests_on(self, inequality: int, ceiling: int) -> list[int]:
        """The ceilings on which rests what this inequality says of `ceiling`."""
        below = self.others.get(inequality)
        if below is None:
            terms = slice(self.begins[inequality], self.begins[inequality + 1])
            below = self.others[inequality] = tuple(self.below[terms].tolist())
        own = ceiling + self.size if ceiling < self.size else ceiling - self.size
        return [other for other in below if other != own]


def _ranges(begins: Indices, lengths: Indices) -> Indices:
    """All whole numbers of several ranges, one range after another."""
    total = int(lengths.sum())
    before = np.cumsum(lengths) - lengths
    return np.repeat(begins - before, lengths) + np.arange(total, dtype=begins.dtype)


def _each_once(numbers: Indices, size: int) -> Indices:
    """The different ones of numbers from 0 to below `size`, in order."""
    if len(numbers) * 20 < size:
        ordered = np.sort(numbers)
        is_first = np.ones(len(ordered), dtype=bool)
        np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
        return ordered[is_first]
    is_there = np.zeros(size, dtype=bool)
    is_there[numbers] = True
    return np.flatnonzero(is_there)


@dataclass(frozen=True)
class Limits:
    """Limits of each number that follow from one sum at a time, again and again.

    `ceilings` has an entry a ceiling (see `Inequalities`), `ENDLESS` for none; `why` the inequality
    that gave it, -1 where it is the one that the number had from the start. `is_settled` where
    no inequality says more, false where the rounds were used up, now or for the limits before.
    """

    inequalities: Inequalities
    ceilings: Floats
    why: Reasons
    is_settled: bool

    @property
    def least(self) -> Floats:
        """An entry a number."""
        lower = self.ceilings[self.inequalities.size :]
        return np.where(lower == ENDLESS, -np.inf, 0.0 - lower)

    @property
    def most(self) -> Floats:
        """An entry a number."""
        upper = self.ceilings[: self.inequalities.size]
        return np.where(upper == ENDLESS, np.inf, upper)

    def of(self, numbers: Indices) -> tuple[Floats, Floats]:
        """The least and the most of some of the numbers."""
        upper, lower = self.ceilings[numbers], self.ceilings[numbers + self.inequalities.size]
        return (
            np.where(lower == ENDLESS, -np.inf, 0.0 - lower),
            np.where(upper == ENDLESS, np.inf, upper),
        )


def _ceilings(least: Floats, most: Floats) -> Floats:
    return np.asarray(np.minimum(np.concatenate([most, -least]), ENDLESS))


def limits(
    system: System,
    rounds: int = 30,
    *,
    inequalities: Inequalities | None = None,
    before: Limits | None = None,
    freed: Indices | None = None,
) -> Limits:
    """Limits of each number: never narrower than the exact range, and quick to have.

    `inequalities` are those of the system's sums, where they have been made already. With `before`,
    the limits of the same sums when the numbers `freed` had narrower ones: only what rested on
    these is worked out anew. Raises ContradictionError where a sum cannot be fulfilled.
    """
    size = system.size
    if before is None or freed is None:
        inequalities = inequalities or Inequalities.of(system)
        ceilings = _ceilings(system.least, system.most)
        why = np.full(2 * size, -1, dtype=np.int32)
        waiting, anew = np.arange(len(inequalities.bound)), np.arange(size)
    else:
        inequalities = before.inequalities
        anew, touched = _resting_on(before, freed)
        ceilings, why = before.ceilings.copy(), before.why.copy()
        both = np.concatenate([anew, anew + size])
        ceilings[both] = _ceilings(system.least[anew], system.most[anew])
        why[both] = -1
        waiting = inequalities.made_of(touched)
    _refuse_contradiction(ceilings, anew, size)
    was_settled = before is None or before.is_settled
    for _ in range(rounds):
        lowered = _lower(inequalities, waiting, ceilings, why)
        if not len(lowered):
            return Limits(inequalities, ceilings, why, is_settled=was_settled)
        _refuse_contradiction(ceilings, np.where(lowered < size, lowered, lowered - size), size)
        # Only what uses a ceiling that has changed can tell anything new.
        waiting = inequalities.using(lowered)
        if not was_settled:
            # The other side of these sums may have more to tell from before.
            waiting = inequalities.made_of(
                _each_once(inequalities.sum_of[waiting], inequalities.sums.shape[0])
            )
    return Limits(inequalities, ceilings, why, is_settled=False)


def _lower(inequalities: Inequalities, waiting: Indices, ceilings: Floats, why: Reasons) -> Indices:
    """Lowers the ceilings as far as each of the inequalities `waiting` by itself says, and notes in
    `why` which one it was, the last of several; answers which ceilings were lowered, each once."""
    lower = [
        _said_below(inequalities, waiting[begin : begin + AT_ONCE], ceilings)
        for begin in range(0, len(waiting), AT_ONCE)
    ]
    if not lower:
        return np.array([], dtype=np.int64)
    above, said, by = (np.concatenate(each) for each in zip(*lower, strict=True))
    np.minimum.at(ceilings, above, said)
    tells = said == ceilings[above]
    why[above[tells]] = by[tells]
    return _each_once(above, len(ceilings))


def _said_below(
    inequalities: Inequalities, waiting: Indices, ceilings: Floats
) -> tuple[Indices, Floats, Indices]:
    """What some inequalities say that is below a ceiling: of which, what, and which of them does,
    in their order."""
    terms, of, begins = inequalities.terms_of(waiting)
    above = inequalities.above[terms]
    room = ceilings[inequalities.below[terms]]
    if inequalities.weight is not None:
        weight = inequalities.weight[terms]
        room *= weight
    said = (np.add.reduceat(room, begins) + inequalities.bound[waiting])[of]
    said -= room
    endless = ENDLESS / 2
    if inequalities.weight is not None:
        endless *= min(1.0, float(inequalities.weight.min()))
        said = np.where(said > endless, np.inf, said / weight)
    said += TOLERANCE
    np.floor(said, out=said)
    lower = np.flatnonzero(said < ceilings[above])
    lower = lower[said[lower] < endless]
    return above[lower], said[lower], waiting[of[lower]]


def _refuse_contradiction(ceilings: Floats, numbers: Indices, size: int) -> None:
    """Raises ContradictionError where the most of one of the numbers is below its least."""
    if (ceilings[numbers] + ceilings[numbers + size] < 0).any():
        raise ContradictionError


def _resting_on(before: Limits, freed: Indices) -> tuple[Indices, Indices]:
    """The numbers whose limits follow, one from another, from those of the numbers `freed`, and all
    sums that they are in."""
    inequalities, why = before.inequalities, before.why
    size, sums = inequalities.size, inequalities.sums
    is_resting = np.zeros(size, dtype=bool)
    is_touched = np.zeros(sums.shape[0], dtype=bool)
    is_resting[freed] = True
    newly = freed
    while len(newly):
        touched = inequalities.sums_of(newly)
        touched = touched[~is_touched[touched]]
        is_touched[touched] = True
        begins = sums.indptr[touched]
        lengths = sums.indptr[touched + 1] - begins
        number = sums.indices[_ranges(begins, lengths)]
        by = np.repeat(touched, lengths)
        rests = np.zeros(len(number), dtype=bool)
        for ceiling in (number, number + size):
            reason = why[ceiling]
            rests |= (reason >= 0) & (inequalities.sum_of[reason] == by)
        newly = _each_once(number[rests & ~is_resting[number]], size)
        is_resting[newly] = True
    return np.flatnonzero(is_resting), np.flatnonzero(is_touched)


def reasons(
    found: Limits, number: int, upwards: bool, enough: set[int] | frozenset[int] = frozenset()
) -> set[int]:
    """The numbers from whose published limits the upper (or lower) limit of `number` follows; no
    more than one of `enough` where that is among them."""
    inequalities, why = found.inequalities, found.why.data
    size = inequalities.size
    waiting = [number if upwards else number + size]
    seen, told_by = set(waiting), set()
    while waiting:
        ceiling = waiting.pop()
        inequality = why[ceiling]
        if inequality < 0:
            told = ceiling if ceiling < size else ceiling - size
            if told in enough:
                return {told}
            told_by.add(told)
            continue
        for other in inequalities.rests_on(inequality, ceiling):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return told_by
