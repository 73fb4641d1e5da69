"""What is expected of targets, inequalities and coverage: three suites, each of one table.

All three are made from published figures alone, and so every number of theirs must be found among
the shown ones of published_indicators. As in `frames`, a broken promise is a column that is true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd
from pandas import DataFrame, Series

from expectations.gate.checks import Check, Suite, derived_suite, given, known, never, unique
from expectations.gate.frames import (
    CELL,
    RETURNS,
    TOLERANCE,
    absent,
    days,
    listed_like,
    numbers,
    unreadable,
)
from expectations.gate.interface import GateFacts, GateTables

PUBLISHED = "published_indicators"
TARGETS = "targets"
INEQUALITIES = "inequalities"
COVERAGE = "coverage"
TABLES = (TARGETS, INEQUALITIES, COVERAGE)
# What a refused target need not say, and any other must.
SAYS = (
    "indicator_id", "area_type", "area_code", "period_type", "baseline_period_start",
    "target_value", "due_date",
)  # fmt: skip
# The breakdown of everyone, and its one value.
EVERYONE = "all"
COVERAGE_CELL = ("indicator_id", *CELL[:4])
# Figures of a provider are that provider's to explain; the others are covered.
COVERED_AREAS = ("system", "local_authority", "place")
PUBLISHED_COLUMNS = (
    "indicator_id", *CELL, "value", "lower_ci", "upper_ci", "status", *RETURNS,
)  # fmt: skip


@dataclass(frozen=True)
class _Figures:
    """Looks figures up in published_indicators."""

    published: DataFrame

    @staticmethod
    def of(published: DataFrame, area_types: Iterable[str], breakdowns: Iterable[str]) -> _Figures:
        """The figures of these kinds of areas and these breakdowns, with days as days and numbers
        as numbers, each cell once."""
        # A twentieth of them all, for most of what is asked.
        wanted = published["breakdown_type"].isin(list(breakdowns))
        wanted &= published["area_type"].isin(list(area_types))
        some = published.loc[wanted, list(PUBLISHED_COLUMNS)]
        rows = some.assign(
            period_start=days(some["period_start"]),
            **{name: numbers(some[name]) for name in ("value", "lower_ci", "upper_ci")},
            **{name: numbers(some[name]) for name in RETURNS},
        )
        return _Figures(rows.drop_duplicates(["indicator_id", *CELL]))

    def beside(self, cells: DataFrame) -> DataFrame:
        """For each row of `cells`, which has the columns of a cell, the published row or gaps."""
        key = ["indicator_id", *CELL]
        # A gap in a key is no cell; pandas would match gaps with each other.
        mine = cells[key].assign(
            **{
                name: listed_like(cells[name], self.published[name])
                for name in key
                if name != "period_start"
            }
        )
        found = mine.merge(self.published, on=key, how="left", validate="many_to_one")
        found.index = cells.index
        return found

    def differ(self, cells: DataFrame, stated: Mapping[str, Series]) -> Series:
        """True where a number is given that is not the one of a shown figure of that cell."""
        found = self.beside(cells)
        shown = found["status"].eq("shown")
        wrong = Series(False, index=cells.index)
        for name, values in stated.items():
            agrees = values.sub(found[name]).abs().le(TOLERANCE * values.abs().clip(lower=1))
            wrong |= values.notna() & ~(shown & agrees)
        return wrong


def _for_everyone(rows: DataFrame, period_start: str) -> DataFrame:
    """The cells of everyone in the rows' areas and the period that begins there."""
    return DataFrame(
        {
            "indicator_id": rows["indicator_id"],
            "period_type": rows["period_type"],
            "period_start": days(rows[period_start]),
            "area_type": rows["area_type"],
            "area_code": rows["area_code"],
            "breakdown_type": EVERYONE,
            "breakdown_value": EVERYONE,
        },
        index=rows.index,
    )


def _ordered(lower: Series, middle: Series, upper: Series) -> Series:
    """True where an interval does not lie around its estimate, or is given by half."""
    slack = TOLERANCE * middle.abs().clip(lower=1)
    there = lower.notna() & upper.notna()
    return (lower.notna() != upper.notna()) | (
        there & ~(lower.le(middle + slack) & middle.le(upper + slack))
    )


def _not_the_same(stated: Series, computed: Series) -> Series:
    """True where one of the two is there alone, or they differ beyond a double's last bits."""
    slack = TOLERANCE * computed.abs().clip(lower=1)
    return (stated.notna() != computed.notna()) | stated.sub(computed).abs().gt(slack)


def _numbers_of(rows: DataFrame, names: tuple[str, ...]) -> tuple[dict[str, Series], Series]:
    """The columns as numbers, and where one of them holds what is none."""
    wrong = Series(False, index=rows.index)
    for name in names:
        wrong |= unreadable(rows[name])
    return {name: numbers(rows[name]) for name in names}, wrong


def _targets_frames(tables: GateTables, facts: GateFacts) -> dict[str, DataFrame]:
    rows = tables.targets.reset_index(drop=True)
    figures = _Figures.of(tables.published_indicators, rows["area_type"].unique(), [EVERYONE])
    found, unread = _numbers_of(
        rows,
        ("baseline_value", "current_value", "lower_ci", "upper_ci", "target_value", "expected_now"),
    )
    is_refused = rows["judgement"].eq("refused")
    empty = {name: absent(rows[name]) for name in SAYS}
    now = found["current_value"]
    needs_figure = ~rows["judgement"].isin(["refused", "cannot_be_told"])
    ends = DataFrame({"from": found["baseline_value"], "to": found["target_value"]})
    slack = TOLERANCE * found["target_value"].abs().clip(lower=1)
    return {
        TARGETS: rows.assign(
            holds_what_is_no_number=unread,
            says_too_little=~is_refused & pd.concat(empty, axis=1).any(axis=1),
            indicator_is_unknown=~empty["indicator_id"]
            & ~rows["indicator_id"].isin(list(facts.indicator_statistics)),
            baseline_is_no_shown_figure=figures.differ(
                _for_everyone(rows, "baseline_period_start"), {"value": found["baseline_value"]}
            ),
            figure_is_no_shown_figure=figures.differ(
                _for_everyone(rows, "current_period_start"),
                {"value": now, "lower_ci": found["lower_ci"], "upper_ci": found["upper_ci"]},
            ),
            interval_is_not_around_figure=_ordered(found["lower_ci"], now, found["upper_ci"]),
            judged_without_figure=needs_figure & now.isna(),
            refused_with_figure=is_refused
            & (now.notna() | found["baseline_value"].notna() | found["expected_now"].notna()),
            line_is_left=found["expected_now"].notna()
            & ~(
                found["expected_now"].ge(ends.min(axis=1, skipna=False) - slack)
                & found["expected_now"].le(ends.max(axis=1, skipna=False) + slack)
            ),
        )
    }


def _targets_checks(facts: GateFacts) -> list[Check]:
    at = TARGETS
    return [
        *given(("line", "judgement", "sentence"), at),
        Check(
            "Every line of targets has one row",
            at,
            "ExpectColumnValuesToBeUnique",
            {"column": "line"},
        ),
        known("judgement", facts.derived_codes["judgement"], at),
        never("holds_what_is_no_number", "Every number of a target is one, or nothing", at),
        never(
            "says_too_little", "Every target that is not refused says what, where and by when", at
        ),
        never("indicator_is_unknown", "Every target's indicator is one of the catalogue", at),
        never("baseline_is_no_shown_figure", "Every baseline is a shown figure of its period", at),
        never(
            "figure_is_no_shown_figure",
            "Every figure beside a target is a shown one, its interval too",
            at,
        ),
        never(
            "interval_is_not_around_figure", "Every interval of a target lies around its figure", at
        ),
        never("judged_without_figure", "No target is judged without a figure", at),
        never("refused_with_figure", "No refused target has a figure", at),
        never(
            "line_is_left", "Where a figure should be by now lies between baseline and target", at
        ),
    ]


def _inequalities_frames(tables: GateTables, facts: GateFacts) -> dict[str, DataFrame]:
    rows = tables.inequalities.reset_index(drop=True)
    rows["period_start"] = days(rows["period_start"])
    figures = _Figures.of(
        tables.published_indicators,
        rows["area_type"].unique(),
        [EVERYONE, *rows["breakdown_type"].unique()],
    )
    found, unread = _numbers_of(
        rows,
        (
            "group_value", "whole_value", "absolute_gap", "gap_lower", "gap_upper",
            "ratio", "ratio_lower", "ratio_upper", "gap_year_before",
        ),
    )  # fmt: skip
    group, whole, gap = found["group_value"], found["whole_value"], found["absolute_gap"]
    holds_0 = found["gap_lower"].le(0) & found["gap_upper"].ge(0)
    # A year later, the gap of each row is that of the year before.
    cell = ["indicator_id", *CELL]
    earlier = rows[cell].assign(
        period_start=rows["period_start"] + pd.DateOffset(years=1), then=gap
    )
    earlier["period_start"] = earlier["period_start"].astype(rows["period_start"].dtype)
    then = rows[cell].merge(earlier.drop_duplicates(cell), on=cell, how="left")["then"]
    said = rows["gap_holds_zero"]
    return {
        INEQUALITIES: rows.assign(
            holds_what_is_no_number=unread,
            is_of_a_count=rows["indicator_id"]
            .map(dict(facts.indicator_statistics))
            .fillna("count")
            .eq("count"),
            group_is_no_shown_figure=group.isna() | figures.differ(rows, {"value": group}),
            whole_is_no_shown_figure=whole.isna()
            | figures.differ(_for_everyone(rows, "period_start"), {"value": whole}),
            gap_is_not_the_difference=_not_the_same(gap, group - whole),
            ratio_is_not_the_quotient=_not_the_same(
                found["ratio"], group / whole.where(whole.ne(0))
            ),
            interval_is_not_around_gap=_ordered(found["gap_lower"], gap, found["gap_upper"]),
            interval_is_not_around_ratio=_ordered(
                found["ratio_lower"], found["ratio"], found["ratio_upper"]
            ),
            zero_is_said_wrongly=(said.isna() != found["gap_lower"].isna())
            | (said.notna() & said.eq(True).ne(holds_0)),
            earlier_gap_is_another=found["gap_year_before"].notna()
            & _not_the_same(found["gap_year_before"], then),
            change_without_earlier_gap=rows["gap_change"].ne("cannot_be_told")
            & found["gap_year_before"].isna(),
        )
    }


def _inequalities_checks(facts: GateFacts) -> list[Check]:
    at = INEQUALITIES
    return [
        *given(("indicator_id", *CELL, "gap_change", "sentence"), at),
        unique(("indicator_id", *CELL), "Every group of a cell has one gap", at),
        known("gap_change", facts.derived_codes["gap_change"], at),
        never("holds_what_is_no_number", "Every number of a gap is one, or nothing", at),
        never("is_of_a_count", "Every gap is of an indicator that is no count", at),
        never("group_is_no_shown_figure", "Every gap's figure of a group is a shown one", at),
        never("whole_is_no_shown_figure", "Every gap's figure of everyone is a shown one", at),
        never("gap_is_not_the_difference", "Every gap is the difference of its two figures", at),
        never("ratio_is_not_the_quotient", "Every ratio is the quotient of its two figures", at),
        never("interval_is_not_around_gap", "Every interval of a gap lies around it", at),
        never("interval_is_not_around_ratio", "Every interval of a ratio lies around it", at),
        never(
            "zero_is_said_wrongly", "Whether a gap's interval holds 0 is said as its limits say", at
        ),
        never(
            "earlier_gap_is_another", "Every gap of a year before is that of a row of that time", at
        ),
        never(
            "change_without_earlier_gap",
            "No change of a gap is told without that of a year before",
            at,
        ),
    ]


def _coverage_frames(tables: GateTables, _: GateFacts) -> dict[str, DataFrame]:
    rows = tables.coverage.reset_index(drop=True)
    rows["period_start"] = days(rows["period_start"])
    figures = _Figures.of(
        tables.published_indicators, [*COVERED_AREAS, *rows["area_type"].unique()], [EVERYONE]
    )
    cells = _for_everyone(rows, "period_start")
    found, unread = _numbers_of(
        rows, (*RETURNS, "returns_missing", "value", "value_if_as_before", "shift")
    )
    published = figures.beside(cells)
    moved, value = found["value_if_as_before"], found["value"]
    missing = found["returns_expected"] - found["returns_in_effect"]
    told = rows["finding"].eq("told")
    due = figures.published[
        figures.published["breakdown_type"].eq(EVERYONE)
        & figures.published["area_type"].isin(COVERED_AREAS)
        & figures.published["returns_in_effect"].lt(figures.published["returns_expected"])
    ][list(COVERAGE_CELL)]
    mine = pd.MultiIndex.from_frame(
        rows[list(COVERAGE_CELL)].astype({"period_start": "datetime64[s]"})
    )
    wanted = pd.MultiIndex.from_frame(due.astype({"period_start": "datetime64[s]"}))
    return {
        COVERAGE: rows.assign(
            holds_what_is_no_number=unread,
            value_is_no_shown_figure=figures.differ(cells, {"value": value}),
            returns_are_others=found["returns_expected"].ne(published["returns_expected"])
            | found["returns_in_effect"].ne(published["returns_in_effect"]),
            missing_is_not_the_rest=found["returns_missing"].ne(missing) | ~missing.gt(0),
            told_and_move_disagree=told.ne(moved.notna()) | (told & value.isna()),
            shift_is_not_the_difference=_not_the_same(found["shift"], moved - value),
        ),
        "figures_due": due.reset_index(drop=True).assign(is_not_covered=~wanted.isin(mine)),
    }


def _coverage_checks(facts: GateFacts) -> list[Check]:
    at = COVERAGE
    return [
        *given((*COVERAGE_CELL, "providers_missing", "finding", "sentence"), at),
        unique(COVERAGE_CELL, "Every figure is covered once", at),
        known("finding", facts.derived_codes["finding"], at),
        never("holds_what_is_no_number", "Every number of coverage is one, or nothing", at),
        never("value_is_no_shown_figure", "Every figure of coverage is a shown one", at),
        never(
            "returns_are_others", "The returns of coverage are those of published_indicators", at
        ),
        never(
            "missing_is_not_the_rest",
            "As many returns are missing as were expected and do not count",
            at,
        ),
        never(
            "told_and_move_disagree",
            "Where a figure could move to is given exactly where it can be told",
            at,
        ),
        never("shift_is_not_the_difference", "Every shift is the difference it would make", at),
        never(
            "is_not_covered",
            "Every figure of a system, authority or place that lacks a return is covered",
            "figures_due",
            counted="figures",
            naming="indicator_id",
        ),
    ]


NEEDS = {PUBLISHED: PUBLISHED_COLUMNS}
SUITES: tuple[Suite, ...] = (
    derived_suite(TARGETS, _targets_checks, _targets_frames, NEEDS),
    derived_suite(INEQUALITIES, _inequalities_checks, _inequalities_frames, NEEDS),
    derived_suite(COVERAGE, _coverage_checks, _coverage_frames, NEEDS),
)
