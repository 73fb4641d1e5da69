"""The measures and the indicators of a build folder on Spark, and whether they are DuckDB's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from time import monotonic

import duckdb

from orchestration.facts import standard
from orchestration.lock import refresh_lock
from orchestration.private import make_private
from orchestration.settings import Settings
from orchestration.transform import warehouse
from orchestration.transform.dbt import DBT_PROJECT
from orchestration.transform.spark.comparison import TABLES, Compared, compare
from orchestration.transform.spark.session import LOCAL, MEMORY, start_session
from orchestration.transform.spark.sources import lay_out_sources

TARGET = "spark"


class NothingToCompare(Exception):
    """The build folder has no whole warehouse; the message says what to do."""


class SparkBuildFailed(Exception):
    """dbt failed on Spark; the message names the models, and the file that has what was said."""


def compare_on_spark(
    settings: Settings,
    say: Callable[[str], None],
    master: str = LOCAL,
    memory: str = MEMORY,
) -> list[Compared]:
    """Builds the marts of measures and indicators on Spark, from the lake and the warehouse of the
    last refresh, in `build`/spark, and compares each cell with the warehouse's.

    Raises NothingToCompare where there was no refresh or it broke off, LockHeld where one is under
    way, SparkMissing where Spark cannot be run, SparkBuildFailed where a model or a test fails.
    """
    with refresh_lock(settings.build):
        with _warehouse(settings) as connection:
            folder = settings.build / "spark"
            make_private(folder)
            began = monotonic()
            session = start_session(folder, master, memory)
            say(f"Spark {session.version} runs on {master} ({monotonic() - began:.0f} s)")
            began = monotonic()
            lay_out_sources(session, connection, settings, standard(), folder)
            say(f"The sources are laid out ({monotonic() - began:.0f} s)")
        began = monotonic()
        nodes = build_on_spark(folder)
        say(f"dbt built and tested {nodes} seeds, models and tests ({monotonic() - began:.0f} s)")
        with _warehouse(settings) as connection:
            return compare(connection, folder / "marts")


def build_on_spark(folder: Path) -> int:
    """Runs dbt in this process, on its Spark session; gives how many nodes went well.

    What dbt writes of its own lies in `folder`/dbt. Raises SparkBuildFailed.
    """
    from dbt.cli.main import dbtRunner

    target = folder / "dbt"
    target.mkdir(parents=True, exist_ok=True)
    arguments = ["--no-use-colors", "build", "--target", TARGET]
    arguments += ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    arguments += ["--target-path", str(target), "--log-path", str(target / "logs")]
    arguments += ["--select", *(f"+{table}" for table in TABLES)]
    arguments += ["--exclude", "resource_type:unit_test"]
    console = target / "console.txt"
    # What dbt says can quote a row.
    with console.open("w", encoding="utf-8") as file, redirect_stdout(file):
        done = dbtRunner().invoke(arguments)
        print(done.exception or "")
    results = getattr(done.result, "results", [])
    if not done.success:
        failed = [r.node.name for r in results if r.status in ("error", "fail")]
        told = ", ".join(failed) or "before any model"
        raise SparkBuildFailed(f"dbt failed on Spark ({told}); what it said is in {console}")
    return len(results)


def _warehouse(settings: Settings) -> duckdb.DuckDBPyConnection:
    """The warehouse, to be read, with the marts of a refresh that came so far."""
    if not settings.warehouse.exists() or (settings.build / warehouse.MARK).exists():
        raise NothingToCompare(
            f"{settings.build} has no warehouse of a whole refresh: run `outcomes refresh` first"
        )
    return duckdb.connect(str(settings.warehouse), read_only=True)
