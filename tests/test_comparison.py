"""Intervals, comparisons and funnels: against scipy, against each other, and against what R's
PHEindicatormethods publishes of itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from math import sqrt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import chi2, norm

from tests.compiled_models import COMPARED, FUNNELS, Models, Row

JANUARY = date(2026, 1, 1)
Z95, Z998 = 1.959964, norm.ppf(0.999)
STATISTICS = {"number": "count", "share": "proportion", "rate": "rate", "cost": "ratio"}
LOWER_IS_BETTER, NEUTRAL = "_lower", "_neutral"


def indicators() -> Iterable[Row]:
    for name, statistic in STATISTICS.items():
        for suffix, better in (("", "higher"), (LOWER_IS_BETTER, "lower"), (NEUTRAL, "neutral")):
            yield {
                "indicator_id": name + suffix, "statistic": statistic, "numerator": "admissions",
                "multiplier": 1 if statistic in ("count", "ratio") else 100, "better": better,
                "unit": {"count": "people", "proportion": "per cent of people",
                         "rate": "per 100 people", "ratio": "pounds per contact"}[statistic],
            }  # fmt: skip


@pytest.fixture(scope="module")
def models() -> Models:
    made = Models()
    made.fill("seeds.indicators", indicators())
    made.fill("staging.stg_intake__refresh", [{"release_id": "r1", "as_at": date(2026, 4, 15)}])
    made.fill(
        "intermediate.int_service_areas",
        [
            {"service_code": "S1", "area_type": "system", "area_code": "SYS"},
            *(
                {"service_code": "S1", "area_type": "provider", "area_code": f"{no:04}"}
                for no in range(400)
            ),
        ],
    )
    return made


Figure = tuple[str, int, int | None]


def publish(models: Models, cells: Sequence[Row]) -> None:
    """Puts the cells through published_indicators, so that both intervals are the project's own."""
    made = [
        {
            "period_type": "month", "period_start": JANUARY, "breakdown_type": "all",
            "breakdown_value": "all", "status": "shown", "area_type": "provider",
            "statistic": STATISTICS[str(cell["indicator_id"]).split("_", maxsplit=1)[0]],
            "multiplier": 1 if str(cell["indicator_id"])[0] in "nc" else 100, **cell,
        }
        for cell in cells
    ]  # fmt: skip
    models.fill("intermediate.int_audited_cells", made)
    models.run("published_indicators")


def compared(
    models: Models, figures: Sequence[Figure], system: Sequence[Figure] = ()
) -> list[dict[str, Any]]:
    """published_comparisons of a provider for each figure, in their order."""
    cells: list[Row] = [
        {"indicator_id": i, "area_code": f"{no:04}", "numerator": n, "denominator": d}
        for no, (i, n, d) in enumerate(figures)
    ]
    cells += [
        {"indicator_id": i, "area_type": "system", "area_code": "SYS", "numerator": n,
         "denominator": d}
        for i, n, d in system
    ]  # fmt: skip
    publish(models, cells)
    models.run(*COMPARED)
    return models.rows("from marts.published_comparisons order by area_code")


def wilson(n: int, of: int, z: float) -> tuple[float, float]:
    # The shares p from which n/of lies z standard errors away: |n/of - p| = z sqrt(p(1 - p)/of).
    share = n / of
    middle, half = share + z * z / (2 * of), z * sqrt(share * (1 - share) / of + (z / of / 2) ** 2)
    below, above = (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)
    return (0.0 if n == 0 else below, 1.0 if n == of else above)


def poisson(n: int, z: float, tail: float) -> tuple[float, float]:
    if n < 10:
        return (chi2.ppf(tail, 2 * n) / 2 if n else 0.0, chi2.ppf(1 - tail, 2 * n + 2) / 2)
    lower = n * (1 - 1 / (9 * n) - z / (3 * sqrt(n))) ** 3
    return lower, (n + 1) * (1 - 1 / (9 * (n + 1)) + z / (3 * sqrt(n + 1))) ** 3


def test_intervals_at_both_levels_are_those_of_scipy_to_1e9_for_many_counts(
    models: Models,
) -> None:
    counts = [*range(120), *range(120, 3000, 97), 10_000]
    figures: list[Figure] = [("number", n, None) for n in counts]
    for n in counts:
        figures += [("share", n, n + rest) for rest in (0, 5, 40)] if n else [("share", 0, 25)]
        figures.append(("rate", n, 225))
    found: list[dict[str, Any]] = []
    for start in range(0, len(figures), 400):
        found += compared(models, figures[start : start + 400])
    for row, (name, n, d) in zip(found, figures, strict=True):
        for suffix, z, tail in (("", Z95, 0.025), ("_998", Z998, 0.001)):
            if name == "share":
                assert d
                limits = [100 * limit for limit in wilson(n, d, z)]
            else:
                limits = [100 / d * x if d else x for x in poisson(n, z, tail)]
            assert row["lower_ci" + suffix] == pytest.approx(limits[0], rel=1e-9, abs=1e-9)
            assert row["upper_ci" + suffix] == pytest.approx(limits[1], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("n", "of", "lower", "upper"),
    [
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
    ],
)  # fmt: skip
def test_wilsons_intervals_are_those_of_newcombes_worked_examples(
    models: Models, n: int, of: int, lower: float, upper: float
) -> None:
    # Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine
    # 17 (1998), table I, method 3.
    (row,) = compared(models, [("share", n, of)])
    assert row["lower_ci"] / 100 == pytest.approx(lower, abs=6e-5)
    assert row["upper_ci"] / 100 == pytest.approx(upper, abs=6e-5)


def test_byars_interval_is_that_of_the_poisson_tables(models: Models) -> None:
    # 30 observed: 20.24 to 42.83 (tables 7.5A and 7.5B, after Beaumont and Breslow, in "Biological
    # Effects of Low Level Exposures to Chemical and Radiation", 1992). Byar's differs by less than
    # 0.2 per cent (PHE, "Technical Guide: Confidence Intervals", 2018).
    (row,) = compared(models, [("number", 30, None)])
    assert row["lower_ci"] == pytest.approx(20.24, rel=0.002)
    assert row["upper_ci"] == pytest.approx(42.83, rel=0.002)


COUNTS = st.integers(0, 60).map(lambda n: 5 * n)
FIGURES = st.one_of(
    st.tuples(st.just("number"), COUNTS, st.none()),
    st.tuples(st.sampled_from(("share", "rate")), COUNTS, st.integers(4, 80).map(lambda n: 5 * n)),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(FIGURES, min_size=1, max_size=60))
def test_an_interval_holds_its_estimate_and_the_wider_one_holds_the_narrower(
    models: Models, figures: list[Figure]
) -> None:
    for row, (name, n, d) in zip(compared(models, figures), figures, strict=True):
        limits = [row[c] for c in ("lower_ci_998", "lower_ci", "value", "upper_ci", "upper_ci_998")]
        if name == "share" and d is not None and n > d:
            assert limits == [None, None, 100 * n / d, None, None]
        else:
            assert limits == sorted(limits)


BETTER_TO_WORSE = ("much_better", "better", "similar", "worse", "much_worse")
HIGH_TO_LOW = ("much_higher", "higher", "similar", "lower", "much_lower")


@settings(max_examples=20, deadline=None)
@given(st.lists(FIGURES, min_size=1, max_size=40), st.integers(0, 20), st.randoms())
def test_comparison_turns_round_with_polarity_and_not_with_the_order_of_rows(
    models: Models, figures: list[Figure], tenths: int, shuffle: Any
) -> None:
    found = {}
    system: list[Figure] = [("share", 5 * tenths, 100), ("rate", 5 * tenths, 100)]
    for suffix in ("", LOWER_IS_BETTER, NEUTRAL):
        turned = [(name + suffix, n, d) for name, n, d in figures]
        rows = compared(models, turned, [(name + suffix, n, d) for name, n, d in system])
        found[suffix] = [row["comparison"] for row in rows]
    for higher, lower, neutral in zip(*found.values(), strict=True):
        if higher == "not_compared":
            assert lower == neutral == "not_compared"
        else:
            place = BETTER_TO_WORSE.index(higher)
            assert lower == BETTER_TO_WORSE[::-1][place]
            assert neutral == HIGH_TO_LOW[place]
    cells = models.rows("from intermediate.int_audited_cells")
    before = models.rows("from marts.published_comparisons order by area_code")
    shuffle.shuffle(cells)
    publish(models, cells)
    models.run(*COMPARED)
    assert models.rows("from marts.published_comparisons order by area_code") == before


@pytest.mark.parametrize(
    ("figure", "system", "comparison", "sentence"),
    [
        # Wilson's of 40 in 100: 95 per cent 30.94 to 49.80, 99.8 per cent 26.20 to 55.54.
        (("share", 40, 100), ("share", 250, 500), "worse",
         "Worse than the system as a whole: 40 per cent against 50 per cent. "
         "Chance alone would hardly make so large a difference."),
        (("share", 40, 100), ("share", 225, 500), "similar",
         "Similar to the system as a whole: 40 per cent against 45 per cent. "
         "Chance alone could make such a difference."),
        (("share_lower", 40, 100), ("share_lower", 300, 500), "much_better",
         "Much better than the system as a whole: 40 per cent against 60 per cent. "
         "Chance alone would almost never make so large a difference."),
        # Of 5, the exact limits are 1.623 and 11.668, and 0.739 and 16.455 at 99.8 per cent.
        (("rate_neutral", 5, 40), ("rate_neutral", 7, 200), "higher",
         "Higher than the system as a whole: 12.5 per 100 people against 3.5. "
         "Chance alone would hardly make so large a difference."),
        # A share of none ends at 0, and 0 is what the system has: held.
        (("share", 0, 100), ("share", 0, 1000), "similar",
         "Similar to the system as a whole: 0 per cent against 0 per cent. "
         "Chance alone could make such a difference."),
        (("number", 40, None), ("number", 100, None), "not_compared",
         "Not compared with the system as a whole: a number depends on how many people an area "
         "has."),
        (("cost", 4000, 100), ("cost", 9000, 200), "not_compared",
         "Not compared with the system as a whole: chance cannot be allowed for, since the figure "
         "has no interval."),
        (("share", 125, 100), ("share", 100, 200), "not_compared",
         "Not compared with the system as a whole: chance cannot be allowed for, since the figure "
         "has no interval."),
        (("share", 40, 100), None, "not_compared",
         "Not compared with the system as a whole: there is no figure of the system to show."),
    ],
)  # fmt: skip
def test_a_comparison_is_a_code_and_a_sentence(
    models: Models, figure: Figure, system: Figure | None, comparison: str, sentence: str
) -> None:
    (row,) = compared(models, [figure], [system] if system else [])
    assert (row["comparison"], row["sentence"]) == (comparison, sentence)


def test_a_hidden_figure_is_not_compared_and_has_no_number(models: Models) -> None:
    publish(
        models,
        [
            {"indicator_id": "share", "area_code": "0000", "numerator": 20, "denominator": 25,
             "status": "suppressed"},
            {"indicator_id": "share", "area_type": "system", "area_code": "SYS", "numerator": 50,
             "denominator": 100},
        ],
    )  # fmt: skip
    models.run(*COMPARED)
    (row,) = models.rows("from marts.published_comparisons")
    assert row["comparison"] == "not_compared"
    numbers = ("value", "lower_ci", "upper_ci", "lower_ci_998", "upper_ci_998")
    assert [row[name] for name in numbers] == [None] * 5
    assert row["sentence"].endswith("there is no figure to show here.")


# --- Funnels --------------------------------------------------------------------------------------


def funnels(
    models: Models, figures: Sequence[Figure], system: Figure
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """published_funnels and published_funnel_limits of a provider for each figure."""
    compared(models, figures, [system])
    models.run(*FUNNELS)
    return (
        models.rows("from marts.published_funnels order by area_code"),
        models.rows("from marts.published_funnel_limits order by denominator"),
    )


LIMITS = ("lower_limit", "upper_limit", "lower_limit_998", "upper_limit_998")


def test_limits_of_a_proportion_are_those_that_pheindicatormethods_publishes(
    models: Models,
) -> None:
    # tests/testthat/testdata_funnel_prop_outputs.csv at 63894a9: population, lower and upper
    # 95 per cent limit, lower and upper 99.8 per cent limit, about a baseline of 80.642448.
    wanted = {
        20: (63.326743, 97.958152, 53.341156, 100),
        50: (69.691035, 91.593861, 63.375595, 97.909301),
        102: (72.974925, 88.309971, 68.553233, 92.731663),
        1008: (78.203374, 83.081521, 76.796814, 84.488082),
        5348: (79.583537, 81.701359, 78.972886, 82.31201),
        110000: (80.408963, 80.875933, 80.274317, 81.010578),
    }  # fmt: skip
    # The baseline is 80,642,448 in 100 million.
    rows, _ = funnels(models, [("share", 1, n) for n in wanted], ("share", 80_642_448, 100_000_000))
    assert len(rows) == len(wanted)
    for row in rows:
        limits = [row[name] for name in LIMITS]
        assert limits == pytest.approx(wanted[row["denominator"]], abs=2e-6)


def test_providers_stand_where_pheindicatormethods_puts_them(models: Models) -> None:
    # tests/testthat/testdata_funnel_prop_inputs.csv at 3352ce5: numerators to the nearest whole,
    # which moves none across a limit. The average of all is the baseline above.
    high, low = "above_998", "below_998"
    wanted = [
        (35078, 41980, high), (24804, 31824, low), (50051, 61921, "within"),
        (26789, 33012, "above_95"), (41002, 59726, low), (38045, 46958, "above_95"),
        (36850, 45449, "above_95"), (30278, 37828, "below_95"), (23910, 29457, "above_95"),
        (31759, 39350, "within"), (25717, 30806, high), (29562, 36627, "within"),
        (18551, 22905, "within"), (17321, 21587, "within"), (14493, 17964, "within"),
        (34502, 42485, "above_95"),
    ]  # fmt: skip
    figures: list[Figure] = [("share", n, d) for n, d, _ in wanted]
    rows, _ = funnels(models, figures, ("share", 80_642_448, 100_000_000))
    assert [row["position"] for row in rows] == [position for *_, position in wanted]


# tests/testthat/testdata_funnel_rate_outputs.csv at 39d5df1: events, and the populations of one
# year (of three) for which they lie at the lower and upper limits, about 116.1720835 in 100,000.
PHE_RATES = {
    1: (1598.675694, 7.264481402, 2649.348525, 0.287087625),
    2: (2072.984403, 69.49732367, 3221.906682, 13.02722321),
    5: (3348.002593, 465.8280129, 4721.370883, 212.14848),
    9: (4902.152951, 1180.827018, 6501.096999, 703.6760012),
    10: (5276.757672, 1375.943768, 6924.776769, 849.4639547),
    30: (12288.34267, 5807.727562, 14657.31486, 4553.350694),
    104: (36157.10817, 24382.08903, 40036.31685, 21608.75072),
    1360: (411529.9259, 369759.5622, 424043.2424, 358342.3275),
}


@pytest.mark.parametrize("place", range(4), ids=LIMITS)
def test_limits_of_a_rate_are_those_that_pheindicatormethods_publishes(
    models: Models, place: int
) -> None:
    # At each population the limit must be the events over it. There they are exact throughout, here
    # Byar's approximation from 10 on, as PHE judges significance: within 0.2 per cent of it at the
    # 95 per cent level, and here within 1 per cent at the 99.8 per cent level.
    baseline, close = 116.1720835e-5, 0.002 if place < 2 else 0.01
    populations = {e: 3 * row[place] for e, row in PHE_RATES.items()}
    # A denominator of people by the million makes them whole.
    figures: list[Figure] = [
        ("rate", 1, round(1e6 * population)) for population in populations.values()
    ]
    rows, _ = funnels(models, figures, ("rate", round(baseline * 1e12), 10**18))
    for row, events in zip(rows, populations, strict=True):
        found = row[LIMITS[place]] * row["denominator"] / 100
        assert found == pytest.approx(events, rel=3e-5 if events < 10 else close, abs=3e-5)


SHOWN = st.tuples(COUNTS, st.integers(4, 80).map(lambda n: 5 * n))


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(("share", "rate")),
    st.lists(SHOWN, min_size=1, max_size=40),
    st.integers(0, 200),
)
def test_a_provider_is_outside_the_funnel_just_where_its_interval_does_not_hold_the_system(
    models: Models, name: str, shown: list[tuple[int, int]], system: int
) -> None:
    figures = [(name, n, d) for n, d in shown if name == "rate" or n <= d]
    rows, grid = funnels(models, figures, (name, 5 * system, 1000))
    places = {
        "above_998": "much_better", "above_95": "better", "within": "similar",
        "below_95": "worse", "below_998": "much_worse",
    }  # fmt: skip
    comparisons = models.rows("from marts.published_comparisons order by area_code")
    assert [places[row["position"]] for row in rows] == [row["comparison"] for row in comparisons]
    for row in [*rows, *grid]:
        lower998, lower, benchmark, upper, upper998 = (
            row[c]
            for c in (
                "lower_limit_998", "lower_limit", "benchmark_value", "upper_limit",
                "upper_limit_998",
            )
        )  # fmt: skip
        tiny = 1e-9
        assert 0 <= lower998 <= lower + tiny
        assert lower <= benchmark + tiny and benchmark <= upper + tiny
        assert upper <= upper998 + tiny
        assert name == "rate" or upper998 <= 100


def test_the_curve_runs_from_the_smallest_provider_to_the_largest_in_some_forty_points(
    models: Models,
) -> None:
    rows, grid = funnels(models, [("share", 10, 20), ("share", 900, 2000)], ("share", 1000, 2500))
    assert [row["denominator"] for row in rows] == [20, 2000]
    along = [row["denominator"] for row in grid]
    assert (along[0], along[-1]) == (20, 2000)
    assert 35 <= len(along) <= 40
    assert [row["upper_limit"] for row in grid] == sorted(
        (row["upper_limit"] for row in grid), reverse=True
    )
    # The points of providers lie on the curve: 40 +- 1.959964 sqrt(40 x 60 / 20) per cent.
    assert grid[0]["upper_limit"] == rows[0]["upper_limit"]
    assert grid[0]["upper_limit"] == pytest.approx(40 + 1.959964 * sqrt(120), abs=1e-9)


def test_between_two_counts_the_limit_of_a_rate_follows_the_poisson_limits(models: Models) -> None:
    # 6 are expected (10 per cent of 60). Ulm's upper limit of 1 is 5.5716 and of 2 is 7.2247: the
    # lower control limit is 1 + (6 - 5.5716) / (7.2247 - 5.5716) = 1.2591 events in 60, which the
    # continuous Poisson limit, of a count that need not be whole, puts at 1.2585.
    rows, _ = funnels(models, [("rate", 5, 60)], ("rate", 100, 1000))
    low = 1 + (6 - 5.571643390938898) / (7.22468766772396 - 5.571643390938898)
    assert rows[0]["lower_limit"] == pytest.approx(100 * low / 60, abs=1e-9)
    smooth = brentq(lambda x: chi2.ppf(0.975, 2 * x + 2) / 2 - 6, 1, 2)
    assert low == pytest.approx(smooth, abs=0.01)


def test_there_is_no_funnel_without_the_systems_value_nor_of_counts_and_costs(
    models: Models,
) -> None:
    compared(models, [("share", 10, 20), ("number", 10, None), ("cost", 1000, 20)],
             [("number", 100, None), ("cost", 9000, 100)])  # fmt: skip
    models.run(*FUNNELS)
    assert models.rows("from marts.published_funnels") == []
    assert models.rows("from marts.published_funnel_limits") == []


def test_a_share_of_more_than_all_has_no_place_in_a_funnel(models: Models) -> None:
    rows, _ = funnels(models, [("share", 25, 20), ("share", 10, 20)], ("share", 30, 60))
    assert [row["value"] for row in rows] == [50]
    rows, _ = funnels(models, [("share", 10, 20)], ("share", 70, 60))
    assert rows == []


def test_an_area_in_two_systems_is_not_compared_with_either() -> None:
    models = Models()
    models.fill(
        "intermediate.int_service_areas",
        [
            {"service_code": service, "area_type": kind, "area_code": code}
            for service, system in (("S1", "ONE"), ("S2", "TWO"))
            for kind, code in (("system", system), ("provider", "P"), ("place", f"in {system}"))
        ],
    )
    models.run("int_area_systems")
    found = models.rows("from intermediate.int_area_systems order by area_code")
    assert [(row["area_code"], row["system_code"]) for row in found] == [
        ("in ONE", "ONE"), ("in TWO", "TWO"),
    ]  # fmt: skip
