"""The warehouse's file: it can always be made again from the lake and the ledger.

What a night computed is kept for the next, which computes anew only what has changed. So it must
be whole, and of the same code. While a night works on it, a mark says so. Where that is still there
the night after, the work broke off; where the file cannot be opened, it is damaged; where other
code made it, what it holds may mean something else; where somebody had dbt compute a part of the
measures by hand, or took a table away, what is kept is not whole. Each time a new file is begun.
(For what is published and known of areas and years, see `sources._keep_areas`.)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orchestration.operation import operation
from orchestration.settings import Settings
from orchestration.state import code_digest
from orchestration.transform.kept_models import PUT_BY, UNITS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MARK = "warehouse.unfinished"
# How far dbt came, as `macros/kept.sql` of its project writes it, where it computed everything.
COMPUTED = "all"


class WarehouseInUse(Exception):
    """Another program has the warehouse open; the message says what to do."""


def begin(settings: Settings) -> str | None:
    """Sees to it that the warehouse can be worked on, and marks it as unfinished.

    Gives the reason why a new one was begun, or None. Raises WarehouseInUse where another program
    has it open, and PermissionError where it may not be opened.
    """
    settings.build.mkdir(parents=True, exist_ok=True)
    mark, warehouse = settings.build / MARK, settings.warehouse
    reason = None
    if mark.exists():
        reason = mark.read_text(encoding="utf-8") or "the work on it broke off before"
    elif warehouse.exists() and not _opens(warehouse):
        reason = "it is damaged"
    elif warehouse.exists() and _told(settings, "code", "made_by") != code_digest():
        reason = "the program, or the facts that it works with, have changed"
    elif warehouse.exists() and _told(settings, "how_far", "computing") not in (None, COMPUTED):
        reason = "a part of it was computed by hand"
    elif warehouse.exists() and _lacks_what_is_kept(settings):
        reason = "a table is missing from it"
    if reason:
        for path in (warehouse, warehouse.with_name(f"{warehouse.name}.wal")):
            path.unlink(missing_ok=True)
    mark.write_text("", encoding="utf-8")
    if not warehouse.exists():
        with connect(settings) as connection:
            connection.execute("create schema intake")
            connection.execute("create table intake.made_by as select ? as code", [code_digest()])
    return reason


def bounds(settings: Settings) -> dict[str, str]:
    """What the operator lets the database take while figures are computed: memory, and the folder
    for what does not fit; as DuckDB's own settings."""
    return _bounds(settings.warehouse)


def _bounds(warehouse: Path) -> dict[str, str]:
    given = operation()
    return {
        "memory_limit": given.duckdb_memory,
        "temp_directory": given.duckdb_temp or f"{warehouse}.tmp",
    }


def connect(settings: Settings) -> DuckDBPyConnection:
    """The warehouse, to be written, within the operator's bounds."""
    return duckdb.connect(str(settings.warehouse), config={**bounds(settings)})


def read(warehouse: Path) -> DuckDBPyConnection:
    """A warehouse's file, to be read, within the operator's bounds."""
    return duckdb.connect(str(warehouse), read_only=True, config={**_bounds(warehouse)})


def release(settings: Settings) -> str | None:
    """The release that the warehouse's tables make, or None where its sources are not laid out."""
    return _told(settings, "release_id", "refresh")


def _told(settings: Settings, column: str, table: str) -> str | None:
    """What the warehouse says of itself in a table of one row, or None where it has none."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        try:
            found = connection.execute(f"select {column} from intake.{table}").fetchone()
        except duckdb.CatalogException:
            return None
    return str(found[0]) if found else None


def _lacks_what_is_kept(settings: Settings) -> bool:
    """Whether dbt computed everything, and a table that the next night compares with is gone."""
    if _told(settings, "how_far", "computing") != COMPUTED:
        return False
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        there = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'intermediate'"
        )
        return not {UNITS, *PUT_BY} <= {name for (name,) in there.fetchall()}


def finish(settings: Settings) -> None:
    """The night's work on the warehouse is done."""
    (settings.build / MARK).unlink(missing_ok=True)


def distrust(settings: Settings, reason: str) -> None:
    """Has the next `begin` begin a new one, and give this reason."""
    (settings.build / MARK).write_text(reason, encoding="utf-8")


def _opens(warehouse: Path) -> bool:
    with warehouse.open("rb"):
        pass  # or PermissionError, which is no damage
    try:
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("select count(*) from duckdb_tables()").fetchone()
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise WarehouseInUse(
                f"another program has {warehouse} open: close it, and run the refresh again"
            ) from None
        return False
    except duckdb.Error:
        return False
    return True
