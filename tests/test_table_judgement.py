"""The SQL of one table, apart from what it says of any row."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.intake.judge import ReturnToJudge, judge
from orchestration.registry import load_registry
from tests.judging import AS_AT, RULES, judge_one
from tests.return_files import REGISTRY, ReturnFiles


def test_a_table_without_rows_has_the_columns_of_one_that_was_judged(tmp_path: Path) -> None:
    always = {table: judged.judge for table, judged in RULES.tables.items()}
    seldom = {table: judged.without_rows for table, judged in RULES.tables.items()}

    with duckdb.connect() as connection:
        # What the SQL reads is there once a return was judged in the same database.
        _judge_in(connection, ReturnFiles().write_folder(tmp_path / "return"), tmp_path / "aside")
        made = [_columns(connection, queries) for queries in (always, seldom)]

    assert made[0] == made[1]


def test_a_table_that_holds_only_its_header_is_judged(tmp_path: Path) -> None:
    folder = ReturnFiles().write_folder(tmp_path / "return")
    for table in ("contacts", "episodes"):
        header = (folder / f"{table}.csv").read_text(encoding="utf-8").splitlines()[0]
        (folder / f"{table}.csv").write_text(header + "\n", encoding="utf-8")

    judged = judge_one(folder, tmp_path / "aside")

    assert judged.accepted_rows["contacts"] == []
    assert ("handovers.episode_id.reference", "handovers", 2, "episode_id") in judged.failures[0]


def _judge_in(connection: duckdb.DuckDBPyConnection, folder: Path, aside: Path) -> None:
    judge(connection, [ReturnToJudge(folder, "AB01")], RULES, load_registry(REGISTRY), AS_AT, aside)


def _columns(connection: duckdb.DuckDBPyConnection, queries: dict[str, str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for table, query in queries.items():
        connection.execute(query)
        found[table] = connection.execute(
            f'select column_name, column_type from (describe "judged_{table}")'
        ).fetchall()
    return found
