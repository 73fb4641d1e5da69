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
from pathlib import Path
from typing import Any

import duckdb

from orchestration.publish import verdicts, words
from orchestration.publish.errors import PublishError

# Columns and types of the tables that pages see; the published files must have them all.
INDICATORS = {
    "release_id": "varchar",
    "indicator_id": "varchar",
    "domain": "varchar",
    "period_type": "varchar",
    "period_start": "date",
    "area_type": "varchar",
    "area_code": "varchar",
    "breakdown_type": "varchar",
    "breakdown_value": "varchar",
    "numerator": "double",
    "denominator": "double",
    "value": "double",
    "lower_ci": "double",
    "upper_ci": "double",
    "status": "varchar",
    "is_provisional": "boolean",
    "returns_expected": "integer",
    "returns_in_effect": "integer",
}
AREAS = dict.fromkeys(("area_type", "area_code", "area_name", "parent_code"), "varchar")
RETURNS = {
    "provider_code": "varchar",
    "provider_name": "varchar",
    "period": "varchar",
    "expected": "integer",
    "received": "integer",
    "in_effect": "integer",
    "rejected": "integer",
}
NARRATIVES = {
    "release_id": "varchar",
    "narrative": "integer",
    "domain": "varchar",
    "kind": "varchar",
    "period": "varchar",
    "area_type": "varchar",
    "area_code": "varchar",
    "text": "varchar",
}
TARGETS = {
    "line": "integer",
    "indicator_id": "varchar",
    "area_type": "varchar",
    "area_code": "varchar",
    "period_type": "varchar",
    "baseline_period_start": "date",
    "baseline_value": "double",
    "current_period_start": "date",
    "current_value": "double",
    "lower_ci": "double",
    "upper_ci": "double",
    "is_provisional": "boolean",
    "returns_expected": "integer",
    "returns_in_effect": "integer",
    "target_value": "double",
    "due_date": "date",
    "expected_now": "double",
    "judgement": "varchar",
    "sentence": "varchar",
}
INEQUALITIES = {
    "indicator_id": "varchar",
    "period_type": "varchar",
    "period_start": "date",
    "area_type": "varchar",
    "area_code": "varchar",
    "breakdown_type": "varchar",
    "breakdown_value": "varchar",
    "group_value": "double",
    "whole_value": "double",
    "absolute_gap": "double",
    "gap_lower": "double",
    "gap_upper": "double",
    "gap_holds_zero": "boolean",
    "ratio": "double",
    "ratio_lower": "double",
    "ratio_upper": "double",
    "gap_year_before": "double",
    "gap_change": "varchar",
    "sentence": "varchar",
}
COVERAGE = {
    "indicator_id": "varchar",
    "period_type": "varchar",
    "period_start": "date",
    "area_type": "varchar",
    "area_code": "varchar",
    "returns_expected": "integer",
    "returns_in_effect": "integer",
    "returns_missing": "integer",
    "providers_missing": "varchar",
    "value": "double",
    "value_if_as_before": "double",
    "shift": "double",
    "is_upper_bound": "boolean",
    "finding": "varchar",
    "sentence": "varchar",
}
COMPARISONS = {
    "release_id": "varchar",
    "indicator_id": "varchar",
    "period_type": "varchar",
    "period_start": "date",
    "area_type": "varchar",
    "area_code": "varchar",
    "value": "double",
    "lower_ci": "double",
    "upper_ci": "double",
    "lower_ci_998": "double",
    "upper_ci_998": "double",
    "benchmark_area_code": "varchar",
    "benchmark_value": "double",
    "comparison": "varchar",
    "sentence": "varchar",
}
FUNNELS = {
    "release_id": "varchar",
    "indicator_id": "varchar",
    "period_type": "varchar",
    "period_start": "date",
    "area_type": "varchar",
    "area_code": "varchar",
    "denominator": "double",
    "value": "double",
    "benchmark_area_code": "varchar",
    "benchmark_value": "double",
    "lower_limit": "double",
    "upper_limit": "double",
    "lower_limit_998": "double",
    "upper_limit_998": "double",
    "position": "varchar",
}
FUNNEL_LIMITS = {
    "release_id": "varchar",
    "indicator_id": "varchar",
    "period_type": "varchar",
    "period_start": "date",
    "benchmark_area_code": "varchar",
    "benchmark_value": "double",
    "denominator": "double",
    "lower_limit": "double",
    "upper_limit": "double",
    "lower_limit_998": "double",
    "upper_limit_998": "double",
}
CHANGES = {
    "release_id": "varchar",
    "indicator_id": "varchar",
    "area_type": "varchar",
    "area_code": "varchar",
    "period_start": "date",
    "value": "double",
    "status": "varchar",
    "is_provisional": "boolean",
    "phase": "integer",
    "points_in_phase": "integer",
    "mean": "double",
    "lower_limit": "double",
    "upper_limit": "double",
    "is_trial": "boolean",
    "moving_range": "double",
    "is_beyond_limit": "boolean",
    "is_shift": "boolean",
    "is_trend": "boolean",
    "is_two_of_three": "boolean",
    "variation": "varchar",
    "no_verdict_reason": "varchar",
}
CHANGE_VERDICTS = {
    "release_id": "varchar",
    "indicator_id": "varchar",
    "area_type": "varchar",
    "area_code": "varchar",
    "months": "integer",
    "months_shown": "integer",
    "latest_month": "date",
    "verdict": "varchar",
    "reason": "varchar",
    "is_trial": "boolean",
    "breaks": "varchar",
    "sentence": "varchar",
}
CATALOGUE = dict.fromkeys(
    (
        "indicator_id",
        "domain",
        "name",
        "statistic",
        "numerator",
        "denominator",
        "multiplier",
        "unit",
        "better",
        "outcomes_table_entry",
        "definition",
        "why_it_matters",
        "numerator_words",
        "denominator_words",
        "caveats",
        "sources",
        "owner",
        "status",
        "next_review",
    ),
    "varchar",
)
FILES = {
    "published_indicators": ("indicators.parquet", INDICATORS),
    "catalogue": ("catalogue.csv", CATALOGUE),
    "areas": ("areas.csv", AREAS),
    "returns": ("returns.csv", RETURNS),
    "narratives": ("narratives.csv", NARRATIVES),
    "targets": ("targets.csv", TARGETS),
    "inequalities": ("inequalities.csv", INEQUALITIES),
    "coverage": ("coverage.csv", COVERAGE),
    "comparisons": ("comparisons.csv", COMPARISONS),
    "funnels": ("funnels.csv", FUNNELS),
    "funnel_limits": ("funnel_limits.csv", FUNNEL_LIMITS),
    "changes": ("changes.csv", CHANGES),
    "change_verdicts": ("change_verdicts.csv", CHANGE_VERDICTS),
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
        try:
            statements = duckdb.extract_statements(sql)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise QueryError("a page's query must be one SELECT", 1)
            found = self._connection.execute(statements[0])
            columns = tuple(column[0] for column in found.description or ())
            return Rows(columns, tuple(found.fetchall()))
        except duckdb.Error as error:
            message = str(error)
            line = ERROR_LINE.search(message)
            raise QueryError(
                message.partition("\n\nLINE")[0], int(line[1]) if line else 1
            ) from error


def _load(connection: duckdb.DuckDBPyConnection, data: Path, table: str) -> None:
    name, columns = FILES[table]
    path = data / name
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
    source = str(data / "indicators.csv").replace("'", "''")
    connection.execute(
        f"create table whole as from read_csv('{source}', all_varchar = true, header = true)"
    )
    for indicator_id in ids:
        target = str(folder / f"{indicator_id}.csv").replace("'", "''")
        connection.execute(
            f"copy (from whole where indicator_id = '{indicator_id}') to '{target}' (header)"
        )
    connection.execute("drop table whole")


@contextmanager
def open_published(data: Path, downloads: Path | None = None) -> Iterator[Published]:
    """The published tables of the folder `data`, closed again at the end.

    With `downloads`, each indicator's rows are first written there as `<indicator_id>.csv`. Raises
    PublishError where a file is missing or has not the columns of the contract.
    """
    with duckdb.connect() as connection:
        for table in FILES:
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
            "area_type_label": (words.area_type_label, ["VARCHAR"], "VARCHAR"),
            "show_figure": (words.show_figure, ["VARCHAR", "VARCHAR", "DOUBLE"], "VARCHAR"),
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
