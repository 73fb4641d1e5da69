"""A warehouse of given tables, and a release of others that the gate let through: what a refresh
leaves, without a refresh."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pandas as pd
from duckdb import DuckDBPyConnection

from expectations.rules.sql import literal, name
from orchestration import release_store
from orchestration.publish import before_the_gate, changed_rows
from orchestration.publish.before_the_gate import DERIVED, LET_THROUGH
from orchestration.release_store import NOTE, KeptRelease
from orchestration.settings import Settings
from orchestration.transform.warehouse import read

# Each frame of the gate, by the table of the warehouse that it is read from.
TABLES = {
    **{frame: f"published_{frame}" for frame in (*DERIVED, "returns", "areas", "catalogue")},
    "published_indicators": "published_indicators",
    "narratives": "published_narratives",
    **{
        table: table
        for table in ("return_status", "validation_failures", "reconciliation", "disclosure_audit")
    },
}
KINDS = {
    **dict.fromkeys(before_the_gate.REPEATED_TEXTS, "varchar"),
    **dict.fromkeys(("numerator", "denominator", *changed_rows.RETURNS), "bigint"),
    **dict.fromkeys(("value", "lower_ci", "upper_ci"), "double"),
    "period_start": "date",
    "is_provisional": "boolean",
}


def write_warehouse(settings: Settings, tables: SimpleNamespace, release_id: str = "r2") -> None:
    """The warehouse of these tables, none but those of the gate."""
    settings.build.mkdir(exist_ok=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create schema marts; create schema intake")
        connection.execute(
            f"create table intake.refresh as select {literal(release_id)} as release_id"
        )
        for frame in TABLES:
            write_table(connection, frame, getattr(tables, frame))


def rewrite(settings: Settings, frame: str, rows: pd.DataFrame) -> None:
    """Puts other rows into one table of the warehouse."""
    with duckdb.connect(str(settings.warehouse)) as connection:
        write_table(connection, frame, rows)


def write_table(connection: DuckDBPyConnection, frame: str, rows: pd.DataFrame) -> None:
    connection.execute(
        f"create or replace table marts.{TABLES[frame]} as {_typed(connection, frame, rows)}"
    )


def put_up_release(settings: Settings, rows: pd.DataFrame, release_id: str = "r1") -> None:
    """The release of these rows of published_indicators, put up, with the note of a gate that let
    it through."""
    kept = settings.releases / release_id
    file = kept / "public" / "data" / "indicators.parquet"
    file.parent.mkdir(parents=True)
    with read(settings.warehouse) as connection:
        source = _typed(connection, "published_indicators", rows)
        connection.execute(f"copy ({source}) to {literal(str(file))} (format parquet)")
        note = {
            "release_id": release_id,
            "tables": "those of that night",
            "judged_by": before_the_gate._judged_by(connection),
            "rows": changed_rows.digest(connection, f"read_parquet({literal(str(file))})"),
        }
    (kept / LET_THROUGH).write_text(json.dumps(note))
    release = KeptRelease(release_id, date(2026, 4, 15), datetime(2026, 4, 16, tzinfo=UTC))
    (kept / NOTE).write_text(release.note())
    release_store.put_up(settings, release_id)


def note_beside(settings: Settings) -> Path:
    """The gate's note of the release that is up."""
    return settings.public.resolve().parent / LET_THROUGH


def _typed(connection: DuckDBPyConnection, frame: str, rows: pd.DataFrame) -> str:
    """A query of the rows, each column of the type it has in a warehouse; one that holds something
    else as text."""
    handed_over = f"handed_over_{frame}"
    connection.register(handed_over, rows.assign(**{c: _readable(rows[c]) for c in rows}))
    columns = []
    for column in rows.columns:
        kind = KINDS.get(column)
        cast = f"cast({name(column)} as {kind}) as {name(column)}" if kind else name(column)
        try:
            connection.execute(f"select {cast} from {handed_over}").fetchall()
        except duckdb.ConversionException:
            cast = f"cast({name(column)} as varchar) as {name(column)}"
        columns.append(cast)
    return f"select {', '.join(columns)} from {handed_over}"


def _readable(values: pd.Series) -> pd.Series:
    """The values as they are, or as texts where they are of several kinds."""
    kinds = {type(value) for value in values.dropna()}
    if str in kinds and len(kinds) > 1:
        return values.map(lambda value: None if pd.isna(value) else str(value)).astype(object)
    return values
