"""The least and the greatest count that fit what is published, and limits that are quick."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from orchestration.disclosure.limits import limits, reasons
from orchestration.disclosure.system import (
    ContradictionError,
    System,
    feasible_range,
    feasible_ranges,
)

ENDLESS = np.inf


def system(
    numbers: list[tuple[float, float]],
    sums: list[list[int]],
    lower: list[float],
    upper: list[float],
) -> System:
    """The system of numbers, each with its least and most, and of these sums."""
    least, most = np.array(numbers, dtype=float).T
    rows = np.array(sums, dtype=float).reshape(len(sums), len(numbers))
    return System(least, most, csr_matrix(rows), np.array(lower), np.array(upper))


def test_three_parts_under_a_total_of_five_are_told_exactly() -> None:
    # disclosure.md: 5, suppressed and suppressed under a total shown as 5. A 5 is 5, 6 or 7, a
    # suppressed count 1 or more: only 5 + 1 + 1 = 7 fits.
    parts = system([(5, 7), (1, ENDLESS), (1, ENDLESS)], [[1, 1, 1]], [5], [7])
    assert feasible_ranges(parts).tolist() == [[5, 5], [1, 1], [1, 1]]


def test_a_square_of_hidden_counts_moves_as_one() -> None:
    # a b | 9      a is at most the smaller of its two sums, 6; then d = 11 - (9 - a) = 2 + a, so
    # c d | 11 -6  a + c = 6 with c = 6 - a: a runs from 0 to 6, d from 8 (b = 3) down to 2.
    # 6 14         With a = 0: b = 9, c = 6, d = 5. With a = 6: b = 3, c = 0, d = 11.
    square = system(
        [(0, ENDLESS)] * 4,
        [[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]],
        [9, 11, 6, 14],
        [9, 11, 6, 14],
    )
    assert feasible_ranges(square).tolist() == [[0, 6], [3, 9], [0, 6], [5, 11]]


def test_a_count_that_nothing_holds_from_above_has_no_greatest() -> None:
    one = system([(1, ENDLESS)], [], [], [])
    assert feasible_range(one, np.array([1.0])) == (1, ENDLESS)


def test_counts_that_contradict_each_other_are_told_as_such() -> None:
    with pytest.raises(ContradictionError):
        feasible_range(system([(5, 7)], [[1]], [0], [4]), np.array([1.0]))


def test_a_limit_names_the_counts_that_it_follows_from() -> None:
    # The second part is at most 7 - 5 = 2: from the total (number 2) and the first part (number 0).
    # That it is at least 1 itself has no share in it, nor has another sum (of numbers 3 and 4).
    numbers = [(5, 7), (1, ENDLESS), (5, 7), (5, 7), (5, 7)]
    two = system(numbers, [[1, 1, -1, 0, 0], [0, 0, 0, 1, -1]], [0, 0], [0, 0])
    found = limits(two)
    assert found.most.tolist() == [6, 2, 7, 7, 7]
    assert reasons(found, 1, upwards=True) == {0, 2}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=4, max_size=4), st.data())
def test_quick_limits_are_never_narrower_than_the_exact_range(
    counts: list[int], data: st.DataObject
) -> None:
    rows, lower, upper = [], [], []
    for _ in range(data.draw(st.integers(1, 5))):
        row = data.draw(st.lists(st.integers(0, 1), min_size=4, max_size=4))
        value = float(np.dot(row, counts))
        rows.append(row)
        lower.append(value - data.draw(st.integers(0, 2)))
        upper.append(value + data.draw(st.integers(0, 2)))
    made = system([(0, ENDLESS)] * 4, rows, lower, upper)
    found = limits(made)
    for place in range(4):
        least, most = feasible_range(made, np.eye(4)[place])
        assert found.least[place] <= least <= counts[place] <= most <= found.most[place]
