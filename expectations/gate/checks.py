"""What a check and a suite are, and the checks that every table needs.

Here belongs what all suites share. What is expected of which table stands in `suites` and, for the
tables that are made from published_indicators, in `derived` and `goals`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pandas import DataFrame

from expectations.gate.interface import GateFacts, GateTables

EXACT_COLUMNS = "ExpectTableColumnsToMatchOrderedList"


@dataclass(frozen=True)
class Check:
    """One expectation: the name of a Great Expectations class and what it is given.

    `where` limits it to the rows in which a column is (`==`) or is not (`!=`) a value. `counted` is
    what a row of the frame is, for people. `naming` is a column of the frame whose values may be
    told where the column that the check looks at is true: labels only, nothing about people.
    """

    sentence: str
    frame: str
    expectation: str
    arguments: Mapping[str, Any]
    where: tuple[str, str, Any] | None = None
    counted: str = "rows"
    naming: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the frame that the check looks at."""
        given = self.arguments
        named = [given[key] for key in ("column", "column_A", "column_B") if key in given]
        named += list(given.get("column_list", ()))
        named += [self.where[0]] if self.where else []
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True)
class Suite:
    """A group of checks that stands or falls as one.

    `table` is the table whose columns must be exactly those of `columns`; None where the suite has
    no table of its own. `needs` are the columns without which it cannot be judged, by table.
    `frames` lays out the tables, by the names that the checks use; those of `frames_of_rows` hold
    the rows that are given of published_indicators, which may not be all. `nothing_to_judge` gives
    the reason, where there is one, for passing the suite unjudged.
    """

    name: str
    checks: Callable[[GateFacts], list[Check]]
    frames: Callable[[GateTables, GateFacts], dict[str, DataFrame]]
    table: str | None = None
    columns: Callable[[GateFacts], tuple[str, ...]] = lambda _: ()
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    nothing_to_judge: Callable[[GateTables], str | None] = lambda _: None
    frames_of_rows: frozenset[str] = frozenset()

    def column_check(self, facts: GateFacts) -> Check | None:
        """The check of the table's own columns, which comes before all others."""
        if self.table is None:
            return None
        return Check(
            f"The table {self.table} has exactly its columns, in their order",
            "columns",
            EXACT_COLUMNS,
            {"column_list": list(self.columns(facts))},
        )


def derived_suite(
    name: str,
    checks: Callable[[GateFacts], list[Check]],
    frames: Callable[[GateTables, GateFacts], dict[str, DataFrame]],
    needs: Mapping[str, tuple[str, ...]],
    frames_of_rows: frozenset[str] = frozenset(),
) -> Suite:
    """The suite of a table that is derived from published figures; both have one name."""
    return Suite(
        name,
        checks,
        frames,
        table=name,
        columns=lambda facts: facts.derived_columns[name],
        needs=needs,
        frames_of_rows=frames_of_rows,
    )


def never(column: str, sentence: str, frame: str, **more: Any) -> Check:
    """No row has that column true."""
    return Check(
        sentence,
        frame,
        "ExpectColumnValuesToBeInSet",
        {"column": column, "value_set": [False]},
        **more,
    )


def given(columns: Iterable[str], frame: str) -> list[Check]:
    """Each of the columns has something in every row."""
    return [
        Check(
            f"Every row of {frame} has its {column}",
            frame,
            "ExpectColumnValuesToNotBeNull",
            {"column": column},
        )
        for column in columns
    ]


def known(column: str, values: Iterable[object], frame: str) -> Check:
    """The column holds nothing but those values."""
    return Check(
        f"Every {column} of {frame} is a known one",
        frame,
        "ExpectColumnValuesToBeInSet",
        {"column": column, "value_set": list(values)},
    )


def some(frame: str) -> Check:
    return Check(
        f"The table {frame} is not empty", frame, "ExpectTableRowCountToBeBetween", {"min_value": 1}
    )


def unique(columns: Iterable[str], sentence: str, frame: str, **more: Any) -> Check:
    return Check(
        sentence,
        frame,
        "ExpectCompoundColumnsToBeUnique",
        {"column_list": list(columns), "ignore_row_if": "never"},
        **more,
    )


def at_least(larger: str, smaller: str, sentence: str, frame: str) -> Check:
    return Check(
        sentence,
        frame,
        "ExpectColumnPairValuesAToBeGreaterThanB",
        {
            "column_A": larger,
            "column_B": smaller,
            "or_equal": True,
            "ignore_row_if": "either_value_is_missing",
        },
    )
