"""What is expected of the revisions: each figure that differs from the last release is there, and
nothing is told from before of what is hidden now, nor what it could be worked out from.

As in `frames`, a broken promise is a column that is true.
"""

from __future__ import annotations

import numpy as np
from pandas import DataFrame, Series

from expectations.gate.checks import Check, Suite, derived_suite, given, known, never, unique
from expectations.gate.frames import CELL, TOLERANCE, absent, days, numbers
from expectations.gate.interface import GateFacts, GateTables

PUBLISHED = "published_indicators"
REVISIONS = "revisions"
KINDS = ("added", "changed", "removed")
FIGURE = ["indicator_id", *CELL]
NEEDED = (*FIGURE, "status", "value")


def _figures(rows: DataFrame) -> DataFrame:
    return DataFrame(
        {
            **{column: rows[column] for column in FIGURE},
            "period_start": days(rows["period_start"]),
            "status": rows["status"],
            "value": numbers(rows["value"]),
        }
    ).drop_duplicates(FIGURE)


def _both(tables: GateTables) -> DataFrame:
    """Every figure of either release, with its status and value in both and whether they differ."""
    then = tables.previous if tables.previous is not None else tables.published_indicators.head(0)
    both = _figures(then).merge(
        _figures(tables.published_indicators),
        on=FIGURE,
        how="outer",
        suffixes=("_then", "_now"),
        indicator=True,
    )
    both["kind_due"] = both["_merge"].cat.rename_categories(
        {"left_only": "removed", "right_only": "added", "both": "changed"}
    )
    both["differs"] = (
        both["kind_due"].ne("changed")
        | both["status_then"].ne(both["status_now"])
        | _apart(both["value_then"], both["value_now"])
    )
    if tables.previous is None:
        both["differs"] = False
    return both


def _apart(here: Series, there: Series) -> Series:
    """True where one number is not the other; two gaps are alike."""
    differ = (here - there).abs().gt(TOLERANCE * np.maximum(1, there.abs()))
    return differ | (here.isna() != there.isna())


def _alike(here: Series, there: Series) -> Series:
    """True where one text is the other, or where both are absent."""
    return here.astype(object).fillna("").eq(there.astype(object).fillna(""))


def _beside(rows: DataFrame, hidden: DataFrame) -> Series:
    """True where a row is of an indicator and financial year of which something is hidden now: from
    one sum after another it might be worked out."""

    def year(frame: DataFrame) -> DataFrame:
        start = frame["period_start"]
        return frame[["indicator_id"]].assign(year=start.dt.year - start.dt.month.lt(4))

    found = year(rows).merge(year(hidden).drop_duplicates(), how="left", indicator=True)
    return found["_merge"].eq("both").set_axis(rows.index)


def _frames(tables: GateTables, _: GateFacts) -> dict[str, DataFrame]:
    rows = tables.revisions.reset_index(drop=True)
    rows = rows.assign(
        period_start=days(rows["period_start"]),
        value_before=numbers(rows["value_before"]),
        value_after=numbers(rows["value_after"]),
    )
    both = _both(tables)
    found = rows[FIGURE].merge(both, on=FIGURE, how="left").set_index(rows.index)
    told = ~absent(rows["status_before"]) | rows["value_before"].notna()
    rows["is_not_what_is_published"] = (
        ~_alike(rows["status_after"], found["status_now"])
        | _apart(rows["value_after"], found["value_now"])
    )  # fmt: skip
    rows["is_not_what_was_published"] = told & (
        rows["status_before"].ne(found["status_then"])
        | _apart(rows["value_before"], found["value_then"])
    )
    rows["kind_is_another"] = found["kind_due"].notna() & ~_alike(rows["kind"], found["kind_due"])
    rows["is_told_of_what_is_hidden"] = told & rows["status_after"].ne("shown")
    gone = both[both["status_then"].eq("shown") & both["status_now"].ne("shown")]
    rows["is_told_beside_what_is_hidden"] = (
        told & rows["status_after"].eq("shown") & _beside(rows, gone)
    )
    listed = rows[FIGURE].drop_duplicates().assign(is_listed=True)
    due = both.merge(listed, on=FIGURE, how="outer")
    due["is_listed"] = due["is_listed"].eq(True)
    due["differs"] = due["differs"].eq(True)
    due["is_wrongly_told"] = due["is_listed"] != due["differs"]
    return {REVISIONS: rows, "revisions_due": due[["indicator_id", "is_wrongly_told"]]}


def _checks(facts: GateFacts) -> list[Check]:
    at = REVISIONS
    return [
        *given(("release_id", "since_release", "kind", "cause"), at),
        unique(FIGURE, "Every figure is revised once", at),
        known("kind", KINDS, at),
        known("cause", facts.derived_codes["cause"], at),
        never(
            "kind_is_another", "A figure is added or removed just where one release lacks it", at
        ),
        never(
            "is_not_what_is_published",
            "What a revision says of now is what is published",
            at,
        ),
        never(
            "is_not_what_was_published",
            "What a revision says of before is what the last release says",
            at,
        ),
        never(
            "is_told_of_what_is_hidden",
            "Of a figure that is not shown now, nothing is told from before",
            at,
        ),
        never(
            "is_told_beside_what_is_hidden",
            "Nothing is told from before that could give away a figure which is hidden now",
            at,
        ),
        never(
            "is_wrongly_told",
            "Every figure that differs from the last release is told, and no other",
            "revisions_due",
            counted="figures",
            naming="indicator_id",
        ),
    ]


SUITE: Suite = derived_suite(
    REVISIONS,
    _checks,
    _frames,
    needs={PUBLISHED: NEEDED},
    # Of what is not given nothing differs and nothing is listed: see `GateTables.whole`.
    frames_of_rows=frozenset({"revisions_due"}),
)
