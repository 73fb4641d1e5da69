"""Putting rows of Python values into DuckDB quickly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def insert_rows(
    connection: DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]
) -> None:
    """Inserts `rows` into `table`, whose columns they match in order.

    A column at a time: DuckDB takes a list as one parameter, where executemany takes a statement
    for each row and so a thousand times as long.
    """
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        places = ", ".join(f"unnest(${number})" for number in range(1, len(columns) + 1))
        connection.execute(f"insert into {table} select {places}", columns)
