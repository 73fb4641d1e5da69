"""What failed in a return, cell by cell, and the words that tell it in the file that goes back."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from expectations.standard import SEVERITIES
from orchestration.spreadsheets import safe_cell

# The column that is added to every table of a file that goes back.
PROBLEMS = "problems"
BETWEEN_PROBLEMS = " | "
# A cell of Excel holds 32,767 characters.
LONGEST_TEXT = 32_000
# What does not cost the row its place is said to be less than an error.
LESSER = {"warning": "warning: ", "info": "for information: "}

# White space of any kind, and characters that a workbook or a CSV file cannot hold.
NOT_PRINTED = re.compile("[\\s\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]+")


@dataclass(frozen=True)
class CellFailure:
    """A rule that a return fails, and where.

    row_number: the line of the CSV file on which the record begins, or the row of the sheet; None
    where the whole table, or (table_name None) the whole return, fails. field: the column, or None
    where the row as a whole fails. message: what was found and what was expected.
    """

    table_name: str | None
    row_number: int | None
    field: str | None
    rule: str
    severity: str
    message: str


def problem(failure: CellFailure) -> str:
    """One failure in words, on one line."""
    field = f"{failure.field}: " if failure.field else ""
    text = f"{LESSER.get(failure.severity, '')}{field}{failure.message}"
    return NOT_PRINTED.sub(" ", text).strip()


def problems(failures: Iterable[CellFailure], between: str = BETWEEN_PROBLEMS) -> str:
    """Failures in words, the gravest first, each said once; safe to stand in a spreadsheet."""
    graver: dict[str, int] = {severity: rank for rank, severity in enumerate(SEVERITIES)}
    ordered = sorted(failures, key=lambda f: (graver.get(f.severity, len(graver)), f.field or ""))
    text = safe_cell(between.join(dict.fromkeys(map(problem, ordered))))
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "..."


def problems_by_row(failures: Iterable[CellFailure]) -> dict[int, str]:
    """The words for each row that has a failure."""
    rows: dict[int, list[CellFailure]] = defaultdict(list)
    for failure in failures:
        if failure.row_number is not None:
            rows[failure.row_number].append(failure)
    return {row: problems(of_row) for row, of_row in rows.items()}
