"""Our judge as the nightly refresh runs it: the rows written to the lake, the failures and what
later months are judged by to the ledger."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.judging_ours import AS_AT, REGISTRY
from benchmarks.make_return import PROVIDER
from benchmarks.measure import Findings, run
from orchestration.facts import standard
from orchestration.intake.judge import compile_rules
from orchestration.intake.judging_pool import MEMORY_BYTES, cores
from orchestration.intake.lake import Bounds, Judging, judge_batch, promote
from orchestration.intake.receive import Received
from orchestration.registry import load_registry


def judge(folder: Path) -> Findings:
    """Judges the return in `folder`, into a lake that is thrown away."""
    received = Received(
        "benchmark", PROVIDER, folder.name, "benchmark", datetime(2025, 6, 3, tzinfo=UTC), folder
    )
    with tempfile.TemporaryDirectory() as place:
        aside = Path(place) / "aside"
        judging = Judging(
            compile_rules(standard()),
            load_registry(REGISTRY),
            "benchmark",
            AS_AT,
            Path(place) / "ledger",
        )
        receipts = judge_batch([received], judging, Bounds(MEMORY_BYTES, cores()), aside)
        promote([aside], receipts, set(), Path(place) / "lake", judging.ledger)
    received_rows, excluded = receipts[0].rows_by_table["contacts"]
    return Findings({}, received_rows - excluded)


if __name__ == "__main__":
    run(judge)
