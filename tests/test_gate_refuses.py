"""The gate lets a small correct set of tables pass, and refuses each thing that can be wrong.

`BREAKS` holds, for every expectation of the gate by its sentence, one way to break it. The tables
are made up: four indicators and one that can exceed its base, a system with one place and two
providers, two months with their quarter and year.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pandas as pd
import pytest

from expectations.gate import (
    CheckResult,
    GateError,
    GateFacts,
    GateTables,
    audit,
    check_names,
    run_suite,
    running,
    sentences,
)
from expectations.gate.checks import Check, Suite
from expectations.gate.frames import least_count
from expectations.gate.suites import SUITES
from orchestration.publish.before_the_gate import REPEATED_TEXTS

LINK_KEY = "ab12cd34" * 8
NHS_NUMBER = "943 476 5919"
ALL = ("all",)
BOTH = ("all", "gender")

PUBLISHED_COLUMNS = [
    "release_id",
    "indicator_id",
    "domain",
    "period_type",
    "period_start",
    "area_type",
    "area_code",
    "breakdown_type",
    "breakdown_value",
    "numerator",
    "denominator",
    "value",
    "lower_ci",
    "upper_ci",
    "status",
    "is_provisional",
    "returns_expected",
    "returns_in_effect",
]
STATUS_COLUMNS = [
    "provider_code",
    "period",
    "submission_no",
    "state",
    "received_at",
    "source_name",
    "rows_received",
    "rows_excluded",
    "warnings",
]
FAILURES_COLUMNS = [
    "provider_code",
    "period",
    "submission_no",
    "source_name",
    "table_name",
    "row_number",
    "field",
    "rule",
    "severity",
    "value",
    "message",
]
MAY_9 = pd.Timestamp("2024-05-09")
RETURNS_COLUMNS = [
    "provider_code",
    "provider_name",
    "period",
    "expected",
    "received",
    "in_effect",
    "rejected",
    "counting_came_on",
]
TARGETS_COLUMNS = [
    "line",
    "indicator_id",
    "area_type",
    "area_code",
    "period_type",
    "baseline_period_start",
    "baseline_value",
    "current_period_start",
    "current_value",
    "lower_ci",
    "upper_ci",
    "is_provisional",
    "returns_expected",
    "returns_in_effect",
    "target_value",
    "due_date",
    "expected_now",
    "judgement",
    "sentence",
]
INEQUALITIES_COLUMNS = [
    "indicator_id",
    "period_type",
    "period_start",
    "area_type",
    "area_code",
    "breakdown_type",
    "breakdown_value",
    "group_value",
    "whole_value",
    "absolute_gap",
    "gap_lower",
    "gap_upper",
    "gap_holds_zero",
    "ratio",
    "ratio_lower",
    "ratio_upper",
    "gap_year_before",
    "gap_change",
    "sentence",
]
COVERAGE_COLUMNS = [
    "indicator_id",
    "period_type",
    "period_start",
    "area_type",
    "area_code",
    "returns_expected",
    "returns_in_effect",
    "returns_missing",
    "providers_missing",
    "value",
    "value_if_as_before",
    "shift",
    "is_rough",
    "finding",
    "sentence",
]

GOAL_COLUMNS = {
    "targets": TARGETS_COLUMNS,
    "inequalities": INEQUALITIES_COLUMNS,
    "coverage": COVERAGE_COLUMNS,
}

_CELL = ["indicator_id", "period_type", "period_start", "area_type", "area_code"]
_LIMITS = ["lower_limit", "upper_limit", "lower_limit_998", "upper_limit_998"]
DERIVED_COLUMNS = {
    "comparisons": [
        "release_id", *_CELL, "value", "lower_ci", "upper_ci", "lower_ci_998", "upper_ci_998",
        "benchmark_area_code", "benchmark_value", "comparison", "sentence",
    ],
    "funnels": [
        "release_id", *_CELL, "denominator", "value", "benchmark_area_code", "benchmark_value",
        *_LIMITS, "position",
    ],
    "funnel_limits": [
        "release_id", *_CELL[:3], "benchmark_area_code", "benchmark_value", "denominator", *_LIMITS,
    ],
    "changes": [
        "release_id", "indicator_id", "area_type", "area_code", "period_start", "value", "status",
        "is_provisional", "phase", "points_in_phase", "mean", "lower_limit", "upper_limit",
        "is_trial", "moving_range", "is_beyond_limit", "is_shift", "is_trend", "is_two_of_three",
        "variation", "no_verdict_reason",
    ],
    "change_verdicts": [
        "release_id", "indicator_id", "area_type", "area_code", "months", "months_shown",
        "latest_month", "verdict", "reason", "is_trial", "breaks", "sentence",
    ],
}  # fmt: skip
REVISIONS_COLUMNS = [
    "release_id", "since_release", *_CELL, "breakdown_type", "breakdown_value", "kind",
    "status_before", "value_before", "status_after", "value_after", "cause",
]  # fmt: skip

NARRATIVES_COLUMNS = [
    "release_id",
    "narrative",
    "domain",
    "kind",
    "period",
    "area_type",
    "area_code",
    "text",
]

# indicator_id, domain, statistic, numerator, denominator, multiplier, and the figures it shows.
CATALOGUE = (
    ("contacts", "activity", "count", "attended", "", 1, 100, None),
    ("exercise", "health", "proportion", "exercising", "caseload", 100, 25, 50),
    ("admitted", "activity", "rate", "admissions", "caseload", 100, 10, 50),
    ("unit_cost", "activity", "ratio", "pounds", "attended", 1, 5000, 100),
    ("readmitted", "activity", "proportion", "readmissions", "discharges", 100, 20, 25),
)

FACTS = GateFacts(
    release_id="r2",
    indicator_statistics={row[0]: row[2] for row in CATALOGUE},
    indicator_breakdowns={row[0]: BOTH if row[0] != "unit_cost" else ALL for row in CATALOGUE},
    money_indicators=frozenset({"unit_cost"}),
    measures=(
        "attended",
        "exercising",
        "caseload",
        "admissions",
        "pounds",
        "readmissions",
        "discharges",
    ),
    period_types=("month", "quarter", "financial_year"),
    area_types=("system", "local_authority", "place", "provider"),
    breakdown_values={"all": ("all",), "gender": ("1", "2", "unknown")},
    statuses=("shown", "suppressed", "low_base", "no_cases", "not_submitted"),
    states=("in_effect", "superseded", "rejected", "missing"),
    severities=("reject", "error", "warning", "info"),
    rule_severities={
        "contacts.contact_date.type": "error",
        "narratives.text.personal_data": "error",
        "return.table.known": "warning",
    },
    smallest_shown_count=5,
    rounding_base=5,
    least_denominator=20,
    pounds_base=100,
    least_possible_counts=3,
    published_columns=tuple(PUBLISHED_COLUMNS),
    return_status_columns=tuple(STATUS_COLUMNS),
    validation_failures_columns=tuple(FAILURES_COLUMNS),
    returns_columns=tuple(RETURNS_COLUMNS),
    derived_columns={
        table: tuple(columns)
        for table, columns in {
            **DERIVED_COLUMNS,
            **GOAL_COLUMNS,
            "revisions": REVISIONS_COLUMNS,
        }.items()
    },
    derived_codes={
        "comparison": ("better", "similar", "worse", "not_compared"),
        "position": ("within", "above_95", "above_998", "below_95", "below_998"),
        "variation": ("common_cause", "improvement", "concern"),
        "verdict": ("improving", "getting_worse", "no_change", "no_verdict"),
        "reason": ("shift", "common_cause", "too_few_points", "small_numbers", "hidden_months"),
        "no_verdict_reason": ("too_few_points", "small_numbers", "hidden_months"),
        "judgement": ("met", "on_track", "at_risk", "off_track", "cannot_be_told", "refused"),
        "gap_change": ("widening", "narrowing", "no_clear_change", "cannot_be_told"),
        "finding": ("told", "months_do_not_add_up"),
        "cause": ("late_return", "other"),
    },
    narratives_columns=tuple(NARRATIVES_COLUMNS),
    domains=("activity", "health"),
    narrative_kinds=("staff_interview", "case_story"),
    narrative_longest=50,
    identifier_columns=frozenset({"ward"}),
)

# Returns expected and in effect: BR02 sent nothing for April.
PERIODS = (
    ("month", "2024-04-01", {"QPM": (2, 1), "NOR": (1, 1), "AB01": (1, 1), "BR02": (1, 0)}),
    ("month", "2024-05-01", {"QPM": (2, 2), "NOR": (1, 1), "AB01": (1, 1), "BR02": (1, 1)}),
    ("quarter", "2024-04-01", {"QPM": (4, 3), "NOR": (2, 2), "AB01": (2, 2), "BR02": (2, 1)}),
    (
        "financial_year",
        "2024-04-01",
        {"QPM": (4, 3), "NOR": (2, 2), "AB01": (2, 2), "BR02": (2, 1)},
    ),
)
AREAS = {"QPM": "system", "NOR": "place", "AB01": "provider", "BR02": "provider"}


def _figure(
    statistic: str, multiplier: int, numerator: float, denominator: float | None
) -> dict[str, object]:
    value = numerator if denominator is None else multiplier * numerator / denominator
    interval = statistic != "ratio" and not (statistic == "proportion" and value > 100)
    return {
        "numerator": numerator,
        "denominator": denominator,
        "value": value,
        "lower_ci": value * 0.9 if interval else None,
        "upper_ci": value * 1.1 if interval else None,
        "status": "shown",
    }


def _hidden(status: str, denominator: float | None = None) -> dict[str, object]:
    numbers = dict.fromkeys(("numerator", "value", "lower_ci", "upper_ci"))
    return {**numbers, "denominator": denominator, "status": status}


# What is not as everywhere else, by indicator, area, period type and month.
PARTICULARS: dict[tuple[str, str, str, str], dict[str, object]] = {
    ("exercise", "AB01", "month", "2024-04-01"): _hidden("suppressed", 50),
    ("readmitted", "AB01", "month", "2024-05-01"): _hidden("low_base", 10),
    ("readmitted", "NOR", "month", "2024-04-01"): _hidden("no_cases", 0),
    # More re-admissions than discharges: a value, and no interval.
    ("readmitted", "NOR", "month", "2024-05-01"): _figure("proportion", 100, 25, 20),
    ("contacts", "AB01", "quarter", "2024-04-01"): _hidden("suppressed"),
    ("unit_cost", "AB01", "quarter", "2024-04-01"): _hidden("low_base"),
}


def _published() -> pd.DataFrame:
    rows = []
    for period_type, start, returns in PERIODS:
        for area, (expected, in_effect) in returns.items():
            for name, domain, statistic, _, _, multiplier, numerator, denominator in CATALOGUE:
                shown = _figure(statistic, multiplier, numerator, denominator)
                if not in_effect:
                    shown = _hidden("not_submitted")
                described = {
                    "release_id": "r2",
                    "indicator_id": name,
                    "domain": domain,
                    "period_type": period_type,
                    "period_start": date.fromisoformat(start),
                    "area_type": AREAS[area],
                    "area_code": area,
                    "breakdown_type": "all",
                    "breakdown_value": "all",
                    "is_provisional": in_effect < expected,
                    "returns_expected": expected,
                    "returns_in_effect": in_effect,
                }
                figure = PARTICULARS.get((name, area, period_type, start), shown)
                rows.append({**described, **figure})
                if name == "contacts" and area == "QPM":
                    for gender, count in (("1", 60), ("2", 40)):
                        groups = {"breakdown_type": "gender", "breakdown_value": gender}
                        rows.append({**described, **groups, **_figure("count", 1, count, None)})
                if name == "exercise" and area == "QPM":
                    groups = {"breakdown_type": "gender", "breakdown_value": "1"}
                    rows.append({**described, **groups, **_figure("proportion", 100, 15, 25)})
    return pd.DataFrame(rows)[PUBLISHED_COLUMNS]


def _derived(published: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables that are made from published_indicators: everything is as in the system, and of
    contacts alone there are months enough for a verdict."""
    figures = published[published["breakdown_type"].eq("all")]
    tables: dict[str, list[dict[str, object]]] = {name: [] for name in DERIVED_COLUMNS}
    system = figures[figures["area_type"].eq("system")]
    benchmarks = {tuple(row[_CELL[:3]]): row["value"] for _, row in system.iterrows()}
    for _, figure in figures[figures["area_type"].ne("system")].iterrows():
        value, benchmark = figure["value"], benchmarks[tuple(figure[_CELL[:3]])]
        against = {"benchmark_area_code": "QPM", "benchmark_value": benchmark}
        row = {**figure[["release_id", *_CELL]], **against, "value": value}
        placed = pd.notna(figure["lower_ci"]) and figure["indicator_id"] != "contacts"
        tables["comparisons"].append(
            {
                **row,
                "lower_ci": figure["lower_ci"], "upper_ci": figure["upper_ci"],
                "lower_ci_998": figure["lower_ci"] * 0.9, "upper_ci_998": figure["upper_ci"] * 1.1,
                "comparison": "similar" if placed else "not_compared", "sentence": "So it is.",
            }
        )  # fmt: skip
        if not placed or figure["area_type"] != "provider":
            continue
        limits = dict(zip(_LIMITS, (benchmark * x for x in (0.8, 1.2, 0.6, 1.4)), strict=True))
        denominator = {"denominator": figure["denominator"]}
        tables["funnels"].append({**row, **denominator, **limits, "position": "within"})
        tables["funnel_limits"].append(
            {**figure[["release_id", *_CELL[:3]]], **against, **denominator, **limits}
        )
    for (name, kind, area), months in figures[figures["period_type"].eq("month")].groupby(
        ["indicator_id", "area_type", "area_code"]
    ):
        judged = name == "contacts"
        for _, figure in months.iterrows():
            told = judged and figure["status"] == "shown"
            tables["changes"].append(
                {
                    **figure[["release_id", *_CELL, "value", "status", "is_provisional"]],
                    "phase": 1, "points_in_phase": 2, "is_trial": True, "moving_range": None,
                    "mean": 100 if judged else None, "lower_limit": 80 if judged else None,
                    "upper_limit": 120 if judged else None,
                    **dict.fromkeys(DERIVED_COLUMNS["changes"][15:19], False if told else None),
                    "variation": "common_cause" if told else None,
                    "no_verdict_reason": None if judged else "too_few_points",
                }
            )  # fmt: skip
        shown = months.loc[months["status"].eq("shown"), "period_start"]
        tables["change_verdicts"].append(
            {
                "release_id": "r2", "indicator_id": name, "area_type": kind, "area_code": area,
                "months": len(months), "months_shown": len(shown),
                "latest_month": shown.max() if len(shown) else None,
                "verdict": "no_change" if judged else "no_verdict",
                "reason": "common_cause" if judged else "too_few_points",
                "is_trial": True, "breaks": None, "sentence": "Nothing to tell.",
            }
        )  # fmt: skip
    # Two providers of one size give the curve of their funnel one point.
    limits_of = pd.DataFrame(tables["funnel_limits"]).drop_duplicates(ignore_index=True)
    made = {name: pd.DataFrame(rows) for name, rows in tables.items()} | {
        "funnel_limits": limits_of
    }
    return {name: made[name][columns] for name, columns in DERIVED_COLUMNS.items()}


def _targets() -> pd.DataFrame:
    """The system is to get from 50 per cent in April to 60; it is at 50 in May. One is refused."""
    april, may, due = date(2024, 4, 1), date(2024, 5, 1), date(2025, 3, 31)
    return pd.DataFrame(
        [
            (2, "exercise", "system", "QPM", "month", april, 50.0, may, 50.0, 45.0, 55.0, False, 2,
             2, 60.0, due, 51.0, "at_risk", "At risk."),
            (3, "exercise", *[None] * 15, "refused", "There is no value."),
        ],
        columns=TARGETS_COLUMNS,
    )  # fmt: skip


def _inequalities() -> pd.DataFrame:
    """60 per cent of one gender in May beside 50 of everyone."""
    return pd.DataFrame(
        [
            ("exercise", "month", date(2024, 5, 1), "system", "QPM", "gender", "1", 60.0, 50.0,
             10.0, -2.0, 22.0, True, 1.2, 0.9, 1.6, None, "cannot_be_told", "Higher."),
        ],
        columns=INEQUALITIES_COLUMNS,
    )  # fmt: skip


def _coverage(published: pd.DataFrame) -> pd.DataFrame:
    """The system lacks BR02's April: the month could move by 1, quarter and year cannot be told."""
    lacking = published[
        published["area_code"].eq("QPM")
        & published["breakdown_type"].eq("all")
        & published["returns_in_effect"].lt(published["returns_expected"])
    ]
    is_month = lacking["period_type"].eq("month")
    return lacking.assign(
        returns_missing=1,
        providers_missing="BR02",
        value_if_as_before=(lacking["value"] + 1).where(is_month),
        shift=is_month.map({True: 1.0, False: None}),
        is_rough=False,
        finding=is_month.map({True: "told", False: "months_do_not_add_up"}),
        sentence="1 return is missing.",
    )[COVERAGE_COLUMNS]


def _previous(published: pd.DataFrame) -> pd.DataFrame:
    """The last release: AB01's quarter was shown then, two figures were others, one group was not
    there yet and one, hidden, is there no more."""
    rows = published.assign(release_id="r1").astype({"value": object, "status": object})
    is_whole = rows["breakdown_type"].eq("all")
    quarter = rows["period_type"].eq("quarter") & rows["indicator_id"].eq("contacts") & is_whole
    rows.loc[quarter & rows["area_code"].eq("QPM"), "value"] = 90.0
    rows.loc[quarter & rows["area_code"].eq("AB01"), ["value", "status"]] = [50.0, "shown"]
    may = rows["period_type"].eq("month") & rows["period_start"].eq(date(2024, 5, 1))
    system_may = may & rows["area_code"].eq("QPM")
    rows.loc[system_may & rows["indicator_id"].eq("exercise") & is_whole, "value"] = 40.0
    lost = system_may & rows["indicator_id"].eq("exercise") & ~is_whole
    # It was hidden then too: had it been shown, nothing of its year could be told from before.
    other = rows[lost].assign(breakdown_value="2", status="low_base", value=None)
    return pd.concat([rows[~lost], other], ignore_index=True)


def _revisions() -> pd.DataFrame:
    """What there is to tell of that, and what of it may be told."""
    may, quarter = ("month", date(2024, 5, 1)), ("quarter", date(2024, 4, 1))
    system, everyone = ("system", "QPM"), ("all", "all")
    return pd.DataFrame(
        [
            ("r2", "r1", "contacts", *quarter, *system, *everyone,
             "changed", None, None, "shown", 100.0, "late_return"),
            ("r2", "r1", "contacts", *quarter, "provider", "AB01", *everyone,
             "changed", None, None, "suppressed", None, "other"),
            ("r2", "r1", "exercise", *may, *system, *everyone,
             "changed", "shown", 40.0, "shown", 50.0, "other"),
            ("r2", "r1", "exercise", *may, *system, "gender", "1",
             "added", None, None, "shown", 60.0, "other"),
            ("r2", "r1", "exercise", *may, *system, "gender", "2",
             "removed", None, None, None, None, "other"),
        ],
        columns=REVISIONS_COLUMNS,
    )  # fmt: skip


def correct_tables() -> SimpleNamespace:
    """The tables of a release that may be published, as one namespace of frames to be broken."""
    came = pd.Timestamp("2024-06-03 09:00")
    published = _published()
    return SimpleNamespace(
        published_indicators=published,
        return_status=pd.DataFrame(
            [
                ("AB01", "2024-04", 1, "superseded", came, "april.zip", 120, 3, 4),
                ("AB01", "2024-04", 2, "in_effect", came, "april2.zip", 121, 0, 4),
                ("AB01", "2024-05", 1, "in_effect", came, "may.zip", 90, 0, 0),
                ("BR02", "2024-04", None, "missing", None, None, None, None, None),
                ("BR02", "2024-05", 1, "rejected", came, "may.xlsx", 80, 40, 0),
                ("BR02", "2024-05", 2, "in_effect", came, "may2.xlsx", 80, 0, 0),
                # A return that could not be read says nothing of itself.
                ("BR02", None, None, "rejected", came, "may3.xlsx", 0, 0, 0),
            ],
            columns=STATUS_COLUMNS,
        ),
        validation_failures=pd.DataFrame(
            [
                ("AB01", "2024-04", 1, "april.zip", "contacts", 7, "contact_date",
                 "contacts.contact_date.type", "error", "31/13", "Not a date."),
                ("AB01", "2024-04", 1, "april.zip", "narratives", 3, "text",
                 "narratives.text.personal_data", "error", None, "Take it out."),
                ("BR02", "2024-05", 1, "may.xlsx", "notes", None, None,
                 "return.table.known", "warning", "notes", "Ignored."),
            ],
            columns=FAILURES_COLUMNS,
        ),
        returns=pd.DataFrame(
            [
                ("AB01", "Abington", "2024-04", 1, 2, 1, 0, MAY_9),
                ("AB01", "Abington", "2024-05", 1, 1, 1, 0, MAY_9),
                ("BR02", "Brook Lane", "2024-04", 1, 0, 0, 0, None),
                ("BR02", "Brook Lane", "2024-05", 1, 2, 1, 1, MAY_9),
            ],
            columns=RETURNS_COLUMNS,
        ),
        catalogue=pd.DataFrame(
            [(*row[:6], f"What {row[0]} means.") for row in CATALOGUE],
            columns=[
                "indicator_id",
                "domain",
                "statistic",
                "numerator",
                "denominator",
                "multiplier",
                "definition",
            ],
        ),
        areas=pd.DataFrame(
            [
                ("system", "QPM", "Northamptonshire"),
                ("local_authority", "WNH", "West Northamptonshire"),
                ("place", "NOR", "Northampton"),
            ],
            columns=["area_type", "area_code", "area_name"],
        ),
        reconciliation=pd.DataFrame(
            {
                "what": ["rows of contacts, lake and staging", "accepted rows of stays"],
                "expected": [120, 7],
                "found": [120, 7],
            }
        ),
        **_derived(published),
        targets=_targets(),
        inequalities=_inequalities(),
        coverage=_coverage(published),
        disclosure_audit=pd.DataFrame(
            [("exercisers", "2024-04-01", 40, 12, 12, 3, 0, 0, 4, True),
             ("exercise:remainder", "2024-04-01", 40, 9, 9, 0, 0, 2, 3, True)],
            columns=list(audit.COLUMNS),
        ),
        narratives=pd.DataFrame(
            [
                ("r2", 1, "health", "case_story", "2024-04", "local_authority", "WNH",
                 "Walking helped.\n\nAnd the café."),
                ("r2", 2, "activity", "staff_interview", "2024-05", "local_authority", "WNH",
                 "We kept turning up."),
            ],
            columns=NARRATIVES_COLUMNS,
        ),
        revisions=_revisions(),
        previous=_previous(published),
    )  # fmt: skip


def judge(suite: str, tables: SimpleNamespace, facts: GateFacts = FACTS) -> list[CheckResult]:
    return run_suite(suite, GateTables(**vars(tables)), facts)


def refused(suite: str, tables: SimpleNamespace, facts: GateFacts = FACTS) -> set[str]:
    return {each.expectation for each in judge(suite, tables, facts) if not each.success}


def as_read(tables: SimpleNamespace) -> SimpleNamespace:
    """The tables as they come out of the warehouse: texts that repeat are categories, of one list
    for all tables."""
    read = dict(vars(tables))
    for column in REPEATED_TEXTS:
        having = {
            name: frame[column]
            for name, frame in read.items()
            if frame is not None
            and list(frame.columns).count(column) == 1
            and all(isinstance(value, str) for value in frame[column].dropna())
        }
        values = {value for texts in having.values() for value in texts.dropna()}
        listed = pd.CategoricalDtype(sorted(values), ordered=True)
        for name, texts in having.items():
            read[name] = read[name].assign(**{column: texts.astype(listed)})
    return SimpleNamespace(**read)


Change = Callable[[SimpleNamespace], object]


@dataclass(frozen=True)
class Break:
    """One thing that is wrong: the expectation it breaks, and whatever else cannot hold then."""

    suite: str
    sentence: str
    change: Change
    also: tuple[str, ...] = ()


def _chosen(frame: pd.DataFrame, where: dict[str, object]) -> pd.Series:
    """True in the rows that have those values, of which there must be some."""
    chosen = pd.Series(True, index=frame.index)
    for name, wanted in where.items():
        chosen &= frame[name].astype(str).eq(str(wanted))
    assert chosen.any(), f"no row with {where}"
    return chosen


def put(table: str, column: str, value: object, /, **where: object) -> Change:
    """Writes a value into the first row of a table that has those values."""

    def change(tables: SimpleNamespace) -> None:
        frame = getattr(tables, table)
        row = _chosen(frame, where).idxmax()
        frame = frame.astype({column: object})
        frame.at[row, column] = value
        setattr(tables, table, frame)

    return change


def everywhere(table: str, **values: object) -> Change:
    """Writes the values into every row of a table."""
    return lambda tables: setattr(tables, table, getattr(tables, table).assign(**values))


def without(table: str, **where: object) -> Change:
    """Takes out of a table all rows that have those values."""

    def change(tables: SimpleNamespace) -> None:
        frame = getattr(tables, table)
        setattr(tables, table, frame[~_chosen(frame, where)])

    return change


def again(table: str, **where: object) -> Change:
    """Puts the first row that has those values into a table a second time."""

    def change(tables: SimpleNamespace) -> None:
        frame = getattr(tables, table)
        row = frame[_chosen(frame, where)].head(1)
        setattr(tables, table, pd.concat([frame, row], ignore_index=True))

    return change


def no_rows(table: str) -> Change:
    return lambda tables: setattr(tables, table, getattr(tables, table).head(0))


def all_of(*changes: Change) -> Change:
    return lambda tables: [change(tables) for change in changes]


def on(column: str, value: object, **where: object) -> Change:
    """Writes a value into the row for everyone in the system's May, unless told otherwise."""
    usual = {
        "period_type": "month",
        "period_start": "2024-05-01",
        "area_code": "QPM",
        "breakdown_type": "all",
    }
    return put("published_indicators", column, value, **{**usual, **where})


def cell(table: str, column: str, value: object, /, **where: object) -> Change:
    """Writes a value into a row of AB01's contacts or exercise in May, unless told otherwise."""
    usual: dict[str, object] = {"area_code": "AB01", "period_start": "2024-05-01"}
    if table in (COMPARED, FUNNEL):
        usual |= {"period_type": "month", "indicator_id": "exercise"}
    elif table == CURVE:
        usual = {"period_type": "month", "period_start": "2024-05-01", "indicator_id": "exercise"}
    elif table == CHART:
        usual |= {"indicator_id": "contacts"}
    else:
        usual = {"area_code": "AB01", "indicator_id": "contacts"}
    return put(table, column, value, **{**usual, **where})


COMPARED, FUNNEL, CURVE = "comparisons", "funnels", "funnel_limits"
CHART, VERDICT = "changes", "change_verdicts"
FIGURE = "Every value that is compared is the one that is shown, and a hidden one is not there"
SYSTEMS = "Every value that a figure is compared with is the one that is shown of the system"
HOLDS = "The 99.8 per cent interval holds the 95 per cent one, and that the value"
NOTHING = "Nothing is compared without its value, both its intervals and the system's value"
COMPARED_DUE = "Every figure of everyone in an area has its comparison"
IN_FUNNEL = "Every value and denominator in a funnel is that of a figure that is shown"
AROUND_SYSTEM = "Every funnel is drawn around the value that is shown of the system"
LIES = "Every position is where the value lies among its limits"
CURVE_AROUND = "Every funnel's curve is drawn around the value that is shown of the system"
REACHES = "No funnel reaches beyond the providers that are shown in it"
CHARTED = "Every month on a chart has the value and status that are published"
OR_A_REASON = "A phase has its mean and both limits, or a reason why it has none"
FOUR_SIGNS = "A month has its four signs and its verdict just where it is shown and has limits"
ITS_REASON = "Every reason is one of its verdict"
EACH_SERIES = "Every series on a chart has its verdict, and no other has one"
P, S, F, R = "published_indicators", "return_status", "validation_failures", "returns"
T, G, C = "targets", "inequalities", "coverage"
N = "narratives"
AUDIT = "disclosure_audit"
V = "revisions"
OF_NOW = "What a revision says of now is what is published"
OF_BEFORE = "What a revision says of before is what the last release says"
TOLD = "Every figure that differs from the last release is told, and no other"
KIND = "A figure is added or removed just where one release lacks it"
ALL_AUDITED = "Every hidden small count was held against everything that is published"
NONE_EXPOSED = "No hidden small count can be worked out that could have been protected"
IN_A_MONTH = "Every narrative is of a month with a return in effect"
AUTHORITY = "Every narrative is told for a local authority, and for nothing smaller"
DUE = "Every indicator has its row for everyone in each period and area it is due in"
VALUE = "Every value is that of the numerator and denominator beside it"
AROUND = "Every interval lies around its value"
SAME = "All rows of one period and area say the same of the returns behind them"
ADDS_UP = "What a provider's rows say of its returns is what the table returns adds up to"
ONE_NUMBER = "A measure has one number in a cell, whichever indicator gives it"
ROUNDED = "Every count that is given is rounded"
NOT_SMALL = "No count that is given is small: it is 0 or large enough"
NOT_SUBMITTED = "The status is not_submitted exactly where no return is in effect"
AGREE = "The tables returns and return_status count the same returns"
DAY_TOLD = "The day on which a return that counts came is told exactly where one counts"
IN_EFFECT = "One is in effect exactly where not all that were received were rejected"
NO_MORE = "Those in effect and those rejected are no more than were received"
WHOLE = "Every number of returns is a whole one from 0 up"
GIVEN = "Every row of {} has its {}"
BETWEEN = "Where a figure should be by now lies between baseline and target"
COUNTED = "Every gap is of an indicator that is no count"
GROUP_SHOWN = "Every gap's figure of a group is a shown one"
WHOLE_SHOWN = "Every gap's figure of everyone is a shown one"
NO_CHANGE = "No change of a gap is told without that of a year before"
RETURNS_SAME = "The returns of coverage are those of published_indicators"
COVERED = "Every figure of a system, authority or place that lacks a return is covered"


def _lost(table: str, column: str, change: Change, *also: str) -> Break:
    return Break(table, GIVEN.format(table, column), change, also)


BREAKS = [
    # published_indicators
    Break(P, "The table published_indicators has exactly its columns, in their order",
          lambda t: setattr(t, P, t.published_indicators.assign(notes="x"))),
    Break(P, "The table published_indicators is not empty", no_rows(P), (DUE,)),
    _lost(P, "release_id", on("release_id", None)),
    # A row that does not say what it is about is not the row that is due.
    _lost(P, "indicator_id", on("indicator_id", None, indicator_id="exercise"), DUE),
    _lost(P, "domain", on("domain", None), "Every domain is the catalogue's"),
    _lost(P, "period_type", on("period_type", None), DUE),
    _lost(P, "period_start", on("period_start", None), DUE),
    _lost(P, "area_type", on("area_type", None),
          DUE, "Every area is one of areas, or a provider of returns"),
    _lost(P, "area_code", on("area_code", None),
          DUE, "Every area is one of areas, or a provider of returns"),
    _lost(P, "breakdown_type", on("breakdown_type", None),
          DUE, "No indicator is broken down in a way that the catalogue does not give it"),
    _lost(P, "breakdown_value", on("breakdown_value", None),
          "Every group is one of its breakdown's"),
    _lost(P, "status", on("status", None),
          *(f"Where the status is not shown, there is no {column}"
            for column in ("numerator", "value", "lower_ci", "upper_ci"))),
    _lost(P, "is_provisional", on("is_provisional", None)),
    _lost(P, "returns_expected", on("returns_expected", None)),
    _lost(P, "returns_in_effect", on("returns_in_effect", None)),
    Break(P, "No indicator has two rows for the same cell", again(P, area_code="QPM")),
    Break(P, "Every row is of this release", on("release_id", "r1")),
    Break(P, "Every indicator_id of published_indicators is a known one",
          on("indicator_id", "weather", indicator_id="exercise"), (DUE,)),
    Break(P, "Every period_type of published_indicators is a known one",
          on("period_type", "fortnight", breakdown_type="gender"), (DUE,)),
    Break(P, "Every area_type of published_indicators is a known one",
          on("area_type", "galaxy", area_code="NOR"),
          (DUE, "Every area is one of areas, or a provider of returns")),
    Break(P, "Every breakdown_type of published_indicators is a known one",
          on("breakdown_type", "shoe_size", breakdown_type="gender"),
          ("No indicator is broken down in a way that the catalogue does not give it",)),
    Break(P, "Every status of published_indicators is a known one",
          on("status", "hidden", indicator_id="readmitted", area_code="AB01")),
    Break(P, "Every is_provisional of published_indicators is a known one",
          on("is_provisional", "perhaps")),
    Break(P, "Every domain is the catalogue's", on("domain", "health", indicator_id="contacts")),
    Break(P, "No indicator is broken down in a way that the catalogue does not give it",
          all_of(on("breakdown_type", "gender", indicator_id="unit_cost"),
                 on("breakdown_value", "1", indicator_id="unit_cost", breakdown_type="gender")),
          (DUE, ONE_NUMBER)),
    Break(P, "Every group is one of its breakdown's",
          on("breakdown_value", "7", breakdown_type="gender", breakdown_value="1")),
    Break(P, "Every period starts on a day on which periods of its kind begin",
          on("period_start", date(2024, 5, 2), breakdown_type="gender"), (DUE,)),
    Break(P, "Every area is one of areas, or a provider of returns",
          everywhere("areas", area_code="ELSEWHERE"), (DUE,)),
    Break(P, DUE, without(P, indicator_id="exercise", area_code="QPM", period_start="2024-05-01")),
    Break(P, "The published catalogue has each indicator once, and no other",
          again("catalogue", indicator_id="exercise")),
    Break(P, "The published catalogue gives each indicator its statistic, and measures there are",
          put("catalogue", "numerator", "unheard_of", indicator_id="admitted")),
    Break(P, "No more returns are in effect than were expected",
          lambda t: setattr(t, P, t.published_indicators.assign(
              returns_in_effect=t.published_indicators["returns_in_effect"].where(
                  t.published_indicators["area_code"] != "QPM", 9)))),
    Break(P, NOT_SUBMITTED,
          on("status", "not_submitted", indicator_id="readmitted", area_code="AB01")),
    Break(P, SAME, on("returns_expected", 3)),
    Break(P, ADDS_UP, lambda t: setattr(t, P, t.published_indicators.assign(
        returns_expected=t.published_indicators["returns_expected"].where(
            t.published_indicators["area_code"] != "AB01", 5)))),
    Break(P, "Every number is a finite number, or nothing",
          on("upper_ci", "many", indicator_id="contacts"),
          ("Every interval has both its limits, or neither",)),
    *(Break(P, f"Where the status is not shown, there is no {column}",
            on(column, 25, indicator_id="readmitted", area_code="AB01"),
            ("Every interval has both its limits, or neither",) if "_ci" in column else ())
      for column in ("numerator", "value", "lower_ci", "upper_ci")),
    Break(P, "Where the status is shown, there is a numerator",
          on("numerator", None, indicator_id="exercise")),
    Break(P, "Where the status is shown, there is a value",
          on("value", None, indicator_id="exercise")),
    Break(P, "Where the status is shown, all but counts have a denominator",
          on("denominator", None, indicator_id="exercise")),
    Break(P, "No count has a denominator", on("denominator", 100, indicator_id="contacts")),
    Break(P, NOT_SMALL, on("denominator", 4, indicator_id="readmitted", area_code="AB01"),
          (ROUNDED,)),
    Break(P, ROUNDED, on("denominator", 12, indicator_id="readmitted", area_code="AB01")),
    Break(P, "Every sum of pounds that is given is rounded",
          all_of(on("numerator", 5050, indicator_id="unit_cost"),
                 on("value", 50.5, indicator_id="unit_cost"))),
    Break(P, "No figure is shown on a denominator below the least allowed",
          all_of(*(on(column, value, indicator_id="readmitted")
                   for column, value in (("numerator", 10), ("denominator", 15),
                                         ("value", 200 / 3), ("lower_ci", 50))))),
    Break(P, "The status is low_base only below the least denominator",
          on("denominator", 20, indicator_id="readmitted", area_code="AB01")),
    Break(P, "The status is no_cases only where there are none",
          on("denominator", 5, indicator_id="readmitted", area_code="NOR",
             period_start="2024-04-01")),
    Break(P, ONE_NUMBER,
          all_of(on("denominator", 40, indicator_id="admitted"),
                 on("value", 25, indicator_id="admitted"),
                 on("upper_ci", 30, indicator_id="admitted"))),
    Break(P, "A count that is suppressed is not given by another indicator of the same cell",
          on("denominator", 10, indicator_id="unit_cost", area_code="AB01",
             period_type="quarter", period_start="2024-04-01")),
    Break(P, VALUE, on("value", 51, indicator_id="exercise")),
    Break(P, "Every proportion lies from 0 to 100, unless its numerator exceeds its denominator",
          on("value", -1, indicator_id="exercise"), (VALUE, AROUND)),
    Break(P, "Where a proportion has an interval, its numerator is within its denominator",
          all_of(on("lower_ci", 90, indicator_id="readmitted", area_code="NOR"),
                 on("upper_ci", 130, indicator_id="readmitted", area_code="NOR")),
          ("No interval goes below 0, nor a proportion's above 100",)),
    Break(P, "Every interval has both its limits, or neither",
          on("lower_ci", None, indicator_id="exercise")),
    Break(P, AROUND, on("lower_ci", 51, indicator_id="exercise")),
    Break(P, "No interval goes below 0, nor a proportion's above 100",
          on("lower_ci", -1, indicator_id="admitted")),
    Break(P, "No ratio has an interval",
          all_of(on("lower_ci", 40, indicator_id="unit_cost"),
                 on("upper_ci", 60, indicator_id="unit_cost"))),
    Break(P, "Every shown count, rate and proportion has the interval that it can have",
          all_of(on("lower_ci", None, indicator_id="exercise"),
                 on("upper_ci", None, indicator_id="exercise"))),
    # return_status
    Break(S, "The table return_status has exactly its columns, in their order",
          lambda t: setattr(t, S, t.return_status[STATUS_COLUMNS[::-1]])),
    Break(S, "The table return_status is not empty", no_rows(S)),
    _lost(S, "provider_code", put(S, "provider_code", None, state="rejected")),
    _lost(S, "state", put(S, "state", None, state="rejected")),
    Break(S, "Every state of return_status is a known one",
          put(S, "state", "pending", state="rejected")),
    Break(S, "A provider has at most one return in effect for a month",
          put(S, "state", "in_effect", state="superseded")),
    Break(S, "Every return that was accepted has a month and a submission number",
          put(S, "submission_no", None, state="in_effect", source_name="may.zip")),
    Break(S, "Every return that came says when it came and from what file",
          put(S, "source_name", "", state="rejected")),
    Break(S, "A return that never came has no submission number",
          put(S, "submission_no", 1, state="missing")),
    Break(S, "A return that never came has no file and no rows",
          put(S, "rows_received", 10, state="missing")),
    Break(S, "A return is missing at most once, and never beside one that was accepted",
          again(S, state="missing")),
    Break(S, "Every superseded return has one with a higher number in effect",
          put(S, "submission_no", 3, state="superseded")),
    Break(S, "Every number of return_status is a number, or nothing",
          put(S, "warnings", "some", state="in_effect")),
    Break(S, "No return has more rows excluded than received",
          put(S, "rows_excluded", 200, state="superseded")),
    Break(S, "No return has rows_received below 0",
          put(S, "rows_received", -1, period="2024-05", state="rejected"),
          ("No return has more rows excluded than received",)),
    Break(S, "No return has rows_excluded below 0", put(S, "rows_excluded", -1, state="rejected")),
    Break(S, "No return has warnings below 0", put(S, "warnings", -1, state="rejected")),
    # validation_failures
    Break(F, "The table validation_failures has exactly its columns, in their order",
          lambda t: setattr(t, F, t.validation_failures.drop(columns="field")),
          tuple(sentence for sentence in sentences(F, FACTS)[1:])),
    *(_lost(F, column, put(F, column, None, rule="return.table.known"), *also)
      for column, also in (("provider_code", ()), ("rule", ()),
                           ("severity", ("Every failure is as severe as its rule",)),
                           ("message", ()))),
    Break(F, "Every rule of validation_failures is a known one",
          put(F, "rule", "contacts.weather.wet", rule="contacts.contact_date.type")),
    Break(F, "Every severity of validation_failures is a known one",
          put(F, "severity", "dire", rule="return.table.known"),
          ("Every failure is as severe as its rule",)),
    Break(F, "Every failure is as severe as its rule",
          put(F, "severity", "info", rule="return.table.known")),
    Break(F, "No failure of a rule about personal data keeps the value that was found",
          put(F, "value", "Jo, 07700 900123", rule="narratives.text.personal_data")),
    Break(F, "Every row number is that of a row",
          put(F, "row_number", 0, rule="contacts.contact_date.type")),
    # returns
    Break(R, "The table returns has exactly its columns, in their order",
          lambda t: setattr(t, R, t.returns.assign(late=0))),
    Break(R, "The table returns is not empty", no_rows(R), (AGREE,)),
    _lost(R, "provider_code", put(R, "provider_code", None), AGREE),
    _lost(R, "period", put(R, "period", None), AGREE),
    Break(R, "The table returns has each month once", again(R, period="2024-05"), (AGREE,)),
    Break(R, WHOLE, put(R, "expected", 0.5, provider_code="BR02", period="2024-04"), (AGREE,)),
    Break(R, "At most one return of a provider and month is expected, and one in effect",
          put(R, "expected", 2, period="2024-05")),
    Break(R, "No return is in effect that was not expected",
          put(R, "expected", 0, period="2024-05")),
    Break(R, NO_MORE, put(R, "rejected", 2, period="2024-05", provider_code="BR02"),
          (IN_EFFECT, AGREE)),
    Break(R, IN_EFFECT, put(R, "in_effect", 0, provider_code="AB01"), (AGREE, DAY_TOLD)),
    Break(R, DAY_TOLD,
          put(R, "counting_came_on", None, provider_code="AB01")),
    Break(R, AGREE, put(R, "received", 3, provider_code="AB01")),
    # reconciliation
    Break("reconciliation", "The table reconciliation has exactly its columns, in their order",
          lambda t: setattr(t, "reconciliation", t.reconciliation.assign(why="x"))),
    Break("reconciliation", "The table reconciliation is not empty", no_rows("reconciliation")),
    _lost("reconciliation", "what", put("reconciliation", "what", None)),
    _lost("reconciliation", "expected", put("reconciliation", "expected", None),
          "Every count that two places hold is the same in both"),
    _lost("reconciliation", "found", put("reconciliation", "found", None),
          "Every count that two places hold is the same in both"),
    Break("reconciliation", "Nothing is reconciled twice", everywhere("reconciliation", what="x")),
    Break("reconciliation", "Every count that two places hold is the same in both",
          put("reconciliation", "found", 119)),
    # narratives
    Break(N, "The table narratives has exactly its columns, in their order",
          lambda t: setattr(t, N, t.narratives.assign(provider_name="x"))),
    _lost(N, "release_id", put(N, "release_id", None)),
    _lost(N, "narrative", put(N, "narrative", None)),
    _lost(N, "domain", put(N, "domain", None)),
    _lost(N, "kind", put(N, "kind", None)),
    _lost(N, "period", put(N, "period", None)),
    _lost(N, "area_type", put(N, "area_type", None), AUTHORITY),
    _lost(N, "area_code", put(N, "area_code", None), AUTHORITY),
    _lost(N, "text", put(N, "text", None), "Every narrative has words"),
    Break(N, "Every narrative is of this release", put(N, "release_id", "r1")),
    Break(N, "No two narratives have one number", everywhere(N, narrative=1)),
    Break(N, "Every domain of narratives is a known one", put(N, "domain", "weather")),
    Break(N, "Every kind of narratives is a known one", put(N, "kind", "rumour")),
    Break(N, AUTHORITY, everywhere(N, area_type="place", area_code="NOR")),
    Break(N, "Every narrative is told for a month, and for no day",
          put(N, "period", "2024-04-03"), (IN_A_MONTH,)),
    Break(N, IN_A_MONTH, put(N, "period", "2024-06")),
    Break(N, "Every narrative has words", put(N, "text", " \n")),
    Break(N, "No narrative is longer than the standard lets it be", put(N, "text", "a" * 51)),
    Break(N, "No narrative holds characters that are not seen", put(N, "text", "a\u202eb")),
    Break(N, "No narrative holds what the standard calls personal data",
          put(N, "text", "Write to jo@example.org.")),
    # change_since_last_release
    Break("change_since_last_release",
          "Where many figures were shown, no more than half of them are gone",
          lambda t: setattr(t, "previous", pd.concat([t.previous] * 300))),
    Break("change_since_last_release", "The newest period is no older than it was",
          without(P, period_start="2024-05-01")),
    Break("change_since_last_release",
          "No indicator of the catalogue that had figures has none now",
          without(P, indicator_id="readmitted")),
    Break("change_since_last_release",
          "No provider or other area that had figures has none now",
          without(P, area_code="BR02")),
    # disclosure_audit
    Break(AUDIT, "The table disclosure_audit has exactly its columns, in their order",
          everywhere(AUDIT, why="x")),
    *(_lost(AUDIT, column, put(AUDIT, column, None), *also) for column, also in (
        ("subject", ()), ("financial_year", ()), ("shown_before", ()),
        ("hidden_counts", (ALL_AUDITED,)), ("audited_counts", (ALL_AUDITED,)),
        ("suppressed_further", ()), ("exposed_counts", (NONE_EXPOSED,)), ("told_before", ()))),
    Break(AUDIT, "The audit looks at each count and year once", again(AUDIT, subject="exercisers")),
    Break(AUDIT, ALL_AUDITED, put(AUDIT, "audited_counts", 11)),
    Break(AUDIT, NONE_EXPOSED, put(AUDIT, "exposed_counts", 1)),
    Break(AUDIT, "Of every hidden small count as many counts remain possible as the policy asks",
          put(AUDIT, "narrowest_range", 2)),
    Break(AUDIT, "The audit hides no more counts than were shown before it",
          put(AUDIT, "suppressed_further", 41)),
    # comparisons
    Break(COMPARED, "The table comparisons has exactly its columns, in their order",
          everywhere(COMPARED, numerator=5)),
    *(_lost(COMPARED, column, cell(COMPARED, column, None), *also) for column, also in (
        ("release_id", ()), ("indicator_id", (FIGURE, SYSTEMS, COMPARED_DUE)),
        ("period_type", (FIGURE, SYSTEMS, COMPARED_DUE)),
        ("period_start", (FIGURE, SYSTEMS, COMPARED_DUE)),
        ("area_type", (FIGURE, COMPARED_DUE)), ("area_code", (FIGURE, COMPARED_DUE)),
        ("comparison", ()), ("sentence", ()))),
    Break(COMPARED, "No figure is compared twice", again(COMPARED, area_code="NOR")),
    Break(COMPARED, "Every row of comparisons is of this release",
          cell(COMPARED, "release_id", "r1")),
    Break(COMPARED, "Every comparison of comparisons is a known one",
          cell(COMPARED, "comparison", "best")),
    # A hidden figure's value, from wherever it may come.
    Break(COMPARED, FIGURE,
          cell(COMPARED, "value", 50, area_code="AB01", period_start="2024-04-01")),
    Break(COMPARED, SYSTEMS, cell(COMPARED, "benchmark_value", 51)),
    Break(COMPARED, "Where no value is compared, there is no interval",
          cell(COMPARED, "upper_ci_998", 60, period_start="2024-04-01")),
    Break(COMPARED, HOLDS, cell(COMPARED, "lower_ci_998", 48)),
    Break(COMPARED, NOTHING, cell(COMPARED, "comparison", "worse", indicator_id="unit_cost")),
    Break(COMPARED, COMPARED_DUE, without(COMPARED, area_code="NOR", indicator_id="exercise")),
    # funnels
    Break(FUNNEL, "The table funnels has exactly its columns, in their order",
          everywhere(FUNNEL, numerator=5)),
    *(_lost(FUNNEL, column, cell(FUNNEL, column, None), *also) for column, also in (
        ("release_id", ()), ("indicator_id", (IN_FUNNEL, AROUND_SYSTEM)),
        ("period_type", (IN_FUNNEL, AROUND_SYSTEM)), ("period_start", (IN_FUNNEL, AROUND_SYSTEM)),
        ("area_type", (IN_FUNNEL,)), ("area_code", (IN_FUNNEL,)), ("denominator", (IN_FUNNEL,)),
        ("value", (IN_FUNNEL,)), ("benchmark_value", (AROUND_SYSTEM,)), ("lower_limit_998", ()),
        ("lower_limit", ()), ("upper_limit", ()), ("upper_limit_998", ()), ("position", (LIES,)))),
    Break(FUNNEL, "No provider stands twice in a funnel", again(FUNNEL, area_code="AB01")),
    Break(FUNNEL, "Every row of funnels is of this release", cell(FUNNEL, "release_id", "r1")),
    Break(FUNNEL, "Every position of funnels is a known one", cell(FUNNEL, "position", "out"),
          (LIES,)),
    Break(FUNNEL, IN_FUNNEL, cell(FUNNEL, "period_start", "2024-04-01")),
    Break(FUNNEL, AROUND_SYSTEM, cell(FUNNEL, "benchmark_value", 51)),
    Break(FUNNEL, "The control limits of every provider are in their order",
          cell(FUNNEL, "upper_limit_998", 55)),
    Break(FUNNEL, LIES, cell(FUNNEL, "position", "above_95")),
    # funnel_limits
    Break(CURVE, "The table funnel_limits has exactly its columns, in their order",
          everywhere(CURVE, area_code="AB01")),
    *(_lost(CURVE, column, cell(CURVE, column, None), *also) for column, also in (
        ("release_id", ()), ("indicator_id", (CURVE_AROUND, REACHES)),
        ("period_type", (CURVE_AROUND, REACHES)), ("period_start", (CURVE_AROUND, REACHES)),
        ("benchmark_area_code", (CURVE_AROUND, REACHES)), ("denominator", (REACHES,)),
        ("benchmark_value", (CURVE_AROUND,)), ("lower_limit_998", ()), ("lower_limit", ()),
        ("upper_limit", ()), ("upper_limit_998", ()))),
    Break(CURVE, "No funnel has two limits at one denominator", again(CURVE, period_type="month")),
    Break(CURVE, "Every row of funnel_limits is of this release", cell(CURVE, "release_id", "r1")),
    Break(CURVE, CURVE_AROUND, cell(CURVE, "benchmark_value", 51)),
    Break(CURVE, "The control limits along every funnel are in their order",
          cell(CURVE, "lower_limit", 70)),
    Break(CURVE, REACHES, cell(CURVE, "denominator", 45)),
    # changes
    Break(CHART, "The table changes has exactly its columns, in their order",
          everywhere(CHART, numerator=5)),
    *(_lost(CHART, column, cell(CHART, column, None), *also) for column, also in (
        ("release_id", ()), ("indicator_id", (CHARTED,)), ("area_type", (CHARTED,)),
        ("area_code", (CHARTED,)), ("period_start", (CHARTED,)),
        ("status", (CHARTED, "Nothing is told of a month that is hidden", FOUR_SIGNS)),
        ("is_provisional", ()), ("phase", ()), ("points_in_phase", ()), ("is_trial", ()))),
    Break(CHART, "No month stands twice on a chart", again(CHART, area_code="AB01")),
    Break(CHART, "Every row of changes is of this release", cell(CHART, "release_id", "r1")),
    Break(CHART, "Every variation of changes is a known one", cell(CHART, "variation", "odd")),
    Break(CHART, "Every no_verdict_reason of changes is a known one",
          cell(CHART, "no_verdict_reason", "tired", indicator_id="exercise")),
    Break(CHART, CHARTED, cell(CHART, "value", 105)),
    Break(CHART, "Nothing is told of a month that is hidden",
          cell(CHART, "moving_range", 5, indicator_id="exercise", period_start="2024-04-01")),
    Break(CHART, "The mean of every phase lies between its limits", cell(CHART, "mean", 130)),
    Break(CHART, OR_A_REASON, cell(CHART, "no_verdict_reason", "small_numbers")),
    Break(CHART, FOUR_SIGNS, cell(CHART, "is_shift", None)),
    # change_verdicts
    Break(VERDICT, "The table change_verdicts has exactly its columns, in their order",
          everywhere(VERDICT, value=5)),
    *(_lost(VERDICT, column, cell(VERDICT, column, None), *also) for column, also in (
        ("release_id", ()),
        *((column, ("No verdict speaks of a month that is hidden", EACH_SERIES))
          for column in ("indicator_id", "area_type", "area_code")),
        ("months", ()), ("months_shown", ()), ("verdict", (ITS_REASON,)), ("reason", (ITS_REASON,)),
        ("is_trial", ()), ("sentence", ()))),
    Break(VERDICT, "No series has two verdicts", again(VERDICT, area_code="AB01")),
    Break(VERDICT, "Every row of change_verdicts is of this release",
          cell(VERDICT, "release_id", "r1")),
    Break(VERDICT, "Every verdict of change_verdicts is a known one",
          cell(VERDICT, "verdict", "dreadful"), (ITS_REASON,)),
    Break(VERDICT, "Every reason of change_verdicts is a known one",
          cell(VERDICT, "reason", "weather"), (ITS_REASON,)),
    Break(VERDICT, "No verdict speaks of a month that is hidden",
          cell(VERDICT, "latest_month", "2024-04-01", indicator_id="exercise")),
    Break(VERDICT, "No verdict counts more months shown than there are",
          cell(VERDICT, "months_shown", 3)),
    Break(VERDICT, ITS_REASON, cell(VERDICT, "reason", "too_few_points")),
    Break(VERDICT, EACH_SERIES, without(VERDICT, area_code="AB01", indicator_id="exercise")),
    # targets
    Break(T, "The table targets has exactly its columns, in their order",
          lambda t: setattr(t, T, t.targets.assign(notes="x"))),
    _lost(T, "line", put(T, "line", None, line=3)),
    _lost(T, "judgement", put(T, "judgement", None, line=2)),
    _lost(T, "sentence", put(T, "sentence", None, line=3)),
    Break(T, "Every line of targets has one row", again(T, line=3)),
    Break(T, "Every judgement of targets is a known one", put(T, "judgement", "fine", line=2)),
    Break(T, "Every number of a target is one, or nothing", put(T, "target_value", "ten", line=2),
          (BETWEEN,)),
    Break(T, "Every target that is not refused says what, where and by when",
          put(T, "due_date", None, line=2)),
    Break(T, "Every target's indicator is one of the catalogue",
          put(T, "indicator_id", "weather", line=3)),
    Break(T, "Every baseline is a shown figure of its period",
          put(T, "baseline_value", 49.0, line=2)),
    Break(T, "Every figure beside a target is a shown one, its interval too",
          put(T, "upper_ci", 56.0, line=2)),
    Break(T, "Every interval of a target lies around its figure",
          put(T, "lower_ci", None, line=2)),
    Break(T, "No target is judged without a figure",
          all_of(put(T, "judgement", "met", line=2),
                 *(put(T, name, None, line=2) for name in ("current_value", "lower_ci", "upper_ci"))
                 )),
    Break(T, "No refused target has a figure", put(T, "expected_now", 51.0, line=3), (BETWEEN,)),
    Break(T, BETWEEN, put(T, "expected_now", 61.0, line=2)),
    # inequalities
    Break(G, "The table inequalities has exactly its columns, in their order",
          lambda t: setattr(t, G, t.inequalities.assign(notes="x"))),
    _lost(G, "indicator_id", put(G, "indicator_id", None),
          COUNTED, GROUP_SHOWN, WHOLE_SHOWN),
    *(_lost(G, name, put(G, name, None), GROUP_SHOWN, WHOLE_SHOWN)
      for name in ("period_type", "period_start", "area_type", "area_code")),
    *(_lost(G, name, put(G, name, None), GROUP_SHOWN)
      for name in ("breakdown_type", "breakdown_value")),
    _lost(G, "gap_change", put(G, "gap_change", None), NO_CHANGE),
    _lost(G, "sentence", put(G, "sentence", None)),
    Break(G, "Every group of a cell has one gap", again(G, area_code="QPM")),
    Break(G, "Every gap_change of inequalities is a known one", put(G, "gap_change", "huge"),
          (NO_CHANGE,)),
    Break(G, "Every number of a gap is one, or nothing", put(G, "gap_year_before", "ten")),
    Break(G, COUNTED,
          all_of(put(G, "indicator_id", "contacts"),
                 put(G, "whole_value", 100.0), put(G, "absolute_gap", -40.0),
                 put(G, "gap_lower", -50.0), put(G, "gap_upper", -30.0),
                 put(G, "gap_holds_zero", False),
                 put(G, "ratio", 0.6), put(G, "ratio_lower", 0.5))),
    # The group's figure of May, which is hidden there.
    Break(G, GROUP_SHOWN,
          on("status", "suppressed", indicator_id="exercise", breakdown_type="gender")),
    Break(G, WHOLE_SHOWN, on("status", "suppressed", indicator_id="exercise")),
    Break(G, "Every gap is the difference of its two figures", put(G, "absolute_gap", 11.0)),
    Break(G, "Every ratio is the quotient of its two figures", put(G, "ratio", 1.3)),
    Break(G, "Every interval of a gap lies around it", put(G, "gap_upper", 9.0)),
    Break(G, "Every interval of a ratio lies around it", put(G, "ratio_lower", 1.3)),
    Break(G, "Whether a gap's interval holds 0 is said as its limits say",
          put(G, "gap_holds_zero", False)),
    Break(G, "Every gap of a year before is that of a row of that time",
          put(G, "gap_year_before", 3.0)),
    Break(G, NO_CHANGE, put(G, "gap_change", "widening")),
    # coverage
    Break(C, "The table coverage has exactly its columns, in their order",
          lambda t: setattr(t, C, t.coverage.assign(notes="x"))),
    *(_lost(C, name, put(C, name, None),
            "Every figure of coverage is a shown one", RETURNS_SAME, COVERED)
      for name in ("indicator_id", "period_type", "period_start", "area_type", "area_code")),
    _lost(C, "providers_missing", put(C, "providers_missing", None)),
    _lost(C, "finding", put(C, "finding", None, finding="months_do_not_add_up")),
    _lost(C, "sentence", put(C, "sentence", None)),
    Break(C, "Every figure is covered once", again(C, period_type="month")),
    Break(C, "Every finding of coverage is a known one",
          put(C, "finding", "unknown", finding="months_do_not_add_up")),
    Break(C, "Every number of coverage is one, or nothing",
          put(C, "shift", "ten", finding="months_do_not_add_up")),
    Break(C, "Every figure of coverage is a shown one",
          on("status", "suppressed", indicator_id="exercise", period_start="2024-04-01")),
    Break(C, RETURNS_SAME, all_of(put(C, "returns_expected", 3), put(C, "returns_missing", 2))),
    Break(C, "As many returns are missing as were expected and do not count",
          put(C, "returns_missing", 2)),
    Break(C, "Where a figure could move to is given exactly where it can be told",
          put(C, "finding", "told", finding="months_do_not_add_up")),
    Break(C, "Every shift is the difference it would make", put(C, "shift", 2.0, finding="told")),
    Break(C, COVERED, without(C, indicator_id="exercise", period_type="month")),
    # revisions
    Break(V, "The table revisions has exactly its columns, in their order",
          lambda t: setattr(t, V, t.revisions.assign(notes="x"))),
    *(_lost(V, name, put(V, name, None)) for name in ("release_id", "since_release")),
    _lost(V, "kind", put(V, "kind", None), KIND),
    _lost(V, "cause", put(V, "cause", None)),
    Break(V, "Every figure is revised once", again(V, kind="added")),
    Break(V, "Every kind of revisions is a known one", put(V, "kind", "mended"), (KIND,)),
    Break(V, "Every cause of revisions is a known one", put(V, "cause", "magic")),
    Break(V, KIND, put(V, "kind", "added", kind="changed")),
    Break(V, OF_NOW, put(V, "value_after", 55.0, value_before=40.0)),
    Break(V, OF_BEFORE, put(V, "value_before", 45.0, value_before=40.0)),
    Break(V, "Of a figure that is not shown now, nothing is told from before",
          all_of(put(V, "status_before", "shown", area_code="AB01"),
                 put(V, "value_before", 50.0, area_code="AB01"))),
    Break(V, "Nothing is told from before that could give away a figure which is hidden now",
          all_of(put(V, "status_before", "shown", cause="late_return"),
                 put(V, "value_before", 90.0, cause="late_return"))),
    Break(V, TOLD, without(V, kind="removed")),
    # nothing_personal
    Break("nothing_personal",
          "No published column is named like the identifier of a person or of their records",
          everywhere("areas", ward="x")),
    Break("nothing_personal", "No published text holds a link key",
          put("catalogue", "definition", f"As for {LINK_KEY}.")),
    Break("nothing_personal", "No published text holds a valid NHS number",
          put("areas", "area_name", f"Home of {NHS_NUMBER}")),
]  # fmt: skip


@pytest.mark.parametrize("suite", check_names())
def test_correct_tables_pass(suite: str) -> None:
    assert refused(suite, correct_tables()) == set()
    assert refused(suite, as_read(correct_tables())) == set()


Asking = Callable[[str, Callable[[Check], bool]], None]


@pytest.fixture
def ask_only(monkeypatch: pytest.MonkeyPatch) -> Asking:
    """Leaves out of a suite all but some of its checks; those of its columns stay."""

    def leave(name: str, wanted: Callable[[Check], bool]) -> None:
        def fewer(suite: Suite) -> Suite:
            return replace(suite, checks=lambda facts: list(filter(wanted, suite.checks(facts))))

        left = [fewer(suite) if suite.name == name else suite for suite in SUITES]
        monkeypatch.setattr(running, "SUITES", left)

    return leave


def broken_promises(name: str, tables: SimpleNamespace) -> set[str]:
    """The expectations of a suite that look for a column that is nowhere true, and is."""
    suite = next(suite for suite in SUITES if suite.name == name)
    frames = suite.frames(GateTables(**vars(tables)), FACTS)
    return {
        check.sentence
        for check in suite.checks(FACTS)
        if check.arguments.get("value_set") == [False]
        and frames[check.frame][check.arguments["column"]].any()
    }


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: f"{broken.suite}: {broken.sentence}")
def test_one_thing_that_is_wrong_is_refused_by_its_expectation(
    broken: Break, ask_only: Asking
) -> None:
    tables = correct_tables()
    broken.change(tables)
    expected = {broken.sentence, *broken.also}
    # Great Expectations takes a second for all of them, and they are many.
    ask_only(broken.suite, lambda check: check.sentence in expected)
    results = judge(broken.suite, as_read(tables))
    assert {each.expectation for each in results if not each.success} == expected
    if not any(each.found.startswith("not judged") for each in results):
        promises = broken_promises(broken.suite, tables)
        assert promises <= expected
        assert broken_promises(broken.suite, as_read(tables)) == promises


def test_every_expectation_is_broken_once_by_these_tests() -> None:
    every = [(suite, sentence) for suite in check_names() for sentence in sentences(suite, FACTS)]
    assert [(broken.suite, broken.sentence) for broken in BREAKS] == every


def test_no_two_expectations_read_alike() -> None:
    every = [sentence for suite in check_names() for sentence in sentences(suite, FACTS)]
    assert len(every) == len(set(every))


def test_a_refusal_says_how_many_and_what_but_quotes_no_cell() -> None:
    tables = correct_tables()
    put("reconciliation", "found", 119)(tables)
    (told,) = [each for each in judge("reconciliation", tables) if not each.success]
    assert told.found == "1 of 2 counts (rows of contacts, lake and staging)"


def test_what_has_no_label_is_told_by_none() -> None:
    tables = correct_tables()
    put("previous", "area_code", None, area_code="QPM")(tables)
    told = {each.expectation: each.found for each in judge("change_since_last_release", tables)}
    assert told["No provider or other area that had figures has none now"].endswith("areas (none)")


def test_sums_of_pounds_may_differ_in_their_last_bits() -> None:
    tables = correct_tables()
    everywhere("reconciliation", expected=0.1 + 0.2, found=0.3)(tables)
    assert refused("reconciliation", tables) == set()


def test_the_first_release_passes_as_there_is_nothing_to_compare_it_with() -> None:
    tables = correct_tables()
    tables.previous = None
    results = judge("change_since_last_release", tables)
    assert [each.success for each in results] == [True] * 4
    assert {each.found for each in results} == {"not judged: there is no earlier release"}


def test_an_indicator_that_was_taken_out_of_the_catalogue_may_vanish() -> None:
    tables = correct_tables()
    put("previous", "indicator_id", "given_up", indicator_id="exercise")(tables)
    assert refused("change_since_last_release", tables) == set()


def test_a_table_that_another_suite_needs_and_that_lacks_a_column_is_refused() -> None:
    tables = correct_tables()
    tables.returns = tables.returns.drop(columns="in_effect")
    results = judge("published_indicators", tables)
    assert [each.success for each in results] == [True] + [False] * (len(results) - 1)
    assert results[1].found == "not judged: returns does not have the columns it takes"


def test_no_failures_at_all_may_be_published() -> None:
    tables = correct_tables()
    no_rows("validation_failures")(tables)
    assert refused("validation_failures", tables) == set()


def test_a_release_without_words_may_be_published() -> None:
    tables = correct_tables()
    no_rows("narratives")(tables)
    assert refused("narratives", tables) == set()


def test_frames_pass_whatever_way_they_hold_numbers_and_days() -> None:
    tables = correct_tables()
    published = tables.published_indicators
    tables.published_indicators = published.assign(
        numerator=published["numerator"].astype("Int64"),
        denominator=[None if pd.isna(n) else Decimal(int(n)) for n in published["denominator"]],
        value=published["value"].astype(object),
        period_start=pd.to_datetime(published["period_start"]).astype("datetime64[us]"),
        returns_expected=published["returns_expected"].astype("int8"),
    ).set_index(published.index * 0)
    tables.returns = tables.returns.assign(
        period=pd.to_datetime(tables.returns["period"]).dt.date,
        expected=tables.returns["expected"].astype("Int32"),
    )
    tables.catalogue = tables.catalogue.astype({"multiplier": str})
    tables.previous = tables.previous.astype({"period_start": str})
    for suite in check_names():
        assert refused(suite, tables) == set()


def test_a_stricter_policy_refuses_what_an_easier_one_let_pass() -> None:
    stricter = replace(
        FACTS, smallest_shown_count=20, rounding_base=10, least_denominator=30, pounds_base=1000
    )
    assert refused("published_indicators", correct_tables(), stricter) == {
        NOT_SMALL,
        ROUNDED,
        "No figure is shown on a denominator below the least allowed",
    }


@pytest.mark.parametrize(
    ("smallest", "base", "least"), [(5, 5, 5), (6, 5, 5), (8, 5, 10), (10, 5, 10), (3, 10, 10)]
)
def test_the_least_count_that_may_be_shown_is_the_smallest_one_rounded(
    smallest: int, base: int, least: int
) -> None:
    facts = replace(FACTS, smallest_shown_count=smallest, rounding_base=base)
    assert least_count(facts) == least


def ask_instead(monkeypatch: pytest.MonkeyPatch, expectation: str, **arguments: object) -> None:
    """Puts one check of another kind in the place of those of validation_failures."""
    check = Check("All is well", F, expectation, arguments)
    left = [
        replace(suite, checks=lambda _: [check]) if suite.name == F else suite for suite in SUITES
    ]
    monkeypatch.setattr(running, "SUITES", left)


def test_a_crash_within_an_expectation_raises_and_does_not_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask_instead(monkeypatch, "ExpectColumnValuesToNotBeNull", column="weather")
    with pytest.raises(GateError, match="could not judge 'All is well'"):
        judge(F, correct_tables())


def test_a_crash_within_an_expectation_does_not_quote_the_cell_it_crashed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A text is neither more nor less than a number.
    ask_instead(monkeypatch, "ExpectColumnValuesToBeBetween", column="message", min_value=1)
    tables = correct_tables()
    put(F, "message", "Jo Somebody")(tables)
    with pytest.raises(GateError, match=r"TypeError at .*, line \d+$") as raised:
        judge(F, tables)
    assert "Somebody" not in str(raised.value)


def test_a_crash_while_the_tables_are_laid_out_raises_and_does_not_refuse() -> None:
    facts = replace(FACTS, rounding_base=None)  # type: ignore[arg-type]
    with pytest.raises(GateError, match="could not be laid out"):
        judge(P, correct_tables(), facts)


def test_a_suite_that_there_is_not_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        judge("weather", correct_tables())
