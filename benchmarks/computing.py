"""From lake to marts, beside the bare script: how long each takes, and whether they agree."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.make_lake import LAY_OUT, settings_of
from benchmarks.process_tree import Taken, take
from expectations.rules.sql import literal
from orchestration.disclosure.cells import CELL as CELL_COLUMNS
from orchestration.settings import PROJECT, Settings
from orchestration.transform.dbt import DBT_CHILD, dbt_environment, target_folder

CELL = ", ".join(("measure_id", *CELL_COLUMNS))
# What is measured is the computing: tests are no part of it, nor are they of the bare script.
NO_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")


class Disagreement(Exception):
    """The models and the bare script do not say the same."""


def measure_computing(folder: Path) -> dict[str, Any]:
    """What it takes from a lake that `make_lake` made to measure_values and indicator_values, each
    step a process of its own, with the seconds of each model."""
    settings = settings_of(folder)
    # What is there of an earlier run would be another beginning.
    settings.warehouse.unlink(missing_ok=True)
    shutil.rmtree(target_folder(settings), ignore_errors=True)
    laid_out = take([sys.executable, "-m", "benchmarks.make_lake", LAY_OUT, folder], cwd=PROJECT)
    parsed = take([DBT_CHILD, "--quiet", "parse"], dbt_environment(settings))
    found: dict[str, Any] = {"lay_out": told(laid_out), "parse": told(parsed)}
    for step, selection in {
        "measure_values": ("--select", "+measure_values"),
        "indicator_values": ("--select", "+indicator_values", "--exclude", "+measure_values"),
    }.items():
        built = take(
            [DBT_CHILD, "--quiet", "build", *NO_TESTS, *selection], dbt_environment(settings)
        )
        found[step] = told(built) | {"models": _models(settings)}
    found["warehouse_mb"] = round(settings.warehouse.stat().st_size / 1e6, 1)
    return found


def measure_bare(folder: Path) -> dict[str, Any]:
    """What the bare script takes on the same lake, with the seconds of each of its steps."""
    settings = settings_of(folder)
    script = "benchmarks.measure_values_bare"
    done = take(
        [sys.executable, "-m", script, settings.lake, settings.registry, bare_result(folder)],
        cwd=PROJECT,
    )
    return told(done) | {"steps": json.loads(done.output.splitlines()[-1])}


def bare_result(folder: Path) -> Path:
    """Where the bare script leaves what it computed."""
    return folder / "bare.duckdb"


def compare(ours: Path, bare: Path) -> int:
    """Compares two databases' measure_values cell by cell; gives the number of cells.

    Raises Disagreement where a cell is missing on either side, stands twice, or has another value.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(str(ours))} as ours (read_only)")
        connection.execute(f"attach {literal(str(bare))} as bare (read_only)")
        measures = connection.execute(
            "select measure_id from ours.marts.measure_values union "
            "select measure_id from bare.measure_values order by all"
        ).fetchall()
        cells = 0
        # One measure at a time: all cells of a nation together are more than the memory holds.
        for (measure,) in measures:
            cells += _compare_measure(connection, measure)
    if not cells:
        raise Disagreement("there are no cells to compare")
    return cells


def _compare_measure(connection: duckdb.DuckDBPyConnection, measure: str) -> int:
    differing, here, there, cells = connection.execute(
        f"""
        with both_sides as (
            select {CELL}, value, 1 as here, 0 as there from ours.marts.measure_values
            where measure_id = $measure
            union all
            select {CELL}, value, 0 as here, 1 as there from bare.measure_values
            where measure_id = $measure
        ),
        cells as (
            select sum(here) as here, sum(there) as there, min(value) = max(value) as is_same
            from both_sides group by {CELL}
        )
        select
            count(*) filter (here <> 1 or there <> 1 or is_same is distinct from true),
            sum(here), sum(there), count(*)
        from cells
        """,
        {"measure": measure},
    ).fetchall()[0]
    if differing:
        raise Disagreement(
            f"{measure}: {differing} of {cells} cells differ; the models have {here}, the bare "
            f"script has {there}"
        )
    return int(cells)


def told(taken: Taken) -> dict[str, Any]:
    """What a command took, without what it said."""
    return {what: value for what, value in asdict(taken).items() if what != "output"}


def _models(settings: Settings) -> dict[str, float]:
    """The seconds of each model and seed of dbt's last run, the longest first."""
    path = target_folder(settings) / "run_results.json"
    results = json.loads(path.read_text(encoding="utf-8"))["results"]
    seconds = {one["unique_id"].split(".")[-1]: round(one["execution_time"], 2) for one in results}
    return dict(sorted(seconds.items(), key=lambda each: -each[1]))
