"""The project's models as compiled SQL, run in memory on rows of a test's own: for laws that want
thousands of inputs, where dbt's unit tests take one at a time."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from orchestration.facts import SEEDS
from orchestration.settings import Settings
from orchestration.transform.dbt import target_folder
from tests.warehouse import run_dbt

Row = Mapping[str, Any]

# In the order in which each can be made of those before it.
COMPARED = ("int_area_systems", "int_compared_cells", "published_comparisons")
FUNNELS = (
    *COMPARED[:2],
    "int_funnel_denominators",
    "int_poisson_ladder",
    "int_funnel_limits",
    "published_funnels",
    "published_funnel_limits",
)
CHANGES = (
    "stg_registry__breaks",
    "int_change_policy",
    "int_series_breaks",
    "int_change_months",
    "int_change_phases",
    "int_change_signals",
    "published_changes",
    "published_change_verdicts",
)
SEED_TABLES = {
    "catalogue": (
        "comparisons", "funnel_positions", "variations", "change_verdicts", "change_reasons",
        "remarks", "measures",
    ),
    "policy": ("change", "disclosure"),
    "statistics": ("poisson_limits",),
}  # fmt: skip
TABLES = {
    "seeds.indicators": {
        "indicator_id": "varchar", "statistic": "varchar", "numerator": "varchar",
        "multiplier": "integer", "unit": "varchar", "better": "varchar",
    },
    "marts.published_indicators": {
        "release_id": "varchar", "indicator_id": "varchar", "period_type": "varchar",
        "period_start": "date", "area_type": "varchar", "area_code": "varchar",
        "breakdown_type": "varchar", "numerator": "bigint", "denominator": "bigint",
        "value": "double", "lower_ci": "double", "upper_ci": "double", "status": "varchar",
        "is_provisional": "boolean",
    },
    "intermediate.int_audited_cells": {
        "indicator_id": "varchar", "domain": "varchar", "period_type": "varchar",
        "period_start": "date", "area_type": "varchar", "area_code": "varchar",
        "breakdown_type": "varchar", "breakdown_value": "varchar", "statistic": "varchar",
        "multiplier": "integer", "numerator": "bigint", "denominator": "bigint",
        "status": "varchar", "returns_expected": "integer", "returns_in_effect": "integer",
    },
    "intermediate.int_provisional_periods": {
        "indicator_id": "varchar", "period_type": "varchar", "period_start": "date",
    },
    "intermediate.int_service_areas": {
        "service_code": "varchar", "area_type": "varchar", "area_code": "varchar",
    },
    "staging.stg_intake__refresh": {"release_id": "varchar", "as_at": "date"},
    "registry.breaks": {
        "indicator_id": "varchar", "area_code": "varchar", "month": "date", "reason": "varchar",
    },
}  # fmt: skip


@cache
def _compiled() -> dict[str, str]:
    """The compiled SQL of every model that is run here, by name; compiled once."""
    build = Path(tempfile.mkdtemp(prefix="compiled-models-"))
    atexit.register(shutil.rmtree, build, ignore_errors=True)
    settings = Settings(build / "returns", build / "registry", build / "build", date(2026, 4, 15))
    settings.build.mkdir()
    models = dict.fromkeys((*COMPARED, *FUNNELS, *CHANGES, "published_indicators"))
    run_dbt(settings, "compile", "--select", *models)
    found = {path.stem: path for path in (target_folder(settings) / "compiled").rglob("*.sql")}
    return {model: found[model].read_text(encoding="utf-8") for model in models}


class Models:
    """A warehouse in memory with the project's seeds, and tables that a test fills."""

    def __init__(self) -> None:
        self._connection = duckdb.connect()
        self._connection.execute("attach ':memory:' as warehouse; use warehouse")
        for schema in ("seeds", "staging", "registry", "intermediate", "marts"):
            self._connection.execute(f"create schema {schema}")
        for folder, tables in SEED_TABLES.items():
            for table in tables:
                path = SEEDS / folder / f"{table}.csv"
                self._connection.execute(
                    f"create table seeds.{table} as from read_csv('{path}', header = true)"
                )
        for table, columns in TABLES.items():
            typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            self._connection.execute(f"create table {table} ({typed})")

    def fill(self, table: str, rows: Iterable[Row]) -> None:
        """Puts the rows in the place of those of a table; what a row does not say is NULL."""
        self._connection.execute(f"delete from {table}")
        columns = TABLES[table]
        cells = [tuple(row.get(column) for column in columns) for row in rows]
        if cells:
            # One statement for all: a statement for each row costs far more than the row.
            lists = ", ".join(
                f"unnest(cast(? as {kind}[])) as {name}" for name, kind in columns.items()
            )
            self._connection.execute(
                f"insert into {table} select {lists}", [list(c) for c in zip(*cells, strict=True)]
            )

    def run(self, *models: str) -> None:
        """Makes the models anew, one after the other."""
        for model in models:
            schema = (
                "staging" if model.startswith("stg_")
                else "intermediate" if model.startswith("int_")
                else "marts"
            )  # fmt: skip
            self._connection.execute(
                f"create or replace table {schema}.{model} as {_compiled()[model]}"
            )

    def write(self, table: str, path: Path) -> None:
        """Writes a table of the marts to a CSV file, as the published files are."""
        self._connection.execute(f"copy marts.{table} to '{path}' (format csv, header true)")

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """What a query gives."""
        found = self._connection.execute(sql)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
