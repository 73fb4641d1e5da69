"""What is expected of the tables that are made from published_indicators: comparisons, funnels and
change over time.

Each of their numbers must come from a figure that is shown, and from nothing else. How a limit or a
verdict is computed is not done a second time here: that is for the tests of the models.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from pandas import DataFrame, Series

from expectations.gate.checks import Check, Suite, derived_suite, given, known, never, unique
from expectations.gate.frames import TOLERANCE, absent, days, listed_like, numbers
from expectations.gate.interface import GateFacts, GateTables

COMPARISONS = "comparisons"
FUNNELS = "funnels"
FUNNEL_LIMITS = "funnel_limits"
CHANGES = "changes"
VERDICTS = "change_verdicts"
TABLES = (COMPARISONS, FUNNELS, FUNNEL_LIMITS, CHANGES, VERDICTS)

PERIOD = ("period_type", "period_start")
AREA = ("area_type", "area_code")
CELL = ("indicator_id", *PERIOD, *AREA)
SERIES = ("indicator_id", *AREA)
CONTROL_LIMITS = ("lower_limit_998", "lower_limit", "upper_limit", "upper_limit_998")
SIGNS = ("is_beyond_limit", "is_shift", "is_trend", "is_two_of_three")
FIGURE_COLUMNS = (
    "indicator_id", *PERIOD, *AREA, "breakdown_type", "denominator", "value", "status",
)  # fmt: skip


def _figures(tables: GateTables) -> DataFrame:
    """The published figures of everyone: the cell, and its value, denominator and status."""
    rows = tables.published_indicators
    rows = rows[rows["breakdown_type"].eq("all")]
    return DataFrame(
        {
            **{column: rows[column] for column in ("indicator_id", "period_type", *AREA)},
            "period_start": days(rows["period_start"]),
            "published_value": numbers(rows["value"]),
            "published_denominator": numbers(rows["denominator"]),
            "published_status": rows["status"],
        }
    ).drop_duplicates(list(CELL))


def _beside(rows: DataFrame, figures: DataFrame) -> DataFrame:
    """For each row, in its order, the published figure of its cell; gaps where there is none."""
    cells = rows[list(CELL)].assign(
        **{name: listed_like(rows[name], figures[name]) for name in CELL if name != "period_start"}
    )
    return cells.merge(figures, on=list(CELL), how="left").set_index(rows.index)


def _typed(frame: DataFrame, number_columns: Iterable[str]) -> DataFrame:
    rows = frame.reset_index(drop=True)
    if "period_start" in rows:
        rows["period_start"] = days(rows["period_start"])
    for column in number_columns:
        rows[column] = numbers(rows[column])
    return rows


def _differ(here: Series, there: Series) -> Series:
    """True where one number is not the other; two gaps are alike."""
    apart = (here - there).abs().gt(TOLERANCE * np.maximum(1, there.abs()))
    return apart | (here.isna() != there.isna())


def _disordered(rows: DataFrame, columns: tuple[str, ...]) -> Series:
    """True where a number is greater than the next of those that are there."""
    return Series(
        np.logical_or.reduce([rows[a].gt(rows[b] + TOLERANCE) for a, b in pairwise(columns)]),
        index=rows.index,
    )


def _not_the_systems(rows: DataFrame, figures: DataFrame) -> Series:
    """True where the benchmark is not the system's shown value of the indicator and period."""
    system = rows.assign(area_type="system", area_code=rows["benchmark_area_code"])
    return _differ(rows["benchmark_value"], _beside(system, figures)["published_value"])


def _comparisons(tables: GateTables, _: GateFacts) -> dict[str, DataFrame]:
    limits = ("lower_ci_998", "lower_ci", "value", "upper_ci", "upper_ci_998")
    rows = _typed(tables.comparisons, (*limits, "benchmark_value"))
    figures = _figures(tables)
    rows["is_not_the_published_figure"] = _differ(
        rows["value"], _beside(rows, figures)["published_value"]
    )
    rows["is_not_the_systems"] = _not_the_systems(rows, figures)
    beside_nothing = rows["value"].isna()
    rows["interval_beside_nothing"] = beside_nothing & rows[
        [limit for limit in limits if limit != "value"]
    ].notna().any(axis=1)
    rows["is_disordered"] = _disordered(rows, limits)
    compared = rows["comparison"].ne("not_compared")
    rows["compared_by_nothing"] = compared & rows[[*limits, "benchmark_value"]].isna().any(axis=1)
    due = figures[figures["area_type"].ne("system")].merge(
        rows[list(CELL)].drop_duplicates(), on=list(CELL), how="left", indicator=True
    )
    due["is_missing"] = due["_merge"].eq("left_only")
    return {COMPARISONS: rows, "comparisons_due": due[["indicator_id", "is_missing"]]}


def _funnels(tables: GateTables, _: GateFacts) -> dict[str, DataFrame]:
    rows = _typed(tables.funnels, ("denominator", "value", "benchmark_value", *CONTROL_LIMITS))
    figures = _figures(tables)
    figure = _beside(rows, figures)
    rows["is_not_the_published_figure"] = (
        figure["published_status"].ne("shown")
        | _differ(rows["value"], figure["published_value"])
        | _differ(rows["denominator"], figure["published_denominator"])
    )
    rows["is_not_the_systems"] = _not_the_systems(rows, figures)
    rows["is_disordered"] = _disordered(rows, CONTROL_LIMITS)
    value = rows["value"]
    lies = np.select(
        [
            value.gt(rows["upper_limit_998"]),
            value.lt(rows["lower_limit_998"]),
            value.gt(rows["upper_limit"]),
            value.lt(rows["lower_limit"]),
        ],
        ["above_998", "below_998", "above_95", "below_95"],
        "within",
    )
    rows["lies_elsewhere"] = rows["position"].ne(Series(lies, index=rows.index))
    return {FUNNELS: rows}


def _funnel_limits(tables: GateTables, _: GateFacts) -> dict[str, DataFrame]:
    rows = _typed(tables.funnel_limits, ("denominator", "benchmark_value", *CONTROL_LIMITS))
    rows["is_not_the_systems"] = _not_the_systems(rows, _figures(tables))
    rows["is_disordered"] = _disordered(rows, CONTROL_LIMITS)
    funnel = ["indicator_id", *PERIOD, "benchmark_area_code"]
    shown = _typed(tables.funnels, ("denominator",)).groupby(funnel)["denominator"]
    ends = shown.agg(["min", "max"]).reset_index()
    within = rows[funnel].merge(ends, on=funnel, how="left").set_index(rows.index)
    rows["is_beyond_its_providers"] = ~rows["denominator"].between(within["min"], within["max"])
    return {FUNNEL_LIMITS: rows}


def _changes(tables: GateTables, _: GateFacts) -> dict[str, DataFrame]:
    limits = ("lower_limit", "mean", "upper_limit")
    rows = _typed(tables.changes, ("value", "moving_range", *limits))
    figure = _beside(rows.assign(period_type="month"), _figures(tables))
    rows["is_not_the_published_figure"] = rows["status"].ne(figure["published_status"]) | _differ(
        rows["value"], figure["published_value"]
    )
    hidden = rows["status"].ne("shown")
    told = rows[[*SIGNS, "variation"]].notna().any(axis=1)
    rows["hidden_month_is_told_of"] = hidden & (
        told | rows["moving_range"].notna() | rows["value"].notna()
    )
    rows["is_disordered"] = _disordered(rows, limits)
    has_limits, has_none = (
        rows[list(limits)].notna().all(axis=1),
        rows[list(limits)].isna().all(axis=1),
    )
    has_reason = ~absent(rows["no_verdict_reason"])
    rows["limits_and_reason_disagree"] = ~(has_limits & ~has_reason | has_none & has_reason)
    wanted = has_limits & ~hidden
    rows["verdict_is_not_there_with_limits"] = rows["variation"].notna().ne(wanted) | (
        rows[list(SIGNS)].notna().all(axis=1).ne(wanted)
    )
    return {CHANGES: rows}


def _verdicts(tables: GateTables, _: GateFacts) -> dict[str, DataFrame]:
    rows = _typed(tables.change_verdicts, ("months", "months_shown"))
    cell = rows.assign(period_type="month", period_start=days(rows["latest_month"]))
    status = _beside(cell, _figures(tables))["published_status"]
    rows["speaks_of_a_hidden_month"] = rows["latest_month"].notna() & status.ne("shown")
    rows["shows_more_than_there_are"] = rows["months_shown"].gt(rows["months"])
    rows["reason_is_of_another_verdict"] = rows["verdict"].eq("no_verdict").ne(
        rows["reason"].isin(["too_few_points", "small_numbers", "hidden_months"])
    ) | rows["verdict"].eq("no_change").ne(rows["reason"].eq("common_cause"))
    there = tables.changes[list(SERIES)].drop_duplicates()
    both = there.merge(
        rows[list(SERIES)].drop_duplicates(), on=list(SERIES), how="outer", indicator=True
    )
    both["is_not_in_both"] = both["_merge"].ne("both")
    return {VERDICTS: rows, "series": both[["indicator_id", "is_not_in_both"]]}


def _of_this_release(frame: str, facts: GateFacts) -> Check:
    return Check(
        f"Every row of {frame} is of this release",
        frame,
        "ExpectColumnValuesToBeInSet",
        {"column": "release_id", "value_set": [facts.release_id]},
    )


def _comparisons_checks(facts: GateFacts) -> list[Check]:
    at = COMPARISONS
    return [
        *given(("release_id", *CELL, "comparison", "sentence"), at),
        unique(CELL, "No figure is compared twice", at),
        _of_this_release(at, facts),
        known("comparison", facts.derived_codes["comparison"], at),
        never(
            "is_not_the_published_figure",
            "Every value that is compared is the one that is shown, and a hidden one is not there",
            at,
        ),
        never(
            "is_not_the_systems",
            "Every value that a figure is compared with is the one that is shown of the system",
            at,
        ),
        never("interval_beside_nothing", "Where no value is compared, there is no interval", at),
        never(
            "is_disordered",
            "The 99.8 per cent interval holds the 95 per cent one, and that the value",
            at,
        ),
        never(
            "compared_by_nothing",
            "Nothing is compared without its value, both its intervals and the system's value",
            at,
        ),
        never(
            "is_missing",
            "Every figure of everyone in an area has its comparison",
            "comparisons_due",
            counted="figures due",
            naming="indicator_id",
        ),
    ]


def _funnels_checks(facts: GateFacts) -> list[Check]:
    at = FUNNELS
    return [
        *given(
            ("release_id", *CELL, "denominator", "value", "benchmark_value", *CONTROL_LIMITS,
             "position"),
            at,
        ),
        unique(CELL, "No provider stands twice in a funnel", at),
        _of_this_release(at, facts),
        known("position", facts.derived_codes["position"], at),
        never(
            "is_not_the_published_figure",
            "Every value and denominator in a funnel is that of a figure that is shown",
            at,
        ),
        never(
            "is_not_the_systems",
            "Every funnel is drawn around the value that is shown of the system",
            at,
        ),
        never("is_disordered", "The control limits of every provider are in their order", at),
        never("lies_elsewhere", "Every position is where the value lies among its limits", at),
    ]  # fmt: skip


def _funnel_limits_checks(facts: GateFacts) -> list[Check]:
    at = FUNNEL_LIMITS
    key = ("indicator_id", *PERIOD, "benchmark_area_code", "denominator")
    return [
        *given(("release_id", *key, "benchmark_value", *CONTROL_LIMITS), at),
        unique(key, "No funnel has two limits at one denominator", at),
        _of_this_release(at, facts),
        never(
            "is_not_the_systems",
            "Every funnel's curve is drawn around the value that is shown of the system",
            at,
        ),
        never("is_disordered", "The control limits along every funnel are in their order", at),
        never(
            "is_beyond_its_providers",
            "No funnel reaches beyond the providers that are shown in it",
            at,
        ),
    ]


def _changes_checks(facts: GateFacts) -> list[Check]:
    at = CHANGES
    cell = (*SERIES, "period_start")
    return [
        *given(
            ("release_id", *cell, "status", "is_provisional", "phase", "points_in_phase",
             "is_trial"),
            at,
        ),
        unique(cell, "No month stands twice on a chart", at),
        _of_this_release(at, facts),
        known("variation", facts.derived_codes["variation"], at),
        known("no_verdict_reason", facts.derived_codes["no_verdict_reason"], at),
        never(
            "is_not_the_published_figure",
            "Every month on a chart has the value and status that are published",
            at,
        ),
        never("hidden_month_is_told_of", "Nothing is told of a month that is hidden", at),
        never("is_disordered", "The mean of every phase lies between its limits", at),
        never(
            "limits_and_reason_disagree",
            "A phase has its mean and both limits, or a reason why it has none",
            at,
        ),
        never(
            "verdict_is_not_there_with_limits",
            "A month has its four signs and its verdict just where it is shown and has limits",
            at,
        ),
    ]  # fmt: skip


def _verdicts_checks(facts: GateFacts) -> list[Check]:
    at = VERDICTS
    return [
        *given(
            ("release_id", *SERIES, "months", "months_shown", "verdict", "reason", "is_trial",
             "sentence"),
            at,
        ),
        unique(SERIES, "No series has two verdicts", at),
        _of_this_release(at, facts),
        known("verdict", facts.derived_codes["verdict"], at),
        known("reason", facts.derived_codes["reason"], at),
        never("speaks_of_a_hidden_month", "No verdict speaks of a month that is hidden", at),
        never(
            "shows_more_than_there_are", "No verdict counts more months shown than there are", at
        ),
        never("reason_is_of_another_verdict", "Every reason is one of its verdict", at),
        never(
            "is_not_in_both",
            "Every series on a chart has its verdict, and no other has one",
            "series",
            counted="series",
            naming="indicator_id",
        ),
    ]  # fmt: skip


NEEDS = {"published_indicators": FIGURE_COLUMNS}
SUITES: tuple[Suite, ...] = (
    derived_suite(COMPARISONS, _comparisons_checks, _comparisons, NEEDS),
    derived_suite(FUNNELS, _funnels_checks, _funnels, NEEDS),
    derived_suite(
        FUNNEL_LIMITS,
        _funnel_limits_checks,
        _funnel_limits,
        {**NEEDS, FUNNELS: ("indicator_id", *PERIOD, "benchmark_area_code", "denominator")},
    ),
    derived_suite(CHANGES, _changes_checks, _changes, NEEDS),
    derived_suite(VERDICTS, _verdicts_checks, _verdicts, {**NEEDS, CHANGES: SERIES}),
)
