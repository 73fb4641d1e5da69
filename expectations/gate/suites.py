"""What is expected: the gate's suites, as data.

A check is a sentence, the frame it is about and the built-in expectation that puts it. Most look at
a column of a prepared frame (`frames`, `relations`) that is true where the promise is broken. The
sentence is the check's name: the operator reads it, and a test breaks each one.
"""

from __future__ import annotations

import pandas as pd
from pandas import DataFrame

from expectations.gate import (
    audit,
    derived,
    frames,
    goals,
    personal,
    relations,
    revisions,
    whole,
)
from expectations.gate.checks import Check, Suite
from expectations.gate.checks import at_least as _at_least
from expectations.gate.checks import given as _given
from expectations.gate.checks import known as _known
from expectations.gate.checks import never as _never
from expectations.gate.checks import some as _some
from expectations.gate.checks import unique as _unique
from expectations.gate.interface import GateFacts, GateTables

PUBLISHED = "published_indicators"
STATUS = "return_status"
FAILURES = "validation_failures"
RETURNS = "returns"
RECONCILED = "reconciliation"
NARRATIVES = "narratives"
CHANGE = "change_since_last_release"
PERSONAL = "nothing_personal"

CATALOGUE_COLUMNS = (
    "indicator_id",
    "domain",
    "statistic",
    "numerator",
    "denominator",
    "multiplier",
)
RETURNS_COLUMNS = (
    "provider_code",
    "period",
    "expected",
    "received",
    "in_effect",
    "rejected",
    "counting_came_on",
)
RECONCILIATION_COLUMNS = ("what", "expected", "found")
CHANGE_COLUMNS = ("indicator_id", "period_start", "area_type", "area_code", "status")
# All that is ever looked at of the last release.
PREVIOUS_COLUMNS = tuple(dict.fromkeys((*CHANGE_COLUMNS, *revisions.NEEDED)))


def _published_frames(tables: GateTables, facts: GateFacts) -> dict[str, DataFrame]:
    catalogue, returns, areas = tables.catalogue, tables.returns, tables.areas
    # Row labels that repeat would make one row's fault another's.
    rows = frames.published(tables.published_indicators.reset_index(drop=True), catalogue, facts)
    rows[["measure_differs", "hidden_measure_is_shown"]] = relations.measures(rows, catalogue)
    # What the tables areas and returns decide is asked of all periods and areas, whichever rows are
    # given: either may have changed though no figure has.
    places = whole.places(tables, rows)
    return {
        PUBLISHED: rows,
        "places": places.assign(
            area_is_unknown=relations.of_unknown_area(places, areas, returns),
            returns_are_not_those_of_returns=relations.with_returns(places, returns, facts),
        ),
        # By themselves, since a condition on rows costs as much as there are columns.
        "numbers": rows[["status", *frames.NUMBERS]],
        "completeness": relations.completeness(rows, places, returns, areas, facts),
        "catalogue": relations.catalogue(catalogue, facts),
    }


def _published_checks(facts: GateFacts) -> list[Check]:
    at = PUBLISHED
    hidden = [
        Check(
            f"Where the status is not shown, there is no {column}",
            "numbers",
            "ExpectColumnValuesToBeNull",
            {"column": column},
            where=("status", "!=", "shown"),
        )
        for column in ("numerator", "value", "lower_ci", "upper_ci")
    ]
    shown = [
        Check(
            f"Where the status is shown, there is a {column}",
            "numbers",
            "ExpectColumnValuesToNotBeNull",
            {"column": column},
            where=("status", "==", "shown"),
        )
        for column in ("numerator", "value")
    ]
    return [
        _some(at),
        *_given(
            ("release_id", "indicator_id", "domain", *frames.CELL, "status", "is_provisional"), at
        ),
        *_given(frames.RETURNS, at),
        _unique(("indicator_id", *frames.CELL), "No indicator has two rows for the same cell", at),
        # The release.
        Check(
            "Every row is of this release",
            at,
            "ExpectColumnValuesToBeInSet",
            {"column": "release_id", "value_set": [facts.release_id]},
        ),
        # The cell.
        _known("indicator_id", facts.indicator_statistics, at),
        _known("period_type", facts.period_types, at),
        _known("area_type", facts.area_types, at),
        _known("breakdown_type", facts.breakdown_values, at),
        _known("status", facts.statuses, at),
        _known("is_provisional", (True, False), at),
        _never("domain_is_not_the_catalogues", "Every domain is the catalogue's", at),
        _never(
            "breakdown_is_not_the_indicators",
            "No indicator is broken down in a way that the catalogue does not give it",
            at,
        ),
        _never("breakdown_value_is_unknown", "Every group is one of its breakdown's", at),
        _never(
            "period_does_not_begin_there",
            "Every period starts on a day on which periods of its kind begin",
            at,
        ),
        _never(
            "area_is_unknown",
            "Every area is one of areas, or a provider of returns",
            "places",
            counted="periods of areas",
        ),
        # Completeness.
        _never(
            "is_missing",
            "Every indicator has its row for everyone in each period and area it is due in",
            "completeness",
            counted="rows due",
            naming="indicator_id",
        ),
        _never(
            "is_not_there_once",
            "The published catalogue has each indicator once, and no other",
            "catalogue",
            counted="indicators",
            naming="indicator_id",
        ),
        _never(
            "says_otherwise",
            "The published catalogue gives each indicator its statistic, and measures there are",
            "catalogue",
            counted="indicators",
            naming="indicator_id",
        ),
        # The returns behind it.
        _at_least(
            "returns_expected",
            "returns_in_effect",
            "No more returns are in effect than were expected",
            at,
        ),
        _never(
            "not_submitted_and_returns_disagree",
            "The status is not_submitted exactly where no return is in effect",
            at,
        ),
        _never(
            "returns_differ_within_cell",
            "All rows of one period and area say the same of the returns behind them",
            at,
        ),
        _never(
            "returns_are_not_those_of_returns",
            "What a provider's rows say of its returns is what the table returns adds up to",
            "places",
            counted="periods of areas",
        ),
        # Which numbers there are.
        _never("holds_what_is_no_number", "Every number is a finite number, or nothing", at),
        *hidden,
        *shown,
        _never(
            "shown_without_denominator",
            "Where the status is shown, all but counts have a denominator",
            at,
        ),
        _never("count_has_denominator", "No count has a denominator", at),
        # Protection.
        _never(
            "count_is_too_small", "No count that is given is small: it is 0 or large enough", at
        ),
        _never("count_is_not_rounded", "Every count that is given is rounded", at),
        _never("pounds_are_not_rounded", "Every sum of pounds that is given is rounded", at),
        _never(
            "base_is_too_low", "No figure is shown on a denominator below the least allowed", at
        ),
        _never(
            "low_base_is_not_low", "The status is low_base only below the least denominator", at
        ),
        _never("no_cases_has_cases", "The status is no_cases only where there are none", at),
        _never(
            "measure_differs",
            "A measure has one number in a cell, whichever indicator gives it",
            at,
        ),
        _never(
            "hidden_measure_is_shown",
            "A count that is suppressed is not given by another indicator of the same cell",
            at,
        ),
        # The arithmetic.
        _never(
            "value_is_not_that_of_its_numbers",
            "Every value is that of the numerator and denominator beside it",
            at,
        ),
        _never(
            "proportion_is_out_of_range",
            "Every proportion lies from 0 to 100, unless its numerator exceeds its denominator",
            at,
        ),
        _never(
            "interval_though_numerator_exceeds",
            "Where a proportion has an interval, its numerator is within its denominator",
            at,
        ),
        _never("interval_is_half_given", "Every interval has both its limits, or neither", at),
        _never("interval_is_not_around_value", "Every interval lies around its value", at),
        _never(
            "interval_is_out_of_range",
            "No interval goes below 0, nor a proportion's above 100",
            at,
        ),
        _never("interval_for_a_ratio", "No ratio has an interval", at),
        _never(
            "interval_is_missing",
            "Every shown count, rate and proportion has the interval that it can have",
            at,
        ),
    ]


def _status_frames(tables: GateTables, _: GateFacts) -> dict[str, DataFrame]:
    return {STATUS: frames.return_status(tables.return_status.reset_index(drop=True))}


def _status_checks(facts: GateFacts) -> list[Check]:
    at = STATUS
    return [
        _some(at),
        *_given(("provider_code", "state"), at),
        _known("state", facts.states, at),
        _unique(
            ("provider_code", "period"),
            "A provider has at most one return in effect for a month",
            at,
            where=("state", "==", "in_effect"),
        ),
        _never(
            "accepted_without_particulars",
            "Every return that was accepted has a month and a submission number",
            at,
        ),
        _never(
            "came_from_nowhere", "Every return that came says when it came and from what file", at
        ),
        Check(
            "A return that never came has no submission number",
            at,
            "ExpectColumnValuesToBeNull",
            {"column": "submission_no"},
            where=("state", "==", "missing"),
        ),
        _never("missing_has_particulars", "A return that never came has no file and no rows", at),
        _never(
            "missing_though_it_came",
            "A return is missing at most once, and never beside one that was accepted",
            at,
        ),
        _never(
            "superseded_by_nothing",
            "Every superseded return has one with a higher number in effect",
            at,
        ),
        _never(
            "holds_what_is_no_number", "Every number of return_status is a number, or nothing", at
        ),
        _at_least(
            "rows_received", "rows_excluded", "No return has more rows excluded than received", at
        ),
        *(
            Check(
                f"No return has {column} below 0",
                at,
                "ExpectColumnValuesToBeBetween",
                {"column": column, "min_value": 0},
            )
            for column in ("rows_received", "rows_excluded", "warnings")
        ),
    ]


def _failures_frames(tables: GateTables, facts: GateFacts) -> dict[str, DataFrame]:
    rows = tables.validation_failures.reset_index(drop=True)
    return {FAILURES: frames.validation_failures(rows, facts)}


def _failures_checks(facts: GateFacts) -> list[Check]:
    at = FAILURES
    return [
        *_given(("provider_code", "rule", "severity", "message"), at),
        _known("rule", facts.rule_severities, at),
        _known("severity", facts.severities, at),
        _never("severity_is_not_the_rules", "Every failure is as severe as its rule", at),
        _never(
            "personal_value_is_kept",
            "No failure of a rule about personal data keeps the value that was found",
            at,
        ),
        _never("row_number_is_no_row", "Every row number is that of a row", at),
    ]


def _returns_frames(tables: GateTables, _: GateFacts) -> dict[str, DataFrame]:
    rows = frames.returns(tables.returns.reset_index(drop=True))
    return {
        RETURNS: rows,
        "agreement": relations.returns_and_status(
            rows, tables.return_status.reset_index(drop=True)
        ),
    }


def _returns_checks(_: GateFacts) -> list[Check]:
    at = RETURNS
    return [
        _some(at),
        *_given(("provider_code", "period"), at),
        _unique(("provider_code", "period"), "The table returns has each month once", at),
        _never("count_is_no_whole_number", "Every number of returns is a whole one from 0 up", at),
        _never(
            "more_than_one_counts",
            "At most one return of a provider and month is expected, and one in effect",
            at,
        ),
        _at_least("expected", "in_effect", "No return is in effect that was not expected", at),
        _never(
            "more_counted_than_received",
            "Those in effect and those rejected are no more than were received",
            at,
        ),
        _never(
            "accepted_and_in_effect_disagree",
            "One is in effect exactly where not all that were received were rejected",
            at,
        ),
        _never(
            "day_and_in_effect_disagree",
            "The day on which a return that counts came is told exactly where one counts",
            at,
        ),
        _never(
            "differs",
            "The tables returns and return_status count the same returns",
            "agreement",
            counted="months of providers",
            naming="provider_code",
        ),
    ]


def _reconciliation_frames(tables: GateTables, _: GateFacts) -> dict[str, DataFrame]:
    return {RECONCILED: frames.reconciliation(tables.reconciliation.reset_index(drop=True))}


def _reconciliation_checks(_: GateFacts) -> list[Check]:
    at = RECONCILED
    return [
        _some(at),
        *_given(RECONCILIATION_COLUMNS, at),
        Check(
            "Nothing is reconciled twice", at, "ExpectColumnValuesToBeUnique", {"column": "what"}
        ),
        _never(
            "differs",
            "Every count that two places hold is the same in both",
            at,
            counted="counts",
            naming="what",
        ),
    ]


def _narratives_frames(tables: GateTables, facts: GateFacts) -> dict[str, DataFrame]:
    rows = tables.narratives.reset_index(drop=True)
    return {NARRATIVES: frames.narratives(rows, tables.areas, tables.returns, facts)}


def _narratives_checks(facts: GateFacts) -> list[Check]:
    at = NARRATIVES
    return [
        *_given(facts.narratives_columns, at),
        Check(
            "Every narrative is of this release",
            at,
            "ExpectColumnValuesToBeInSet",
            {"column": "release_id", "value_set": [facts.release_id]},
        ),
        Check(
            "No two narratives have one number",
            at,
            "ExpectColumnValuesToBeUnique",
            {"column": "narrative"},
        ),
        _known("domain", facts.domains, at),
        _known("kind", facts.narrative_kinds, at),
        _never(
            "area_is_no_local_authority",
            "Every narrative is told for a local authority, and for nothing smaller",
            at,
        ),
        Check(
            "Every narrative is told for a month, and for no day",
            at,
            "ExpectColumnValuesToMatchRegex",
            {"column": "period", "regex": r"^[0-9]{4}-(?:0[1-9]|1[0-2])$"},
        ),
        _never("month_has_no_return", "Every narrative is of a month with a return in effect", at),
        _never("text_is_blank", "Every narrative has words", at),
        _never("text_is_too_long", "No narrative is longer than the standard lets it be", at),
        _never("holds_hidden_characters", "No narrative holds characters that are not seen", at),
        _never(
            "holds_personal_data",
            "No narrative holds what the standard calls personal data",
            at,
        ),
    ]


def _change_frames(tables: GateTables, facts: GateFacts) -> dict[str, DataFrame]:
    if tables.previous is None:  # `nothing_to_judge` has seen to it
        return {}
    now, then = whole.counts_now(tables), whole.counts_then(tables, tables.previous)
    indicators = relations.vanished(now, then, ["indicator_id"])
    # To take an indicator out of the catalogue is a decision, and not a loss.
    kept = indicators["indicator_id"].isin(list(facts.indicator_statistics))
    return {
        "releases": relations.shown_then_and_now(now, then),
        "indicators": indicators[kept],
        "areas": relations.vanished(now, then, ["area_type", "area_code"]),
    }


def _change_checks(_: GateFacts) -> list[Check]:
    return [
        _at_least(
            "shown_now",
            "half_of_shown_then",
            "Where many figures were shown, no more than half of them are gone",
            "releases",
        ),
        _never("newest_is_older", "The newest period is no older than it was", "releases"),
        _never(
            "has_vanished",
            "No indicator of the catalogue that had figures has none now",
            "indicators",
            counted="indicators",
            naming="indicator_id",
        ),
        _never(
            "has_vanished",
            "No provider or other area that had figures has none now",
            "areas",
            counted="areas",
            naming="area_code",
        ),
    ]


def _personal_frames(tables: GateTables, facts: GateFacts) -> dict[str, DataFrame]:
    public = {
        PUBLISHED: tables.published_indicators,
        RETURNS: tables.returns,
        "catalogue": tables.catalogue,
        "areas": tables.areas,
        **{
            table: getattr(tables, table)
            for table in (*derived.TABLES, *goals.TABLES, revisions.REVISIONS)
        },
        NARRATIVES: tables.narratives,
    }
    columns = DataFrame(
        [(f"{name}.{column}", str(column)) for name, frame in public.items() for column in frame],
        columns=["where", "column"],
    )
    columns["is_like_an_identifier"] = [
        personal.is_like_an_identifier(each, facts.identifier_columns) for each in columns["column"]
    ]
    others = {name: frame for name, frame in public.items() if name != PUBLISHED}
    texts = pd.concat(
        [
            whole.texts(tables),
            *(
                personal.distinct_texts(frame, name, whole.NOT_LOOKED_INTO)
                for name, frame in others.items()
            ),
        ],
        ignore_index=True,
    )
    return {
        "columns_published": columns.drop(columns="column"),
        # The texts themselves go no further than this.
        "texts_published": DataFrame(
            {
                "where": texts["where"],
                "holds_a_link_key": personal.holds_link_key(texts["text"]),
                "holds_an_nhs_number": personal.holds_nhs_number(texts["text"]),
            }
        ),
    }


def _personal_checks(_: GateFacts) -> list[Check]:
    return [
        _never(
            "is_like_an_identifier",
            "No published column is named like the identifier of a person or of their records",
            "columns_published",
            counted="columns",
            naming="where",
        ),
        _never(
            "holds_a_link_key",
            "No published text holds a link key",
            "texts_published",
            counted="different texts",
            naming="where",
        ),
        _never(
            "holds_an_nhs_number",
            "No published text holds a valid NHS number",
            "texts_published",
            counted="different texts",
            naming="where",
        ),
    ]


SUITES: tuple[Suite, ...] = (
    Suite(
        PUBLISHED,
        _published_checks,
        _published_frames,
        table=PUBLISHED,
        columns=lambda facts: facts.published_columns,
        needs={
            RETURNS: RETURNS_COLUMNS,
            "catalogue": CATALOGUE_COLUMNS,
            "areas": ("area_type", "area_code"),
        },
        frames_of_rows=frozenset({PUBLISHED, "numbers"}),
    ),
    Suite(
        STATUS,
        _status_checks,
        _status_frames,
        table=STATUS,
        columns=lambda facts: facts.return_status_columns,
    ),
    Suite(
        FAILURES,
        _failures_checks,
        _failures_frames,
        table=FAILURES,
        columns=lambda facts: facts.validation_failures_columns,
    ),
    Suite(
        RETURNS,
        _returns_checks,
        _returns_frames,
        table=RETURNS,
        columns=lambda facts: facts.returns_columns,
        needs={STATUS: ("provider_code", "period", "state")},
    ),
    Suite(
        RECONCILED,
        _reconciliation_checks,
        _reconciliation_frames,
        table=RECONCILED,
        columns=lambda _: RECONCILIATION_COLUMNS,
    ),
    Suite(
        NARRATIVES,
        _narratives_checks,
        _narratives_frames,
        table=NARRATIVES,
        columns=lambda facts: facts.narratives_columns,
        needs={
            "areas": ("area_type", "area_code"),
            RETURNS: ("period", "in_effect"),
        },
    ),
    Suite(
        CHANGE,
        _change_checks,
        _change_frames,
        needs={PUBLISHED: CHANGE_COLUMNS, "previous": CHANGE_COLUMNS},
        nothing_to_judge=lambda tables: (
            "not judged: there is no earlier release" if tables.previous is None else None
        ),
    ),
    audit.SUITE,
    *derived.SUITES,
    *goals.SUITES,
    revisions.SUITE,
    Suite(PERSONAL, _personal_checks, _personal_frames),
)
