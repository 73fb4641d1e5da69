"""What dbt reads on Spark: the same Parquet files of the lake, and copies of the small tables.

The layout is that of `orchestration.transform.sources`: schemas `lake`, `intake` and `registry`.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.rules.conversions import SQL_TYPE
from expectations.rules.sql import literal
from expectations.standard import Standard, Table
from orchestration.settings import Settings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyspark.sql import SparkSession

# What the models of measures and indicators read beside the lake; the rest stays in the warehouse.
# Spark keeps nothing from one run to the next, so all is new to it.
SMALL_TABLES = {
    "intake": {
        "refresh": "select * from intake.refresh",
        "submissions": "select * replace (true as is_new) from intake.submissions",
    },
    "registry": {
        "providers": "select * from registry.providers",
        "services": "select * from registry.services",
        "areas": "select * from registry.areas",
    },
}
# The schemas of dbt's own models and seeds, as dbt_project.yml names them.
BUILT = ("seeds", "staging", "intermediate", "measures", "marts")
LAKE_FILES = "lake_files"


def lay_out_sources(
    session: SparkSession,
    connection: DuckDBPyConnection,
    settings: Settings,
    standard: Standard,
    folder: Path,
) -> None:
    """Makes the databases of the session anew, each in its own folder below `folder`, and fills
    `lake`, `intake` and `registry` with what the warehouse behind `connection` and the lake hold.
    """
    for database in (LAKE_FILES, "lake", *SMALL_TABLES, *BUILT):
        place = folder / database
        session.sql(f"drop database if exists {database} cascade")
        shutil.rmtree(place, ignore_errors=True)
        session.sql(f"create database {database} location {_text(place)}")
    for schema, tables in SMALL_TABLES.items():
        for table, rows in tables.items():
            place = folder / schema / table
            place.mkdir(parents=True)
            file = literal(str(place / "rows.parquet"))
            connection.execute(f"copy ({rows}) to {file} (format parquet)")
            session.sql(f"create table {schema}.{table} using parquet location {_text(place)}")
    for lake_table in standard.tables.values():
        for statement in _lake_table(lake_table, settings.lake / lake_table.name):
            session.sql(statement)


def _lake_table(table: Table, place: Path) -> list[str]:
    """The table's files as they lie, and a view of the rows of the submissions that stand.

    The files of a judgement that another has taken the place of have no submission to be joined to.
    """
    fields = [(field.name, SQL_TYPE[field.type]) for field in table.fields]
    columns = [("judgement_id", "varchar"), ("row_number", "bigint"), *fields]
    types = ", ".join(
        f"{_name(column)} {'string' if kind == 'varchar' else kind}" for column, kind in columns
    )
    files = f"{LAKE_FILES}.{_name(table.name)}"
    # Where the lake has no such folder, the table is one of the session's own, and empty.
    where = f"options (recursiveFileLookup true) location {_text(place)}" if place.is_dir() else ""
    own = {field.name for field in table.fields}
    submission = "".join(
        f", submissions.{column}"
        for column in ("provider_code", "period", "submission_no")
        if column not in own
    )
    return [
        f"create table {files} ({types}) using parquet {where}",
        f"create view lake.{_name(table.name)} as select rows_sent.*{submission} "
        f"from {files} as rows_sent inner join intake.submissions as submissions "
        "on rows_sent.judgement_id = submissions.judgement_id where submissions.is_accepted",
    ]


def _name(identifier: str) -> str:
    return f"`{identifier}`"


def _text(path: Path) -> str:
    """A path as a text of Spark's SQL."""
    return "'" + str(path).replace("\\", "\\\\").replace("'", "\\'") + "'"
