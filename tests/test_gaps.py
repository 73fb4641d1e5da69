"""Gap and ratio of two figures with their intervals: published examples, and laws that must hold.

The macros of `dbt_project/macros/gaps.sql` are rendered as dbt renders them and run on DuckDB, on
figures whose own limits come from `macros/intervals.sql`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from orchestration.facts import SEEDS
from orchestration.transform.dbt import DBT_PROJECT

Pair = tuple[int, int, int, int]
# Gap, its limits, the ratio's limits, and both figures with theirs.
COLUMNS = (
    "gap", "gap_lower", "gap_upper", "ratio_lower", "ratio_upper", "one_value", "other_value",
)  # fmt: skip


@cache
def comparison_sql() -> str:
    """One row for each row of the table `pairs`: statistic, a of n against b of m, for each 1."""
    macros = "".join(
        (DBT_PROJECT / "macros" / f"{name}.sql").read_text(encoding="utf-8")
        for name in ("intervals", "gaps")
    )
    query = """
        with figures as (
            select place, 'one' as which, statistic, 1 as multiplier, a as numerator,
                n as denominator from pairs
            union all
            select place, 'other', statistic, 1, b, m from pairs
        ),
        valued as (
            select place, which, {{ value_and_interval('numerator', 'denominator') }}
            from figures
            left join (
                select observed, lower_limit as exact_lower, upper_limit as exact_upper
                from read_csv('POISSON')
            ) as limits on numerator = observed
        ),
        beside as (
            select one.place,
                one.value as one_value, one.lower_ci as one_lower_ci, one.upper_ci as one_upper_ci,
                other.value as other_value, other.lower_ci as other_lower_ci,
                other.upper_ci as other_upper_ci
            from valued as one inner join valued as other using (place)
            where one.which = 'one' and other.which = 'other'
        )
        select one_value - other_value as gap,
            {{ difference_lower('one', 'other') }} as gap_lower,
            {{ difference_upper('one', 'other') }} as gap_upper,
            {{ ratio_lower('one', 'other') }} as ratio_lower,
            {{ ratio_upper('one', 'other') }} as ratio_upper,
            one_value, other_value
        from beside order by place
    """
    rendered = Environment().from_string(macros + query).render()
    return rendered.replace("POISSON", str(SEEDS / "statistics" / "poisson_limits.csv"))


CONNECTION = duckdb.connect()


def compare(pairs: Sequence[Pair], statistic: str = "proportion") -> list[dict[str, Any]]:
    """Each pair (a of n, b of m) compared."""
    columns = [list(column) for column in zip(*pairs, strict=True)]
    CONNECTION.execute(
        "create or replace table pairs as select unnest(range($5)) as place, $6 as statistic, "
        "unnest($1) as a, unnest($2) as n, unnest($3) as b, unnest($4) as m",
        [*columns, len(pairs), statistic],
    )
    rows = CONNECTION.execute(comparison_sql()).fetchall()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


# Newcombe (1998), "Interval estimation for the difference between independent proportions",
# Statistics in Medicine 17: 873-890, table II, method 10.
NEWCOMBE = {
    (56, 70, 48, 80): (0.0524, 0.3339),
    (9, 10, 3, 10): (0.1705, 0.8090),
    (6, 7, 2, 7): (0.0582, 0.8062),
    (5, 56, 0, 29): (-0.0381, 0.1926),
    (0, 10, 0, 20): (-0.1611, 0.2775),
    (0, 10, 0, 10): (-0.2775, 0.2775),
    (10, 10, 0, 20): (0.6791, 1.0000),
    (10, 10, 0, 10): (0.6075, 1.0000),
}


@pytest.mark.parametrize("pair", NEWCOMBE)
def test_the_gap_of_two_shares_has_newcombes_published_interval(pair: Pair) -> None:
    (found,) = compare([pair])
    assert found["gap"] == pytest.approx(pair[0] / pair[1] - pair[2] / pair[3])
    assert (found["gap_lower"], found["gap_upper"]) == pytest.approx(NEWCOMBE[pair], abs=5e-5)


def katz(a: int, n: int, b: int, m: int) -> tuple[float, float]:
    """Katz (1978), Biometrics 34: 469-474: limits of the ratio on the logarithmic scale."""
    error = math.sqrt(1 / a - 1 / n + 1 / b - 1 / m)
    ratio = (a / n) / (b / m)
    return ratio * math.exp(-1.959964 * error), ratio * math.exp(1.959964 * error)


# Perondi and others (2004), 7 of 34 against 1 of 34, as worked in Fagerland, Lydersen and Laake,
# "Statistical Analysis of Contingency Tables" (2017), chapter 4 (R package contingencytables).
def test_gap_and_ratio_of_the_adrenaline_trial_are_those_of_the_textbook() -> None:
    (found,) = compare([(7, 34, 1, 34)])
    assert (found["gap_lower"], found["gap_upper"]) == pytest.approx((0.0189, 0.3404), abs=5e-5)
    limits = (found["ratio_lower"], found["ratio_upper"])
    assert limits == pytest.approx((1.1537, 41.9763), abs=5e-5)


def test_where_both_numbers_are_large_the_ratio_has_the_interval_of_katz() -> None:
    # The method for small ones first, against its own published example.
    assert katz(7, 34, 1, 34) == pytest.approx((0.9096, 53.8695), abs=5e-5)
    pairs = [(400, 1000, 300, 1000), (900, 3000, 1000, 3000), (250, 2000, 300, 2000)]
    for pair, found in zip(pairs, compare(pairs), strict=True):
        limits = (found["ratio_lower"], found["ratio_upper"])
        assert limits == pytest.approx(katz(*pair), rel=0.002)


def test_the_gap_of_two_rates_is_worked_out_from_their_own_limits() -> None:
    # 4 of 100 and 9 of 100. Exact Poisson limits: 4 lies between 1.0898656 and 10.2415886, and 9
    # between 4.1153731 and 17.0848035. Gap -0.05. Below it the root of 2.9101344^2 + 8.0848035^2
    # = 73.832930, which is 8.5926091; above it that of 6.2415886^2 + 4.8846269^2 = 62.817008,
    # 7.9257182.
    (found,) = compare([(4, 100, 9, 100)], "rate")
    limits = (found["gap_lower"], found["gap_upper"])
    assert limits == pytest.approx((-0.05 - 0.085926091, -0.05 + 0.079257182), abs=1e-8)


def test_nobody_in_a_group_gives_a_ratio_of_0_with_an_upper_limit() -> None:
    # 0 of 20 has Wilson's limits 0 and 0.16113; 5 of 50 has 0.04348 and 0.21360. The upper limit is
    # 0.16113 / sqrt(0.04348 x (2 x 0.1 - 0.04348)) = 1.9533.
    (found,) = compare([(0, 20, 5, 50)])
    assert found["ratio_lower"] == 0
    assert found["ratio_upper"] == pytest.approx(1.9533, abs=5e-4)


def test_a_ratio_to_nobody_has_no_limits() -> None:
    (found,) = compare([(5, 20, 0, 50)])
    assert (found["ratio_lower"], found["ratio_upper"]) == (None, None)


def test_all_against_all_is_no_certain_ratio_of_1() -> None:
    # Wilson's lower limit of 20 of 20 is 0.83887; Katz would give an interval without width.
    (found,) = compare([(20, 20, 20, 20)])
    limits = (found["ratio_lower"], found["ratio_upper"])
    assert limits == pytest.approx((0.83887, 1 / 0.83887), abs=5e-5)


@st.composite
def figures(draw: st.DrawFn) -> Pair:
    n, m = draw(st.integers(1, 2000)), draw(st.integers(1, 2000))
    return draw(st.integers(0, n)), n, draw(st.integers(0, m)), m


many = st.lists(figures(), min_size=20, max_size=40)
statistics = st.sampled_from(("proportion", "rate"))


@settings(deadline=None)
@given(many, statistics)
def test_every_interval_holds_its_estimate(pairs: list[Pair], statistic: str) -> None:
    for found in compare(pairs, statistic):
        assert found["gap_lower"] <= found["gap"] <= found["gap_upper"]
        if found["other_value"]:
            ratio = found["one_value"] / found["other_value"]
            assert found["ratio_lower"] <= ratio * (1 + 1e-9)
            assert ratio <= found["ratio_upper"] * (1 + 1e-9)


@settings(deadline=None)
@given(many, statistics)
def test_the_gap_of_two_equal_groups_holds_0_and_their_ratio_1(
    pairs: list[Pair], statistic: str
) -> None:
    for found in compare([(a, n, a, n) for a, n, _, _ in pairs], statistic):
        assert found["gap_lower"] <= 0 <= found["gap_upper"]
        if found["other_value"]:
            assert found["ratio_lower"] <= 1 <= found["ratio_upper"]


@settings(deadline=None)
@given(many, statistics)
def test_to_exchange_the_two_turns_the_gap_and_the_ratio_round(
    pairs: list[Pair], statistic: str
) -> None:
    there = compare(pairs, statistic)
    back = compare([(b, m, a, n) for a, n, b, m in pairs], statistic)
    for one, other in zip(there, back, strict=True):
        assert one["gap_lower"] == pytest.approx(-other["gap_upper"], abs=1e-12)
        if one["one_value"] and one["other_value"]:
            product = one["ratio_lower"] * other["ratio_upper"]
            assert product == pytest.approx(1, rel=1e-6)


@settings(deadline=None)
@given(many, statistics)
def test_a_gap_and_its_ratio_never_say_different_things(pairs: list[Pair], statistic: str) -> None:
    for found in compare(pairs, statistic):
        if not found["other_value"] or min(abs(found["gap_lower"]), abs(found["gap_upper"])) < 1e-9:
            continue
        holds_0 = found["gap_lower"] <= 0 <= found["gap_upper"]
        assert holds_0 == (found["ratio_lower"] <= 1 <= found["ratio_upper"])


@settings(deadline=None)
@given(figures(), st.integers(2, 20))
def test_more_people_of_the_same_share_narrow_the_interval(pair: Pair, times: int) -> None:
    few, more = compare([pair, tuple(times * number for number in pair)])  # type: ignore[list-item]
    assert more["gap_upper"] - more["gap_lower"] <= few["gap_upper"] - few["gap_lower"]
