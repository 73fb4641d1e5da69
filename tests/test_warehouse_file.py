"""The warehouse's file: one that broke off or is damaged is begun anew, one in use is left."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.settings import Settings
from orchestration.transform.warehouse import WarehouseInUse, begin, finish, read

HOLD_OPEN = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A warehouse with a table, which the night before was done with."""
    made = Settings(tmp_path, tmp_path, tmp_path / "build", date(2026, 4, 15))
    begin(made)
    with duckdb.connect(str(made.warehouse)) as connection:
        connection.execute("create table kept as select range as n from range(100000)")
    finish(made)
    return made


def tables(settings: Settings) -> int:
    with duckdb.connect(str(settings.warehouse)) as connection:
        row = connection.execute(
            "select count(*) from duckdb_tables() where schema_name = 'main'"
        ).fetchone()
    return int(row[0]) if row else -1


def test_one_that_the_night_before_was_done_with_is_kept(settings: Settings) -> None:
    assert begin(settings) is None
    assert tables(settings) == 1


def test_one_on_which_the_work_broke_off_is_begun_anew(settings: Settings) -> None:
    begin(settings)
    assert begin(settings) == "the work on it broke off before"
    assert tables(settings) == 0


@pytest.mark.parametrize("damage", ["text", "cut", "header"])
def test_a_damaged_one_is_begun_anew(settings: Settings, damage: str) -> None:
    whole = settings.warehouse.read_bytes()
    settings.warehouse.write_bytes(
        {
            "text": b"no database" * 2000,
            "cut": whole[:5000],
            "header": bytes(12288) + whole[12288:],
        }[damage]
    )
    assert begin(settings) == "it is damaged"
    assert tables(settings) == 0


def test_one_that_another_program_has_open_is_left_and_told(settings: Settings) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_OPEN, str(settings.warehouse)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout and holder.stdin
    assert holder.stdout.readline() == "open\n"
    with pytest.raises(WarehouseInUse, match=r"another program has .* open: close it"):
        begin(settings)
    holder.stdin.close()
    holder.wait()
    assert tables(settings) == 1


def test_it_is_read_within_the_bounds_that_the_operator_sets(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTCOMES_DUCKDB_MEMORY", "512MiB")
    with read(settings.warehouse) as connection:
        limit = connection.execute("select current_setting('memory_limit')").fetchall()
        assert limit == [("512.0 MiB",)]
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            connection.execute("create table another as select 1 as n")
