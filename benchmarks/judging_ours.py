"""Our judge, on every table of the return, as `outcomes check` runs it."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import duckdb

from benchmarks.make_return import PROVIDER
from benchmarks.measure import Findings, run
from orchestration.facts import standard
from orchestration.intake.judge import ReturnToJudge, compile_rules
from orchestration.intake.judge import judge as judge_returns
from orchestration.registry import load_registry
from orchestration.settings import PROJECT

REGISTRY = PROJECT / "seeds" / "registry"
AS_AT = date(2025, 7, 1)


def judge(folder: Path) -> Findings:
    """Judges the return in `folder`."""
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as aside:
        judge_returns(
            connection,
            [ReturnToJudge(folder, PROVIDER)],
            compile_rules(standard()),
            load_registry(REGISTRY),
            AS_AT,
            Path(aside),
        )
        failures = connection.execute(
            "select rule, count(*) from failures where table_name = 'contacts' group by rule"
        ).fetchall()
        (kept,) = connection.execute(
            "select count(*) from judged_contacts where not is_excluded"
        ).fetchone() or (0,)
    return Findings(dict(failures), kept)


if __name__ == "__main__":
    run(judge)
