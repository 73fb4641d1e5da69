"""The warehouse's sources: what dbt reads, laid out as plain tables and views.

The rows of the lake are kept in the warehouse from one night to the next: only the files of
judgements that are new are read, and the rows of those that no longer stand are dropped. So what a
night costs here grows with what came, and not with how many files the lake has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.rules.conversions import SQL_TYPE
from expectations.rules.sql import literals, name
from expectations.standard import Registry, Standard, Table
from orchestration.intake.history import histories, history_file, warnings_by_history
from orchestration.intake.lake import Receipt, lake_file, number_failure
from orchestration.registry_goals import Goals
from orchestration.release_store import told_counts
from orchestration.rows import insert_rows
from orchestration.settings import Settings
from orchestration.transform import warehouse
from orchestration.transform.kept_models import KEPT_BY_AREA, PUT_BY, PUT_BY_FOR_AREAS, UNITS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# As many Parquet files are opened by one statement.
FILES_AT_ONCE = 2000
FAILURES_SQL = """
create or replace table intake.failures (
    judgement_id varchar, provider_code varchar, period varchar, submission_no integer,
    source_name varchar, table_name varchar, row_number bigint, field varchar, rule varchar,
    severity varchar, value varchar, message varchar
)
"""


def write_sources(
    settings: Settings,
    standard: Standard,
    registry: Registry,
    goals: Goals,
    receipts: Sequence[Receipt],
    refused: set[str],
    release_id: str,
) -> None:
    """Writes the schemas `lake`, `intake` and `registry` of the warehouse anew.

    `refused` are the return_ids of submissions whose number another file has taken.
    """
    settings.build.mkdir(parents=True, exist_ok=True)
    with warehouse.connect(settings) as connection:
        for schema in ("lake", "lake_rows", "intake", "registry", "marts"):
            connection.execute(f"create schema if not exists {schema}")
        last_night = _last_release(connection)
        loaded = _loaded(connection)
        standing = [r for r in receipts if r.accepted and r.return_id not in refused]
        new = [r for r in standing if r.judgement_id not in loaded]
        _write_intake(connection, settings, standard, receipts, refused, loaded, release_id)
        for table in standard.tables.values():
            files = [lake_file(settings.lake, table.name, receipt) for receipt in new]
            load_rows(connection, table, [path for path in files if path.exists()])
        _keep_last_rows(connection)
        # What the last night told is known from its own table only where that is whole.
        told_by = last_night if _keep_areas(connection) else None
        _write_last_told(connection, settings, told_by)
        _write_registry(connection, registry)
        _write_goals(connection, goals)


def _loaded(connection: DuckDBPyConnection) -> set[str]:
    """The judgements whose rows the warehouse has from the night before."""
    if not _is_there(connection, "intake", "submissions"):
        return set()
    accepted = "select judgement_id from intake.submissions where is_accepted"
    return {judgement_id for (judgement_id,) in connection.execute(accepted).fetchall()}


def _is_there(connection: DuckDBPyConnection, schema: str, table: str) -> bool:
    found = connection.execute(
        "select 1 from duckdb_tables() where schema_name = ? and table_name = ?", [schema, table]
    )
    return bool(found.fetchall())


def load_rows(connection: DuckDBPyConnection, table: Table, files: Sequence[Path]) -> None:
    """Brings the warehouse's rows of one table of the lake up to date: drops those of judgements
    that do not stand, adds those of `files`, and lays out `lake.<table>`, in which each row has the
    provider, month and number of its submission.
    """
    fields = [(name(field.name), SQL_TYPE[field.type]) for field in table.fields]
    columns = [("judgement_id", "varchar"), ("row_number", "bigint"), *fields]
    kept = f"lake_rows.{name(table.name)}"
    typed = ", ".join(f"{column} {kind}" for column, kind in columns)
    connection.execute(f"create table if not exists {kept} ({typed})")
    connection.execute(
        f"delete from {kept} where judgement_id not in "
        "(select judgement_id from intake.submissions where is_accepted)"
    )
    for begin in range(0, len(files), FILES_AT_ONCE):
        some = files[begin : begin + FILES_AT_ONCE]
        wanted = ", ".join(column for column, _ in columns)
        paths = literals(str(path) for path in some)
        # What the folders are called, above the lake too, is left out of account.
        connection.execute(
            f"insert into {kept} select {wanted} "
            f"from read_parquet([{paths}], hive_partitioning = false) "
            "where judgement_id in (select judgement_id from intake.submissions where is_accepted)"
        )
    own = {field.name for field in table.fields}
    submission = ", ".join(
        f"submissions.{column}"
        for column in ("provider_code", "period", "submission_no")
        if column not in own
    )
    connection.execute(
        f"create or replace view lake.{name(table.name)} as "
        f"select rows_sent.*{', ' + submission if submission else ''} from {kept} as rows_sent "
        "inner join intake.submissions as submissions using (judgement_id)"
    )


def _keep_last_rows(connection: DuckDBPyConnection) -> None:
    """Puts by what the last night's cells were computed from, for dbt to see what has changed.

    Where dbt computed nothing since this was done before, what was put by then is what was computed
    last, and what is there since somebody had dbt make it by hand is not.
    """
    if not _is_there(connection, "intake", "computing"):
        return
    connection.execute("drop table intake.computing")
    for model in PUT_BY:
        _put_by(connection, model)
    if _is_there(connection, "intermediate", UNITS):
        # Without rows yet, it tells dbt that there was a last night.
        connection.execute(
            f"create or replace table intermediate.last_{UNITS} as "
            f"from intermediate.{UNITS} limit 0"
        )


def _put_by(connection: DuckDBPyConnection, model: str) -> None:
    """Gives a model's table the name of the last night's; none is older than that."""
    connection.execute(f"drop table if exists intermediate.last_{model}")
    if _is_there(connection, "intermediate", model):
        connection.execute(f"alter table intermediate.{model} rename to last_{model}")


def _keep_areas(connection: DuckDBPyConnection) -> bool:
    """Puts by what tells dbt of which areas and years anything has changed, if all tables that are
    kept but for these are what the last night made: each was made once since its sources were laid
    out, and is there. Else dbt is told of no last night. Says which.
    """
    made: list[tuple[str, int]] = []
    if _is_there(connection, "intake", "made"):
        made = connection.execute(
            "select model, count(*) from intake.made group by model"
        ).fetchall()
    there = [*(("intermediate", model) for model in PUT_BY_FOR_AREAS), *KEPT_BY_AREA]
    are_whole = sorted(made) == sorted((model, 1) for _, model in there) and all(
        _is_there(connection, schema, model) for schema, model in there
    )
    for model in PUT_BY_FOR_AREAS:
        _put_by(connection, model)
        if not are_whole:
            connection.execute(f"drop table if exists intermediate.last_{model}")
    connection.execute("create or replace table intake.made (model varchar)")
    return are_whole


def _write_intake(
    connection: DuckDBPyConnection,
    settings: Settings,
    standard: Standard,
    receipts: Sequence[Receipt],
    refused: set[str],
    loaded: set[str],
    release_id: str,
) -> None:
    connection.execute("create or replace table intake.refresh (release_id varchar, as_at date)")
    connection.execute("insert into intake.refresh values (?, ?)", [release_id, settings.as_at])
    connection.execute(
        "create or replace table intake.submissions (judgement_id varchar, provider_code varchar, "
        "period varchar, submission_no integer, source_name varchar, received_at timestamp, "
        "is_accepted boolean, is_new boolean, names_another boolean, rows_received bigint, "
        "rows_excluded bigint, warnings bigint)"
    )
    known = warnings_by_history(settings.ledger)
    by_history = {one.receipt.return_id: one.history_id for one in histories(receipts, refused)}
    warnings = {return_id: known[history] for return_id, history in by_history.items()}
    rows = [
        (
            r.judgement_id, r.provider_code, r.period, r.submission_no, r.source_name,
            _utc(r.received_at), r.accepted and r.return_id not in refused,
            r.judgement_id not in loaded, r.names_another, r.rows_received, r.rows_excluded,
            r.warnings + warnings.get(r.return_id, 0),
        )
        for r in receipts
    ]  # fmt: skip
    insert_rows(connection, "intake.submissions", rows)
    connection.execute(
        "create or replace table intake.table_rows (judgement_id varchar, table_name varchar, "
        "rows_received bigint, rows_excluded bigint)"
    )
    counts = [
        (r.judgement_id, table, received, excluded)
        for r in receipts
        for table, (received, excluded) in r.rows_by_table.items()
    ]
    insert_rows(connection, "intake.table_rows", counts)
    connection.execute(FAILURES_SQL)
    paths = [settings.ledger / "failures" / f"{r.judgement_id}.parquet" for r in receipts]
    paths += [history_file(settings.ledger, history) for history in by_history.values()]
    found = literals(str(path) for path in paths if path.exists())
    if found:
        connection.execute(
            "insert into intake.failures select judgement_id, provider_code, period, "
            "submission_no, source_name, table_name, row_number, field, rule, severity, value, "
            "message "
            f"from read_parquet([{found}], hive_partitioning = false, union_by_name = true)"
        )
    repeated = []
    for r in receipts:
        if r.return_id in refused:
            told = number_failure(standard, r)
            repeated.append(
                (
                    r.judgement_id,
                    r.provider_code,
                    r.period,
                    r.submission_no,
                    r.source_name,
                    told.table_name,
                    told.row_number,
                    told.field,
                    told.rule,
                    told.severity,
                    told.value,
                    told.message,
                )
            )
    insert_rows(connection, "intake.failures", repeated)


def _last_release(connection: DuckDBPyConnection) -> str | None:
    """The release that the night before computed in this warehouse, or None."""
    if not _is_there(connection, "intake", "refresh"):
        return None
    row = connection.execute("select release_id from intake.refresh").fetchone()
    return str(row[0]) if row else None


def _write_last_told(
    connection: DuckDBPyConnection, settings: Settings, told_by: str | None
) -> None:
    """What all releases so far tell of each count: a reader may have kept it. Where the newest of
    them is `told_by`, whose table the warehouse has, it is there already."""
    newest = told_counts(settings)
    release_id = newest.parent.name if newest else None
    is_last_night = newest is not None and release_id == told_by
    connection.execute("drop table if exists marts.last_told_counts")
    if is_last_night:
        connection.execute("alter table marts.told_counts rename to last_told_counts")
    else:
        columns = (
            "subject varchar, period_type varchar, period_start date, area_type varchar, "
            "area_code varchar, breakdown_type varchar, breakdown_value varchar, exact double, "
            "at_least double, at_most double"
        )
        connection.execute(f"create table marts.last_told_counts ({columns})")
        if newest:
            rows = f"read_parquet({literals([str(newest)])})"
            connection.execute(f"insert into marts.last_told_counts by name select * from {rows}")
    connection.execute(
        "create or replace view intake.last_told as select * from marts.last_told_counts"
    )
    connection.execute(
        "create or replace table intake.last_told_by (release_id varchar, is_last_night boolean)"
    )
    connection.execute("insert into intake.last_told_by values (?, ?)", [release_id, is_last_night])


def _utc(moment: str) -> datetime:
    """The moment in UTC, without a zone, as the warehouse's timestamps are."""
    return datetime.fromisoformat(moment).astimezone(UTC).replace(tzinfo=None)


def _write_registry(connection: DuckDBPyConnection, registry: Registry) -> None:
    tables = {
        "providers": "provider_code varchar, provider_name varchar, sector varchar, "
        "active_from date, active_to date",
        "services": "service_code varchar, service_name varchar, provider_code varchar, "
        "place_code varchar, tier integer, open_from date, open_to date",
        "areas": "area_type varchar, area_code varchar, area_name varchar, parent_code varchar",
    }
    for table, columns in tables.items():
        connection.execute(f"create or replace table registry.{table} ({columns})")
        rows = [astuple(row) for row in getattr(registry, table).values()]
        insert_rows(connection, f"registry.{table}", rows)


def _write_goals(connection: DuckDBPyConnection, goals: Goals) -> None:
    """Targets, those that are refused with their message, and breaks (no area: every area)."""
    tables = {
        "targets": "line integer, indicator_id varchar, area_type varchar, area_code varchar, "
        "period_type varchar, baseline_period_start date, baseline_period_end date, "
        "target_value double, due_date date, message varchar",
        "breaks": "indicator_id varchar, area_code varchar, month date, reason varchar",
    }
    for table, columns in tables.items():
        connection.execute(f"create or replace table registry.{table} ({columns})")
        rows = [astuple(row) for row in getattr(goals, table)]
        insert_rows(connection, f"registry.{table}", rows)
