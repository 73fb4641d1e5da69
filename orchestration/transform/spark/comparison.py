"""Every cell of the exact marts, as Spark computed it, beside the same cell of the warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.rules.sql import literal, name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TABLES = ("measure_values", "indicator_values")
TOLERANCE = 1e-9
VALUE_TYPES = ("DOUBLE", "BOOLEAN")


@dataclass(frozen=True)
class Compared:
    """How a table of Spark's compares: cells of both, of one alone, and those that differ.

    `largest_difference` is that of any two numbers of the same cell, as it stands (pounds, people,
    per cent), and 0 where there is none.
    """

    table: str
    cells: int
    only_duckdb: int
    only_spark: int
    differing: int
    largest_difference: float

    @property
    def is_equal(self) -> bool:
        """The same cells, with the same values in each."""
        return not (self.only_duckdb or self.only_spark or self.differing)


def compare(connection: DuckDBPyConnection, marts: Path) -> list[Compared]:
    """The marts of the warehouse behind `connection`, held against the Parquet files that lie in
    `marts`/<table>/."""
    return [_compare_table(connection, table, marts / table) for table in TABLES]


def _compare_table(connection: DuckDBPyConnection, table: str, files: Path) -> Compared:
    """Texts and days say which cell a row is; numbers are its values, equal to TOLERANCE; whether
    it is provisional is equal or not. NULL equals NULL alone. A cell that one of them has twice
    is one that the other lacks.
    """
    described = connection.execute(f"describe marts.{table}").fetchall()
    columns: list[tuple[str, str]] = [(str(row[0]), str(row[1])) for row in described]
    keys = [name(column) for column, kind in columns if kind not in VALUE_TYPES]
    numbers = [name(column) for column, kind in columns if kind == "DOUBLE"]
    flags = [name(column) for column, kind in columns if kind == "BOOLEAN"]
    same_cell = " and ".join(
        f"duck.{key} is not distinct from spark.{key}" for key in [*keys, "copy"]
    )
    numbered = f"row_number() over (partition by {', '.join(keys)}) as copy"
    gaps = [f"abs(duck.{number} - spark.{number})" for number in numbers]
    differs = " or ".join(
        [f"(duck.{n} is null) <> (spark.{n} is null) or coalesce({gap} > {TOLERANCE}, false)"
         for n, gap in zip(numbers, gaps, strict=True)]
        + [f"duck.{flag} is distinct from spark.{flag}" for flag in flags]
    )  # fmt: skip
    sql = (
        f"with duck as (select *, true as is_there, {numbered} from marts.{table}), "
        f"spark as (select *, true as is_there, {numbered} "
        f"from read_parquet({literal(str(files / '*.parquet'))})) "
        "select count(*) filter (duck.is_there and spark.is_there), "
        "count(*) filter (spark.is_there is null), count(*) filter (duck.is_there is null), "
        f"count(*) filter (duck.is_there and spark.is_there and ({differs})), "
        f"coalesce(max(greatest({', '.join(gaps)})), 0) "
        f"from duck full outer join spark on {same_cell}"
    )
    found = connection.execute(sql).fetchone()
    assert found is not None
    return Compared(table, *found)
