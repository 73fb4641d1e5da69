"""Judging a provider's returns of several months in a test, as a night does: history included."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb

from tests.return_files import REGISTRY, ReturnFiles
from tests.warehouse import lay_out_sources


class MonthFailure(NamedTuple):
    """One failure, with the month of the return that it was found in."""

    period: str
    submission_no: int
    rule: str
    table_name: str | None
    row_number: int | None
    field: str | None
    value: str | None
    message: str


def return_of_month(period: str, submission_no: int = 1) -> ReturnFiles:
    """The clean return of tests/return_files.py, of another month (`YYYY-MM`, not after May 2025):
    its events lie in that month, its states began before it."""
    files = ReturnFiles()
    files.set("return", 0, period=period, submission_no=str(submission_no))
    for table in ("contacts", "handovers", "case_reviews", "assessments", "outcomes", "narratives"):
        for row in files.tables[table]:
            row |= {column: cell.replace("2025-05", period) for column, cell in row.items()}
    for row in files.tables["episodes"]:
        row |= {"referral_date": "2024-12-01", "start_date": "2025-01-02"}
    files.set("admissions", 0, admitted_date=f"{period}-10", discharged_date=f"{period}-12")
    files.set("stays", 0, start_date="2025-01-03")
    return files


def judge_months(home: Path, returns: Mapping[str, ReturnFiles]) -> list[MonthFailure]:
    """Judges AB01's returns, by file name in the order in which they were received."""
    for number, (name, files) in enumerate(returns.items(), start=1):
        path = files.write_zip(home / "returns" / "AB01" / f"{name}.zip")
        os.utime(path, (number * 1_000, number * 1_000))
    return failures_of(home)


def failures_of(home: Path) -> list[MonthFailure]:
    """What the returns in `home` fail, by a night of its own."""
    settings = lay_out_sources(home / "returns", REGISTRY, home / "build", date(2025, 7, 1))
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select period, submission_no, rule, table_name, row_number, field, value, message "
            "from intake.failures order by all"
        ).fetchall()
    return [MonthFailure(*row) for row in rows]
