"""pandera, on the rules of contacts that it has a check for: see `benchmarks.frames`."""

from __future__ import annotations

from pathlib import Path

import pandera.pandas as pa

from benchmarks.frames import (
    CODED,
    DATE,
    IDENTIFIER,
    MONTH_END,
    MONTH_START,
    NUMBER,
    REQUIRED,
    codes,
    read_contacts,
    read_episode_ids,
)
from benchmarks.measure import Findings, run

# What pandera calls its own two checks.
OWN = {"not_nullable": "required", "field_uniqueness": "key"}


def judge(folder: Path) -> Findings:
    """Judges the contacts of the return in `folder`."""
    contacts = read_contacts(folder)
    checks: dict[str, list[pa.Check]] = {
        "contact_id": [pa.Check.str_matches(IDENTIFIER, error="contact_id.type")],
        "episode_id": [
            pa.Check.str_matches(IDENTIFIER, error="episode_id.type"),
            pa.Check.isin(set(read_episode_ids(folder)), error="episode_id.reference"),
        ],
        "contact_date": [
            pa.Check.str_matches(DATE, error="contact_date.type"),
        ],
        "duration_minutes": [pa.Check.str_matches(NUMBER, error="duration_minutes.type")],
    } | {column: [pa.Check.isin(codes(column), error=f"{column}.code")] for column in CODED}
    columns = {
        column: pa.Column(
            str,
            found,
            nullable=column not in REQUIRED,
            unique=column == "contact_id",
            report_duplicates="exclude_first",
        )
        for column, found in checks.items()
    }
    columns["day"] = pa.Column(
        checks=pa.Check.in_range(MONTH_START, MONTH_END, error="contact_date.in_period"),
        nullable=True,
    )
    columns["minutes"] = pa.Column(
        checks=pa.Check.in_range(0, 1440, error="duration_minutes.range"), nullable=True
    )
    try:
        pa.DataFrameSchema(columns).validate(contacts, lazy=True)
    except pa.errors.SchemaErrors as failed:
        counts = failed.failure_cases.groupby(["column", "check"]).size()
        return Findings(
            {
                f"contacts.{column}.{OWN[check]}" if check in OWN else f"contacts.{check}": int(n)
                for (column, check), n in counts.items()
            }
        )
    return Findings({})


if __name__ == "__main__":
    run(judge)
