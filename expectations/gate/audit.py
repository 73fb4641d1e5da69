"""What is expected of the audit's own account: every hidden small count was looked at, and none of
them can be worked out."""

from __future__ import annotations

from pandas import DataFrame

from expectations.gate.checks import Check, Suite, given, never, unique
from expectations.gate.frames import numbers
from expectations.gate.interface import GateFacts, GateTables

AUDIT = "disclosure_audit"
COLUMNS = (
    "subject", "financial_year", "shown_before", "hidden_counts", "audited_counts",
    "suppressed_further", "exposed_counts", "told_before", "narrowest_range", "sums_hold",
)  # fmt: skip
# Where nothing was audited, there is no range either; the check of the numbers audited tells that.
ALWAYS = tuple(column for column in COLUMNS if column not in ("narrowest_range", "sums_hold"))


def _frames(tables: GateTables, facts: GateFacts) -> dict[str, DataFrame]:
    rows = tables.disclosure_audit.reset_index(drop=True)
    hidden, audited = numbers(rows["hidden_counts"]), numbers(rows["audited_counts"])
    narrowest = numbers(rows["narrowest_range"])
    return {
        AUDIT: rows.assign(
            not_all_are_audited=hidden != audited,
            some_are_exposed=numbers(rows["exposed_counts"]) != 0,
            is_too_narrow=narrowest < facts.least_possible_counts,
            more_hidden_than_shown=numbers(rows["suppressed_further"])
            > numbers(rows["shown_before"]),
        )
    }


def _checks(_: GateFacts) -> list[Check]:
    about = {"counted": "counts of people in a year", "naming": "subject"}
    return [
        *given(ALWAYS, AUDIT),
        unique(("subject", "financial_year"), "The audit looks at each count and year once", AUDIT),
        never(
            "not_all_are_audited",
            "Every hidden small count was held against everything that is published",
            AUDIT,
            **about,
        ),
        never(
            "some_are_exposed",
            "No hidden small count can be worked out that could have been protected",
            AUDIT,
            **about,
        ),
        never(
            "is_too_narrow",
            "Of every hidden small count as many counts remain possible as the policy asks",
            AUDIT,
            **about,
        ),
        never(
            "more_hidden_than_shown",
            "The audit hides no more counts than were shown before it",
            AUDIT,
            **about,
        ),
    ]


SUITE = Suite(
    AUDIT,
    _checks,
    _frames,
    table=AUDIT,
    columns=lambda _: COLUMNS,
    needs={AUDIT: COLUMNS},
)
