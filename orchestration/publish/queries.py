"""The published tables, and nothing else, for the queries of pages.

The tables are made in memory from the published files; then the door is shut: no file, no network
and no setting can be reached from a page's query, which must be one SELECT. A page cannot see an
exact number because there is none behind this connection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from orchestration.publish import verdicts, words
from orchestration.publish.data_files import FILES, published_columns
from orchestration.publish.errors import PublishError

# The types of `published_columns.csv` in DuckDB.
TYPES = {
    "string": "varchar",
    "integer": "bigint",
    "number": "double",
    "date": "date",
    "boolean": "boolean",
}
# The tables that pages see, by the published files they are read from.
TABLES = {
    "published_indicators" if file == "indicators" else file: (
        "indicators.parquet" if file == "indicators" else f"{file}.csv"
    )
    for file in FILES
}
# How the published files are written.
CSV = """delim = ',', quote = '"', escape = '"'"""
# The last day of a period, as `words.period_end` has it; in SQL because whole tables go through it.
PERIOD_END = """create macro period_end(period_type, period_start) as cast(
    period_start + case period_type
        when 'month' then interval 1 month
        when 'quarter' then interval 3 month
        else interval 1 year
    end - interval 1 day as date)"""
CHUNK = 1 << 20
ERROR_LINE = re.compile(r"^LINE (\d+):", re.MULTILINE)


class QueryError(Exception):
    """A query cannot be run; `line` counts from the query's first line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Rows:
    """What a query gave: the names of its columns and its rows in their order."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def records(self) -> list[dict[str, Any]]:
        """The rows, each by the names of its columns."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def column(self, name: str) -> list[Any]:
        """The cells of one column; raises ValueError where there is no such column."""
        index = self.columns.index(name)
        return [row[index] for row in self.rows]


class Published:
    """A connection to the published tables of one release."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def rows(self, sql: str) -> Rows:
        """The rows of one SELECT; raises QueryError where it is wrong or is anything else."""
        with _telling_the_line():
            found = self._connection.execute(_one_select(sql))
            columns = tuple(column[0] for column in found.description or ())
            return Rows(columns, tuple(found.fetchall()))

    def keep(self, name: str, sql: str) -> str:
        """Keeps what one SELECT gives, in its order, since others ask for it; gives the query for
        that.

        Raises QueryError where it is wrong or is anything else.
        """
        with _telling_the_line():
            _one_select(sql)
            self._connection.execute(f"create or replace temporary table kept_{name} as {sql}")
        return f"from kept_{name}"


def _one_select(sql: str) -> duckdb.Statement:
    statements = duckdb.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise QueryError("a page's query must be one SELECT", 1)
    return statements[0]


@contextmanager
def _telling_the_line() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        message = str(error)
        line = ERROR_LINE.search(message)
        raise QueryError(message.partition("\n\nLINE")[0], int(line[1]) if line else 1) from error


def _load(connection: duckdb.DuckDBPyConnection, data: Path, table: str) -> None:
    name = TABLES[table]
    path = data / name
    columns = {column["column"]: TYPES[column["type"]] for column in published_columns()[path.stem]}
    if not path.is_file():
        raise PublishError("the published file is missing", page=str(path))
    source = str(path).replace("'", "''")
    # All text first, so that a code such as 007 stays as it is whatever else its column holds.
    # How cells are parted is told and not guessed: the words of others are among them.
    read = f"read_csv('{source}', all_varchar = true, header = true, {CSV})"
    if name.endswith(".parquet"):
        read = f"read_parquet('{source}')"
    casts = ", ".join(
        f'cast("{column}" as {kind}) as "{column}"' for column, kind in columns.items()
    )
    # Rows of an indicator lie together: most queries are about one, and skip all other blocks.
    order = "order by indicator_id, breakdown_type, area_type, period_type, period_start"
    try:
        connection.execute(
            f"create table {table} as select {casts} from {read} "
            + (order if table == "published_indicators" else "")
        )
    except duckdb.Error as error:
        raise PublishError(str(error), page=str(path)) from error


def _split_indicators(
    connection: duckdb.DuckDBPyConnection, data: Path, folder: Path, ids: list[str]
) -> None:
    """Each indicator's rows of `indicators.csv` in a file of its own, cells as they stand there."""
    folder.mkdir(parents=True)
    whole = data / "indicators.csv"
    if not _is_quoted(whole):
        _split_lines(whole, folder, ids)
        return
    source = str(whole).replace("'", "''")
    connection.execute(
        f"create table whole as from read_csv('{source}', all_varchar = true, header = true)"
    )
    for indicator_id in ids:
        target = str(folder / f"{indicator_id}.csv").replace("'", "''")
        connection.execute(
            f"copy (from whole where indicator_id = '{indicator_id}') to '{target}' (header)"
        )
    connection.execute("drop table whole")


def _is_quoted(path: Path) -> bool:
    """Whether a cell of the CSV file can hold a comma or the end of a line."""
    with path.open("rb") as file:
        return any(b'"' in chunk for chunk in iter(lambda: file.read(CHUNK), b""))


def _split_lines(whole: Path, folder: Path, ids: list[str]) -> None:
    """`_split_indicators` of a file in which a line is a row and commas part its cells: such rows
    need not be read as cells, only put where they belong."""
    with whole.open("rb") as file:
        header = file.readline()
        columns = header.rstrip().split(b",")
        place = columns.index(b"indicator_id")
        assert place + 1 < len(columns), "the last cell has the end of the line with it"
        for indicator_id in ids:
            (folder / f"{indicator_id}.csv").write_bytes(header)
        known = {indicator_id.encode(): folder / f"{indicator_id}.csv" for indicator_id in ids}
        for key, lines in groupby(file, lambda line: line.split(b",", place + 1)[place]):
            if key in known:
                with known[key].open("ab") as target:
                    target.writelines(lines)


@contextmanager
def open_published(data: Path, downloads: Path | None = None) -> Iterator[Published]:
    """The published tables of the folder `data`, closed again at the end.

    With `downloads`, each indicator's rows are first written there as `<indicator_id>.csv`. Raises
    PublishError where a file is missing or has not the columns of the contract.
    """
    with duckdb.connect() as connection:
        for table in TABLES:
            _load(connection, data, table)
        ids = [
            row[0] for row in connection.execute("select indicator_id from catalogue").fetchall()
        ]
        for indicator_id in ids:
            # It becomes a file's name and part of an address.
            if not re.fullmatch(r"[a-z0-9_]+", indicator_id):
                raise PublishError(
                    f"indicator_id {indicator_id!r} may hold a to z, 0 to 9 and _ only",
                    page="catalogue.csv",
                )
        if downloads is not None:
            _split_indicators(connection, data, downloads, ids)
        functions: dict[str, tuple[Any, list[str], str]] = {
            "period_label": (words.period_label, ["VARCHAR", "DATE"], "VARCHAR"),
            "period_short": (words.period_short, ["VARCHAR", "DATE"], "VARCHAR"),
            "area_page": (words.area_page, ["VARCHAR", "VARCHAR"], "VARCHAR"),
            "group_page": (words.group_page, ["VARCHAR", "VARCHAR"], "VARCHAR"),
            "area_type_label": (words.area_type_label, ["VARCHAR"], "VARCHAR"),
            "show_figure": (words.show_figure, ["VARCHAR", "VARCHAR", "DOUBLE"], "VARCHAR"),
            "missing_may_explain": (
                words.missing_may_explain,
                ["VARCHAR", "DATE", "BIGINT", "BIGINT"],
                "VARCHAR",
            ),
            "verdict_order": (verdicts.order, ["VARCHAR", "VARCHAR"], "INTEGER"),
            "narrative_kind_label": (words.narrative_kind_label, ["VARCHAR"], "VARCHAR"),
            "period_type_label": (words.period_type_label, ["VARCHAR"], "VARCHAR"),
            "indicator_order": (words.indicator_order, ["VARCHAR"], "INTEGER"),
            "group_label": (words.group_label, ["VARCHAR", "VARCHAR"], "VARCHAR"),
            "group_order": (words.group_order, ["VARCHAR", "VARCHAR"], "INTEGER"),
        }
        for name, (function, takes, gives) in functions.items():
            connection.create_function(name, function, takes, gives)  # type: ignore[arg-type]
        connection.execute(PERIOD_END)
        connection.execute("set enable_external_access = false")
        # Queries of pages are small: sharing one out costs more than running it.
        connection.execute("set threads = 1")
        connection.execute("set lock_configuration = true")
        try:
            yield Published(connection)
        finally:
            # The connection and the functions hold each other; DuckDB complains at exit otherwise.
            for name in functions:
                connection.remove_function(name)
