"""Control charts: the models against the rules written a second time, and against what R's
NHSRplotthedots publishes of itself."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.compiled_models import CHANGES, Models, Row
from tests.control_chart import chart

AS_AT = date(2026, 4, 15)
FIRST = date(2020, 1, 1)
VARIATIONS = {
    "higher": {0: "common_cause", 1: "improvement", -1: "concern"},
    "lower": {0: "common_cause", 1: "concern", -1: "improvement"},
    "neutral": {0: "common_cause", 1: "special_high", -1: "special_low"},
}
LEAST_POINTS, TRIAL_POINTS, HIDDEN_SHARE = 10, 12, Fraction(33, 100)


def month(number: int) -> date:
    """The first day of a month, counted from January 2020 as 0."""
    return date(2020 + number // 12, number % 12 + 1, 1)


@dataclass(frozen=True)
class Series:
    """A monthly series: its values, None where one is hidden, at which places it breaks, and which
    direction is better."""

    values: Sequence[float | None]
    breaks: tuple[int, ...] = ()
    better: str = "higher"

    def phases(self) -> list[Sequence[float | None]]:
        edges = [0, *sorted({b for b in self.breaks if 0 < b < len(self.values)}), len(self.values)]
        return [self.values[a:b] for a, b in pairwise(edges)]


@pytest.fixture(scope="module")
def models() -> Models:
    made = Models()
    made.fill(
        "seeds.indicators",
        [
            {"indicator_id": better, "statistic": "rate", "numerator": "admissions",
             "multiplier": 100, "unit": "per 100 people", "better": better}
            for better in VARIATIONS
        ],
    )  # fmt: skip
    made.fill("staging.stg_intake__refresh", [{"release_id": "r1", "as_at": AS_AT}])
    return made


def cell(area: str, better: str, number: int, value: float | None, **more: Any) -> Row:
    """A published cell of everyone, of counts so large that rounding does not matter."""
    return {
        "release_id": "r1", "indicator_id": better, "period_type": "month",
        "period_start": month(number), "area_type": "provider", "area_code": area,
        "breakdown_type": "all", "numerator": None if value is None else 100,
        "denominator": 1000, "value": value,
        "status": "suppressed" if value is None else "shown", "is_provisional": False, **more,
    }  # fmt: skip


def charted(
    models: Models, series: Sequence[Series], shuffle: random.Random | None = None
) -> list[list[dict[str, Any]]]:
    """The rows of published_changes of each series, in order of its months."""
    cells = [
        cell(f"{no:04}", one.better, index, value)
        for no, one in enumerate(series)
        for index, value in enumerate(one.values)
    ]
    if shuffle:
        shuffle.shuffle(cells)
    models.fill("marts.published_indicators", cells)
    models.fill(
        "registry.breaks",
        [
            {"indicator_id": one.better, "area_code": f"{no:04}", "month": month(at), "reason": "x"}
            for no, one in enumerate(series)
            for at in one.breaks
        ],
    )
    models.run(*CHANGES)
    found = models.rows("from marts.published_changes order by area_code, period_start")
    rows: dict[str, list[dict[str, Any]]] = {f"{no:04}": [] for no in range(len(series))}
    for row in found:
        rows[row["area_code"]].append(row)
    return list(rows.values())


def expected(one: Series) -> list[dict[str, Any]]:
    """What published_changes must say of each month, by the rules written a second time."""
    rows: list[dict[str, Any]] = []
    for number, values in enumerate(one.phases(), start=1):
        exact = [None if value is None else Fraction(value) for value in values]
        points = sum(value is not None for value in values)
        hidden = len(values) - points
        pairs = any(a is not None and b is not None for a, b in pairwise(values))
        judged = points >= LEAST_POINTS and hidden <= HIDDEN_SHARE * len(values) and pairs
        made = chart(exact) if judged else None
        for index, value in enumerate(values):
            point = made.points[index] if made else None
            rows.append(
                {
                    "value": value,
                    "phase": number,
                    "points_in_phase": points,
                    "is_trial": points < TRIAL_POINTS,
                    "is_beyond_limit": point.beyond if point else None,
                    "is_shift": point.shift if point else None,
                    "is_trend": point.trend != 0 if point else None,
                    "is_two_of_three": point.two_of_three if point else None,
                    "variation": VARIATIONS[one.better][point.direction] if point else None,
                    "mean": float(made.mean) if made else None,
                    "lower_limit": float(made.lower) if made else None,
                    "upper_limit": float(made.upper) if made else None,
                }
            )
    return rows


CLOSE = ("mean", "lower_limit", "upper_limit")


def agree(found: Iterable[dict[str, Any]], wanted: Iterable[dict[str, Any]]) -> None:
    for row, want in zip(found, wanted, strict=True):
        assert {name: row[name] for name in want if name not in CLOSE} == {
            name: value for name, value in want.items() if name not in CLOSE
        }
        for name in CLOSE:
            assert row[name] == (want[name] and pytest.approx(want[name], abs=1e-9))


def drawn(chance: random.Random) -> Series:
    """A series of whole or eighth values, with drifts, steps, ties, gaps, breaks and months on the
    mean, so that every rule is met often."""
    length = chance.randint(1, 40)
    kind = chance.choice(("noise", "ties", "drift", "step", "flat"))
    level, values = 50.0, []
    for index in range(length):
        if kind == "drift":
            level += chance.choice((0, 0.125, 1, 2)) * (1 if index % 17 < 9 else -1)
        if kind == "step" and chance.random() < 0.1:
            level += chance.choice((-8, 8))
        wide = {"noise": 8, "ties": 1, "drift": 0, "step": 2, "flat": 0}[kind]
        spike = chance.choice((-30, 30)) if chance.random() < 0.03 else 0
        values.append(level + chance.randint(-wide, wide) / chance.choice((1, 1, 8)) + spike)
    hidden = chance.choice((0, 0, 0.1, 0.3))
    return Series(
        [None if chance.random() < hidden else value for value in values],
        tuple(chance.sample(range(length), chance.choice((0, 0, 0, 1, 2)) if length > 2 else 0)),
        chance.choice(list(VARIATIONS)),
    )


def test_every_month_of_four_thousand_series_is_classified_as_the_rules_have_it(
    models: Models,
) -> None:
    chance = random.Random(20260415)
    series = [drawn(chance) for _ in range(4000)]
    seen: set[str] = set()
    for found, one in zip(charted(models, series), series, strict=True):
        agree(found, expected(one))
        seen |= {name for row in found for name in row if name.startswith("is_") and row[name]}
        seen |= {str(row["variation"]) for row in found}
    # The series meet every sign and every verdict, or the comparison shows little.
    assert seen == {
        "is_trial", "is_beyond_limit", "is_shift", "is_trend", "is_two_of_three", "None",
        "common_cause", "improvement", "concern", "special_high", "special_low",
    }  # fmt: skip


VALUES = st.lists(st.one_of(st.none(), st.integers(0, 12).map(float)), min_size=1, max_size=36)
SERIES = st.builds(
    Series,
    st.one_of(VALUES, st.lists(st.integers(0, 12).map(float), min_size=10, max_size=36)),
    st.lists(st.integers(0, 36), max_size=2).map(tuple),
    st.sampled_from(list(VARIATIONS)),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(SERIES, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_any_series_is_classified_as_the_rules_have_it_in_whatever_order_its_rows_come(
    models: Models, series: list[Series], shuffle: random.Random
) -> None:
    in_order = charted(models, series)
    for found, one in zip(in_order, series, strict=True):
        agree(found, expected(one))
    assert charted(models, series, shuffle) == in_order


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 40).map(float), min_size=10, max_size=30))
def test_what_is_better_when_higher_is_worse_when_lower(
    models: Models, values: list[float]
) -> None:
    higher, lower = charted(models, [Series(values), Series(values, better="lower")])
    opposite = {
        "improvement": "concern", "concern": "improvement", "common_cause": "common_cause",
    }  # fmt: skip
    assert [opposite[row["variation"]] for row in higher] == [row["variation"] for row in lower]


# R's set.seed(123); rnorm(20), to eight decimals.
RNORM = [
    -0.56047565, -0.23017749, 1.55870831, 0.07050839, 0.12928774, 1.71506499, 0.46091621,
    -1.26506123, -0.68685285, -0.44566197, 1.22408180, 0.35981383, 0.40077145, 0.11068272,
    -0.55584113, 1.78691314, 0.49785048, -1.96661716, 0.70135590, -0.47279141,
]  # fmt: skip


def test_limits_are_those_that_nhsrplotthedots_publishes_without_screening(models: Models) -> None:
    # tests/testthat/_snaps/ptd_spc_standard.md at ea2177d: the first with nothing to screen, the
    # third with the fifteenth value set to 10 and screen_outliers = FALSE.
    outlier = [*RNORM[:14], 10.0, *RNORM[15:]]
    first, third = charted(models, [Series(RNORM), Series(outlier)])
    for rows, mean, lower, upper in (
        (first, 0.1416238, -3.01138, 3.294627),
        (third, 0.6694159, -4.596625, 5.935457),
    ):
        assert rows[0]["mean"] == pytest.approx(mean, abs=1e-6)
        assert rows[0]["lower_limit"] == pytest.approx(lower, abs=1e-5)
        assert rows[0]["upper_limit"] == pytest.approx(upper, abs=1e-5)
    # _snaps/ptd_spc.md: all twenty of the first are common cause.
    assert {row["variation"] for row in first} == {"common_cause"}
    assert [row["is_beyond_limit"] for row in third] == [i == 14 for i in range(20)]


# tests/testthat/test-ptd_calculate_point_type.R gives the vectors that its parts make of vectors.
# A series is found here that has those sides or steps; the rest of its months lie where they cannot
# matter, far off in a stretch of their own.


def signs(models: Models, values: Sequence[float | None], name: str) -> list[bool]:
    (rows,) = charted(models, [Series(values)])
    return [row[name] for row in rows]


def test_seven_on_one_side_are_a_shift_and_six_are_not(models: Models) -> None:
    # ptd_seven_point_one_side_mean: rep(1, 6) is none; c(rep(1, 8), -1) is one of all eight.
    # Mean of six 3s, then -3s: 0. Mean of eight 1s and a stretch that sums to -8: 0.
    assert not any(signs(models, [3.0] * 6 + [-3.0] * 6, "is_shift"))
    eight = signs(models, [1.0] * 8 + [-2.0, -2.0, -2.0, -2.0], "is_shift")
    assert eight == [True] * 8 + [False] * 4
    below = signs(models, [-1.0] * 8 + [2.0, 2.0, 2.0, 2.0], "is_shift")
    assert below == [True] * 8 + [False] * 4


def test_a_month_on_the_mean_belongs_to_neither_side_and_breaks_the_run(models: Models) -> None:
    # The mean is 0: three 1s, a 0, four 1s, then -7 over seven months.
    values = [1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, -3.0, -4.0]
    assert not any(signs(models, values, "is_shift"))


def test_seven_rising_or_falling_are_a_trend_and_two_alike_end_it(models: Models) -> None:
    # ptd_seven_point_trend: 1:7 and 7:1 are trends, c(1:3, 3:6) is none; c(2, 1:7, 3) is one of
    # the seven alone.
    rest = [4.0, 3.0, 4.0]
    assert signs(models, [2.0, *map(float, range(1, 8)), 3.0, *rest], "is_trend") == [
        False, *[True] * 7, *[False] * 4
    ]  # fmt: skip
    assert signs(models, [2.0, *map(float, range(7, 0, -1)), 3.0, *rest], "is_trend") == [
        # 2, 7: the first step rises
        False, *[True] * 7, *[False] * 4
    ]  # fmt: skip
    assert not any(signs(models, [1.0, 2.0, 3.0, 3.0, 4.0, 5.0, 6.0, *rest], "is_trend"))


def test_two_of_three_near_a_limit_are_marked_and_the_third_is_not(models: Models) -> None:
    # ptd_part_of_two_in_three: near c(1, 0, 1) on one side are marked 1, 0, 1; on opposite sides
    # none is (test-ptd_spc_standard.R, issue 143). Months of 1 and -1 in turn, with 4.5, 1, 4.5 at
    # the end: mean 10/17 = 0.588, mean moving range 38.5/16 = 2.406, limits -5.81 to 6.99, outer
    # third from 4.855 on. With 5.5: mean 0.706, moving range 41.5/16 = 2.594, limits -6.19 to 7.61,
    # outer third from 5.306 on.
    quiet = [1.0, -1.0] * 7
    assert not any(signs(models, [*quiet, 4.5, 1.0, 4.5], "is_two_of_three"))
    assert signs(models, [*quiet, 5.5, 1.0, 5.5], "is_two_of_three") == [
        *[False] * 14, True, False, True
    ]  # fmt: skip
    assert not any(signs(models, [*quiet, 5.5, -5.5], "is_two_of_three"))


def test_a_month_beyond_the_limit_is_not_one_of_two_near_it(models: Models) -> None:
    quiet = [1.0, -1.0] * 10
    assert not any(signs(models, [*quiet, 5.5, 20.0, 1.0], "is_two_of_three"))


def test_a_trend_has_its_own_direction_on_either_side_of_the_mean(models: Models) -> None:
    # NHSRplotthedots 0.2.2, issue 171. Rising from 1 to 9 about the mean of 5 in even steps, then
    # months in turn: the low ones of the trend are improvement too.
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, *[2.0, 8.0] * 5]
    (rows,) = charted(models, [Series(values)])
    assert [row["variation"] for row in rows[:9]] == ["improvement"] * 9
    assert rows[0]["value"] < rows[0]["mean"] < rows[8]["value"]


def test_a_hidden_month_breaks_runs_and_trends_and_has_a_row_without_a_verdict(
    models: Models,
) -> None:
    rising = [float(n) for n in range(12)]
    whole = signs(models, rising, "is_trend")
    assert whole == [True] * 12
    (rows,) = charted(models, [Series([*rising[:6], None, *rising[6:]])])
    assert [row["is_trend"] for row in rows] == [False] * 6 + [None] + [False] * 6
    assert rows[6]["variation"] is None and rows[6]["status"] == "suppressed"
    # Neither does a moving range reach across it: all that are told are 1.
    assert [row["moving_range"] for row in rows] == [None, *[1.0] * 5, None, None, *[1.0] * 5]


def test_months_that_are_not_over_and_other_periods_and_groups_are_not_charted(
    models: Models,
) -> None:
    models.fill("registry.breaks", [])
    models.fill(
        "marts.published_indicators",
        [
            cell("A", "higher", 74, 1.0),  # March 2026: over on 15 April
            cell("A", "higher", 75, 2.0),  # April 2026: not over
            cell("A", "higher", 72, 3.0, period_type="quarter"),
            cell("A", "higher", 73, 4.0, breakdown_type="gender"),
        ],
    )
    models.run(*CHANGES)
    assert [row["value"] for row in models.rows("from marts.published_changes")] == [1.0]


def verdict(models: Models, values: Sequence[float | None], **more: Any) -> dict[str, Any]:
    charted(models, [Series(values, **more)])
    (row,) = models.rows("from marts.published_change_verdicts")
    return row


def test_a_verdict_is_a_sentence_in_plain_english(models: Models) -> None:
    # The mean is (2 x 36 + 2 x 40 + 4 x 43 + 4 x 46) / 12 = 42.33; the moving ranges are 4 three
    # times and 3 eight times, so the limits are 33.63 and 51.04, the outer third from 48.14 on.
    row = verdict(models, [36.0, 40.0] * 2 + [43.0, 46.0] * 4)
    assert (row["verdict"], row["reason"], row["months_shown"]) == ("improving", "shift", 12)
    assert row["sentence"] == (
        "Getting better: the 8 months to December 2020 were all above the average of "
        "42.3 per 100 people, which chance alone would hardly do."
    )


def test_seven_months_are_too_few_for_a_verdict_and_ten_make_a_first_answer(
    models: Models,
) -> None:
    few = verdict(models, [1.0, 2.0] * 3 + [1.0])
    assert (few["verdict"], few["reason"]) == ("no_verdict", "too_few_points")
    assert few["sentence"] == (
        "No verdict: only 7 months can be shown, and at least 10 are needed."
    )
    assert verdict(models, [None])["sentence"] == (
        "No verdict: no month can be shown, and at least 10 are needed."
    )
    ten = verdict(models, [1.0, 2.0] * 5)
    assert (ten["verdict"], ten["reason"], ten["is_trial"]) == ("no_change", "common_cause", True)
    assert ten["sentence"] == (
        "No change: up to October 2020 the figure moved around an average of 1.5 per 100 people no "
        "more than chance alone would make it. This is a first answer: it rests on fewer than 12 "
        "months."
    )


def test_too_many_hidden_months_leave_no_verdict(models: Models) -> None:
    # 10 of 15 are shown: a third, 33.3 per cent, is hidden, which is more than 33.
    row = verdict(models, [1.0, 2.0] * 5 + [None] * 5)
    assert (row["verdict"], row["reason"]) == ("no_verdict", "hidden_months")
    assert row["sentence"] == "No verdict: 5 of 15 months cannot be shown, too many to tell."


def test_a_break_starts_anew_and_the_sentence_says_why(models: Models) -> None:
    models.fill(
        "registry.breaks",
        [
            {"indicator_id": "higher", "area_code": "", "month": month(12), "reason": "a new form"},
            {"indicator_id": "higher", "area_code": "B", "month": month(6), "reason": "not ours"},
            # Neither in the first month nor after the last does anything begin anew.
            {"indicator_id": "higher", "area_code": "A", "month": month(0), "reason": "start"},
            {"indicator_id": "higher", "area_code": "A", "month": month(24), "reason": "later"},
        ],
    )
    models.fill(
        "marts.published_indicators",
        [cell("A", "higher", n, 10.0 + n % 2 if n < 12 else 50.0 + n % 2) for n in range(24)],
    )
    models.run(*CHANGES)
    rows = models.rows("from marts.published_changes order by period_start")
    assert [row["phase"] for row in rows] == [1] * 12 + [2] * 12
    # Across the break, the second half would be a shift.
    assert {row["variation"] for row in rows} == {"common_cause"}
    (told,) = models.rows("from marts.published_change_verdicts")
    assert told["breaks"] == "Counted anew from January 2021: a new form."
    assert told["sentence"] == (
        "No change: up to December 2021 the figure moved around an average of 50.5 per 100 people "
        "no more than chance alone would make it. Counted anew from January 2021: a new form."
    )


@pytest.mark.parametrize(
    ("statistic", "measure", "numerator", "denominator", "reason"),
    [
        # Rounding is to 5: below 20 on average it is too much of the number.
        ("count", "admissions", 15, None, "small_numbers"),
        ("count", "admissions", 20, None, None),
        ("rate", "admissions", 20, 1000, None),
        # What remains of a proportion is rounded as well.
        ("proportion", "discharges", 985, 1000, "small_numbers"),
        ("proportion", "discharges", 980, 1000, None),
        # Pounds are not counts: what they are divided by is.
        ("ratio", "cost_gbp", 100000, 15, "small_numbers"),
        ("ratio", "cost_gbp", 10, 20, None),
    ],
)
def test_no_verdict_is_given_on_counts_that_rounding_would_move(
    statistic: str, measure: str, numerator: int, denominator: int | None, reason: str | None
) -> None:
    models = Models()
    models.fill("staging.stg_intake__refresh", [{"release_id": "r1", "as_at": AS_AT}])
    models.fill(
        "seeds.indicators",
        [{"indicator_id": "i", "statistic": statistic, "numerator": measure, "multiplier": 1,
          "unit": "people", "better": "neutral"}],
    )  # fmt: skip
    models.fill(
        "marts.published_indicators",
        [
            cell("A", "i", n, 5.0 + n % 2, numerator=numerator, denominator=denominator)
            for n in range(12)
        ],
    )
    models.run(*CHANGES)
    rows = models.rows("from marts.published_changes")
    assert {row["no_verdict_reason"] for row in rows} == {reason}
    assert all((row["variation"] is None) == (reason is not None) for row in rows)
    assert all((row["upper_limit"] is None) == (reason is not None) for row in rows)
    (told,) = models.rows("from marts.published_change_verdicts")
    assert told["reason"] == (reason or "common_cause")
