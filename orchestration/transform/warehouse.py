"""The warehouse's file: it can always be made again from the lake and the ledger.

While a night works on it, a mark says so. Where the mark is still there the night after, the work
broke off; where the file cannot be opened, it is damaged. Either way a new file is begun.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.settings import Settings

MARK = "warehouse.unfinished"


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
        reason = "the work on it broke off before"
    elif warehouse.exists() and not _opens(warehouse):
        reason = "it is damaged"
    if reason:
        for path in (warehouse, warehouse.with_name(f"{warehouse.name}.wal")):
            path.unlink(missing_ok=True)
    mark.touch()
    return reason


def finish(settings: Settings) -> None:
    """The night's work on the warehouse is done."""
    (settings.build / MARK).unlink(missing_ok=True)


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
