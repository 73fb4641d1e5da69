"""Judging returns by the provider's returns of the months before.

Which returns those are changes whenever one is accepted, whichever month it is for. So this is done
after all else is judged, from the facts that each judgement left in the ledger, and kept under an
identifier of the return and its predecessors: only what has new predecessors is judged anew.
`history.json` says how many warnings each of these judgements found; the failures themselves lie in
`history/<history_id>.parquet`, where there are any.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from expectations.rules.history_rules import FACTS, MONTHS_BEFORE, failures
from expectations.rules.return_rules import month_end
from expectations.rules.sql import literal, literals
from expectations.standard import Standard
from orchestration.intake.lake import Receipt, facts_file
from orchestration.intake.receive import write_whole
from orchestration.rows import insert_rows

INDEX = "history.json"


@dataclass(frozen=True)
class History:
    """A return and the returns in effect of the months before it: (months back, judgement_id)."""

    receipt: Receipt
    predecessors: tuple[tuple[int, str], ...]

    @property
    def history_id(self) -> str:
        """Tells this return with these predecessors from any other."""
        whole = f"{self.receipt.judgement_id}\0{self.predecessors}"
        return hashlib.sha256(whole.encode()).hexdigest()[:16]


def histories(receipts: Sequence[Receipt], refused: set[str]) -> list[History]:
    """The history of each return whose provider and month are known, rejected ones too.

    `refused` are the return_ids of submissions whose number another file has taken.
    """
    in_effect: dict[tuple[str, date], Receipt] = {}
    for receipt in receipts:
        month = receipt.month
        if not receipt.accepted or receipt.return_id in refused or month is None:
            continue
        standing = in_effect.setdefault((receipt.provider_code, month), receipt)
        if (receipt.submission_no or 0) > (standing.submission_no or 0):
            in_effect[receipt.provider_code, month] = receipt
    found = []
    for receipt in receipts:
        month = receipt.month
        if not receipt.identified or month is None:
            continue
        before = []
        for months_back in range(1, MONTHS_BEFORE + 1):
            predecessor = in_effect.get((receipt.provider_code, _months_before(month, months_back)))
            if predecessor is not None:
                before.append((months_back, predecessor.judgement_id))
        found.append(History(receipt, tuple(before)))
    return found


def _months_before(month: date, months: int) -> date:
    """The first day of the month so many before; of year 1 there is none, and it gives `month`."""
    count = month.year * 12 + month.month - 1 - months
    return date(count // 12, count % 12 + 1, 1) if count >= 12 else month


def judge_histories(
    standard: Standard, receipts: Sequence[Receipt], refused: set[str], ledger: Path, aside: Path
) -> int:
    """Judges every return by its history where that has changed; gives how many were judged."""
    known = warnings_by_history(ledger)
    new = new_histories(receipts, refused, ledger)
    if new:
        known |= _judge(standard, new, ledger, aside)
    wanted = sorted(history.history_id for history in histories(receipts, refused))
    if new or sorted(known) != wanted:
        standing = {history_id: known[history_id] for history_id in wanted}
        write_whole(ledger / INDEX, json.dumps(standing, indent=0))
        for path in (ledger / "history").glob("*.parquet"):
            if path.stem not in standing:
                path.unlink()
    return len(new)


def new_histories(receipts: Sequence[Receipt], refused: set[str], ledger: Path) -> list[History]:
    """The histories that have not been judged."""
    known = warnings_by_history(ledger)
    return [one for one in histories(receipts, refused) if one.history_id not in known]


def warnings_by_history(ledger: Path) -> dict[str, int]:
    """How many warnings were found of each history that was judged, by history_id."""
    path = ledger / INDEX
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}  # judged anew
    return {str(history_id): int(warnings) for history_id, warnings in found.items()}


def history_file(ledger: Path, history_id: str) -> Path:
    """Where the failures of a history lie, if it has any."""
    return ledger / "history" / f"{history_id}.parquet"


def _judge(standard: Standard, new: Sequence[History], ledger: Path, aside: Path) -> dict[str, int]:
    """Writes the failures of each history to the ledger; gives the number of warnings of each."""
    written = aside / "history"
    shutil.rmtree(written, ignore_errors=True)
    written.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            "create table subjects (history_id varchar, judgement_id varchar, month_end date, "
            "provider_code varchar, period varchar, submission_no integer, source_name varchar)"
        )
        insert_rows(
            connection,
            "subjects",
            [
                (
                    history.history_id,
                    history.receipt.judgement_id,
                    month_end(history.receipt.month) if history.receipt.month else None,
                    history.receipt.provider_code,
                    history.receipt.period,
                    history.receipt.submission_no,
                    history.receipt.source_name,
                )
                for history in new
            ],
        )
        connection.execute(
            "create table predecessors (history_id varchar, months_back integer, "
            "judgement_id varchar)"
        )
        insert_rows(
            connection,
            "predecessors",
            [(history.history_id, *before) for history in new for before in history.predecessors],
        )
        _read_facts(connection, _needed(new, ledger))
        connection.execute(f"create table failures as {failures(standard)}")
        connection.execute(
            "copy (select history_id, judgement_id, provider_code, period, submission_no, "
            "source_name, table_name, row_number, field, rule, severity, value, message "
            "from failures inner join subjects using (history_id) "
            "order by history_id, table_name, row_number, rule, field, value) "
            f"to {literal(str(written))} (format parquet, partition_by (history_id))"
        )
        counted = connection.execute(
            "select history_id, count(*) filter (severity = 'warning') "
            "from failures group by history_id"
        ).fetchall()
    (ledger / "history").mkdir(parents=True, exist_ok=True)
    for path in written.glob("history_id=*/*.parquet"):
        path.replace(history_file(ledger, path.parent.name.removeprefix("history_id=")))
    shutil.rmtree(written)
    return {history.history_id: 0 for history in new} | dict(counted)


def _needed(new: Iterable[History], ledger: Path) -> list[Path]:
    ids = {history.receipt.judgement_id for history in new}
    ids |= {judgement_id for history in new for _, judgement_id in history.predecessors}
    return [path for path in (facts_file(ledger, one) for one in sorted(ids)) if path.exists()]


def _read_facts(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> None:
    if paths:
        connection.execute(
            "create view history_facts as select * from "
            f"read_parquet([{literals(map(str, paths))}], hive_partitioning = false)"
        )
    else:
        connection.execute(f"create table history_facts (judgement_id varchar, {FACTS})")
