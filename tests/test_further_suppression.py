"""Which shown counts are hidden so that no hidden small one can be worked out."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas import DataFrame
from scipy.sparse import csr_matrix

from orchestration.disclosure.geography import Geography
from orchestration.disclosure.limits import limits
from orchestration.disclosure.part import Part, audit_part
from orchestration.disclosure.protect import Policy, Protection, Published, protect
from orchestration.disclosure.sums import Grid, Subject
from orchestration.disclosure.system import System, feasible_range
from orchestration.facts import SEEDS, FactsError, load_disclosure_policy

POLICY = Policy(smallest=5, possible=3)
ENDLESS = np.inf
SERVICES = DataFrame(
    {
        "provider": ["A", "B", "C"],
        "place": ["P", "Q", "R"],
        "local_authority": ["L", "L", "L"],
        "system": ["S", "S", "S"],
        "tier": ["2", "2", "2"],
    }
)
# What is told of a count, in the columns of an audit's claims.
TOLD = (
    "exact",
    "is_shown",
    "least",
    "most",
    "hidden_least",
    "hidden_most",
    "last_least",
    "last_most",
)


def rounded_to(count: int) -> tuple[int, int]:
    """The least and the greatest count that is shown as this one: base 5, none below 5."""
    shown = (count + 2) // 5 * 5
    return max(5, shown - 2), shown + 2


def protected(
    counts: list[int], sums: list[list[int]], *, last: set[int] = frozenset()
) -> Protection:  # type: ignore[assignment]
    """`protect` of counts that are shown from 5 on and hidden below, where each row of `sums` is 0;
    in the last release the counts of `last` were shown too."""
    true = np.array(counts, dtype=float)
    told = [rounded_to(count) if count >= 5 else (1, ENDLESS) for count in counts]
    least, most = (np.array(ends, dtype=float) for ends in zip(*told, strict=True))
    rows = csr_matrix(np.array(sums, dtype=float))
    nothing = np.zeros(len(sums))
    system = System(least, most, rows, nothing, nothing)
    numbers = np.arange(len(counts))
    is_last = np.isin(numbers, list(last))
    published = Published(
        is_shown=true >= 5,
        is_small=(true >= 1) & (true < 5),
        hidden_least=np.ones(len(counts)),
        hidden_most=np.full(len(counts), ENDLESS),
        last_least=np.where(is_last, least, 0.0),
        last_most=np.where(is_last, most, ENDLESS),
    )
    return protect(Grid(system, numbers, true), published, POLICY)


def test_the_smallest_count_of_the_sum_that_tells_is_hidden() -> None:
    # disclosure.md: 5, 1 and 1 under 7, shown as 5. Of the 5 and the 7 that tell, the part of 5 is
    # the smaller; without it each hidden one is at most 7 - 1 - 1 = 5.
    found = protected([5, 1, 1, 7], [[1, 1, 1, -1]])
    assert found.hidden.tolist() == [True, False, False, False]
    assert found.most[:3].tolist() == [5, 5, 5]
    assert not found.exposed.any()


def test_a_sum_that_leaves_enough_counts_hides_nothing() -> None:
    # The whole is 30 (28 to 32), a part 25 (23 to 27): the other one is 1 to 9.
    found = protected([26, 3, 29], [[1, 1, -1]])
    assert not found.hidden.any()
    assert (found.least[1], found.most[1]) == (1, 9)


def test_what_two_sums_tell_together_is_seen() -> None:
    # a + b = c and c + d = e, with a = 5, b = 1, d = 5 and e = 11, and c (6) in no table: e is at
    # most 12, so c at most 7 and b at most 2. The smallest of a, d and e that came first is hidden.
    found = protected([5, 1, 6, 5, 11], [[1, 1, -1, 0, 0], [0, 0, 1, 1, -1]])
    assert found.hidden.any()
    assert found.most[1] >= 3
    assert not found.exposed.any()


def test_a_count_that_nothing_can_protect_is_told_as_exposed() -> None:
    # The whole of two hidden parts is hidden: 2 = 1 + 1. Nothing is shown, so nothing tells it.
    assert not protected([1, 1, 2], [[1, 1, -1]]).exposed.any()


def test_what_the_last_release_told_is_no_longer_worth_hiding() -> None:
    # As in the first test, but the last release showed the 5: hiding it would help nobody, so the
    # whole is hidden.
    found = protected([5, 1, 1, 7], [[1, 1, 1, -1]], last={0})
    assert found.hidden.tolist() == [True, False, False, True]
    assert not found.exposed.any()
    assert not found.told_before.any()


def test_what_the_last_release_told_by_itself_is_told_apart() -> None:
    found = protected([5, 1, 1, 7], [[1, 1, 1, -1]], last={0, 3})
    assert found.told_before.tolist() == [False, True, True, False]
    assert not found.exposed.any()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 14), min_size=9, max_size=9))
def test_no_small_count_of_a_table_is_exact_to_a_reader_who_tries_every_combination(
    inner: list[int],
) -> None:
    # A table of three by three with both its margins: 16 counts, 8 sums.
    table = np.array(inner).reshape(3, 3)
    whole = np.zeros((4, 4), dtype=int)
    whole[:3, :3] = table
    whole[3, :3], whole[:3, 3], whole[3, 3] = table.sum(axis=0), table.sum(axis=1), table.sum()
    at = np.arange(16).reshape(4, 4)
    sums = []
    for line in (*at, *at.T):
        row = [0] * 16
        for cell in line[:3]:
            row[cell] = 1
        row[line[3]] = -1
        sums.append(row)
    found = protected(whole.ravel().tolist(), sums)
    assert not found.exposed.any()
    true = whole.ravel()
    rows = csr_matrix(np.array(sums, dtype=float))
    shown = (true >= 5) & ~found.hidden
    least = np.array([rounded_to(c)[0] if s else 1 for c, s in zip(true, shown, strict=True)])
    most = np.array([rounded_to(c)[1] if s else ENDLESS for c, s in zip(true, shown, strict=True)])
    system = System(least, most, rows, np.zeros(8), np.zeros(8))
    for number in np.flatnonzero(true < 5):
        low, high = feasible_range(system, np.eye(16)[number])
        assert low <= true[number] <= high
        assert high > low


def claim(area_type: str, area: str, exact: int) -> dict[str, object]:
    """What is told of one area's count in a month."""
    least, most = rounded_to(exact) if exact >= 5 else (1, None)
    return dict(
        zip(TOLD, (exact, exact >= 5, least, most, 1, None, None, None), strict=True),
        period_type="month", period_start=pd.Timestamp("2025-05-01"), area_type=area_type,
        area_code=area, breakdown_type="all", breakdown_value="all",
    )  # fmt: skip


def audited(rows: DataFrame, policy: Policy = POLICY) -> DataFrame:
    part = Part([Subject("contacts", "sum", "sum")], [], rows.assign(subject="contacts"))
    return audit_part(part, Geography(SERVICES), policy)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_order_of_the_rows_changes_nothing(order: int) -> None:
    # Places of 5, 1 and 1 in a system of 7: the place of 5 is hidden, whoever comes first.
    areas = [
        ("system", "S", 7), ("local_authority", "L", 7), ("place", "P", 5), ("place", "Q", 1),
        ("place", "R", 1), ("provider", "A", 5), ("provider", "B", 1), ("provider", "C", 1),
    ]  # fmt: skip
    rows = DataFrame([claim(*area) for area in areas]).sample(frac=1, random_state=order)
    found = audited(rows)
    hidden = found.loc[found["is_suppressed_further"], "area_code"]
    assert sorted(hidden) == ["A", "P"]
    assert found["is_small"].sum() == 4
    assert found["sums_hold"].all()
    assert not found["is_exposed"].any()


def test_counts_that_do_not_add_up_are_audited_all_the_same_and_that_is_said() -> None:
    areas = [("system", "S", 7), ("local_authority", "L", 9), ("place", "P", 1)]
    found = audited(DataFrame([claim(*area) for area in areas]))
    assert found["area_code"].tolist() == ["P"]
    assert not found["sums_hold"].any()


def test_a_claim_that_is_false_of_its_count_is_not_believed() -> None:
    # Seven, told as 0: no release of ours does that, and no audit stumbles over it.
    rows = DataFrame([claim("place", "P", 7), claim("place", "Q", 1)])
    found = audited(rows.assign(least=[0, 1], most=[0, None]))
    assert found["area_code"].tolist() == ["Q"]


def test_limits_worked_out_anew_in_part_are_those_worked_out_from_the_start() -> None:
    # a + b = c, c + d = e: with e (10 to 12) hidden, all that followed from it is wider again.
    rows = csr_matrix(np.array([[1, 1, -1, 0, 0], [0, 0, 1, 1, -1]], dtype=float))
    least, most = np.array([1.0, 1, 1, 5, 10]), np.array([np.inf, np.inf, np.inf, 7, 12])
    told = System(least, most, rows, np.zeros(2), np.zeros(2))
    hidden = told.with_limits(
        np.array([1.0, 1, 1, 5, 1]), np.array([np.inf, np.inf, np.inf, 7, np.inf])
    )
    anew = limits(hidden, before=limits(told), freed=np.array([4]))
    fresh = limits(hidden)
    assert anew.least.tolist() == fresh.least.tolist()
    assert anew.most.tolist() == fresh.most.tolist()


@pytest.mark.parametrize(
    ("setting", "value"), [("rounding_base", 11), ("least_possible_counts", 5)]
)
def test_a_policy_that_protects_nothing_is_refused(
    tmp_path: Path, setting: str, value: int
) -> None:
    text = (SEEDS / "policy" / "disclosure.csv").read_text(encoding="utf-8")
    (tmp_path / "policy").mkdir()
    changed = re.sub(rf"^{setting},[0-9]+", f"{setting},{value}", text, flags=re.MULTILINE)
    (tmp_path / "policy" / "disclosure.csv").write_text(changed, encoding="utf-8")
    with pytest.raises(FactsError, match=setting):
        load_disclosure_policy(tmp_path)
