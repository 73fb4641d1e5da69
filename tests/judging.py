"""Judging returns in a test: what failed, where, and what was accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from orchestration.facts import standard
from orchestration.intake.judge import Judgement, ReturnToJudge, compile_rules, judge
from orchestration.registry import load_registry
from tests.return_files import REGISTRY

AS_AT = date(2025, 7, 1)
RULES = compile_rules(standard())


@dataclass(frozen=True)
class Judged:
    """What judging found; a failure is (rule, table, row_number, field)."""

    failures: list[list[tuple[str, str | None, int | None, str | None]]]
    values: list[dict[str, str | None]]
    judgements: list[Judgement]
    accepted_rows: dict[str, list[tuple[object, ...]]]


def judge_paths(paths: list[Path], aside: Path, inbox: str = "AB01", as_at: date = AS_AT) -> Judged:
    """Judges the returns at `paths` together, all from one inbox."""
    with duckdb.connect() as connection:
        returns = [ReturnToJudge(path, inbox) for path in paths]
        judgements = judge(connection, returns, RULES, load_registry(REGISTRY), as_at, aside)
        failures: list[list[tuple[str, str | None, int | None, str | None]]] = [[] for _ in paths]
        values: list[dict[str, str | None]] = [{} for _ in paths]
        for number, *failure, value in connection.execute(
            "select return_no, rule, table_name, row_number, field, value "
            "from failures order by all"
        ).fetchall():
            failures[number].append(tuple(failure))
            values[number][failure[0]] = value
        rows = {
            table.name: connection.execute(
                f"select return_no, {', '.join(chr(34) + f.name + chr(34) for f in table.fields)} "
                f'from "judged_{table.name}" where not is_excluded order by return_no, row_number'
            ).fetchall()
            for table in standard().tables.values()
        }
    return Judged(failures, values, judgements, rows)


def judge_one(path: Path, aside: Path, inbox: str = "AB01", as_at: date = AS_AT) -> Judged:
    """Judges one return."""
    return judge_paths([path], aside, inbox, as_at)
