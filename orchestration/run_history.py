"""Dagster's history of refreshes, kept in the same files as by Dagster's own storage, but faster.

A refresh tells of some 900 events. Dagster's storage opens the database anew for each, up to five
times, looks up what columns it has, and waits each time until the disk has it: a minute of waiting
on a busy disk. Here a database stays open, and a commit waits for nothing. Where the machine's
power fails, the last events of the history may be missing from it; the history itself stays whole,
and nothing of a release rests on it.

`dagster.yaml` of the build folder names this class; see `orchestration.refresh`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import StaticPool

# How long another process that writes is waited for, in seconds, as Dagster's own storage does.
WAITS = 60
# Databases that stay open: that of all runs, and that of the run under way.
KEPT_OPEN = 2


class RunHistory(SqliteEventLogStorage):
    """The events of each run in a file of its own, and what is asked of all runs in `index.db`."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._indexed: set[str] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> RunHistory:
        """The history below `base_dir`, which is Dagster's home, where Dagster would have it."""
        return cls(str(Path(config_value["base_dir"]) / "history" / "runs"), inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            while len(self._engines) >= KEPT_OPEN:
                self._engines.pop(next(iter(self._engines))).dispose()
            # One connection, which any thread may use: the lock gives it to one at a time.
            engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=StaticPool,
                connect_args={"timeout": WAITS, "check_same_thread": False},
            )
            event.listen(engine, "connect", _wait_for_nothing)
            self._engines[shard] = engine
        # The one used last goes last.
        self._engines[shard] = self._engines.pop(shard)
        return self._engines[shard]

    def has_secondary_index(self, name: str) -> bool:
        """Whether that migration was done; one that was is not undone, and asked for once."""
        if name not in self._indexed and super().has_secondary_index(name):
            self._indexed.add(name)
        return name in self._indexed

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        if column_name not in self._indexed and super()._has_asset_key_col_on_connection(
            conn, column_name
        ):
            self._indexed.add(column_name)
        return column_name in self._indexed

    def wipe(self) -> None:
        """Removes every run's file, which must not be open."""
        self._close()
        super().wipe()

    def dispose(self) -> None:
        """Closes what is open."""
        self._close()
        super().dispose()

    def _close(self) -> None:
        with self._db_lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()


def _wait_for_nothing(connection: Any, _: object) -> None:
    """With a write-ahead log, which Dagster has its databases use, this leaves them whole at all
    times: only the last commits can be missing after a loss of power."""
    connection.execute("pragma synchronous = normal")
