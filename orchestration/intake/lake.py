"""The lake and the ledger: what is kept of every judgement.

The ledger has, for each return received, a receipt (`receipts/<return_id>.json`), its failures
(`failures/<judgement_id>.parquet`), the facts that later months are judged by
(`facts/<judgement_id>.parquet`), and what its files in the lake hold
(`checksums/<judgement_id>.json`). The lake has the typed rows that were not excluded, of accepted
submissions only, a file for each table: `<table>/provider_code=…/period=…/submission_no=…/
<judgement_id>.parquet`. A file once in the lake is never written again; where a return is judged
anew (because the registry or the standard changed), a new file takes the place of the old one.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import duckdb

from expectations.rules import history_rules
from expectations.rules.return_rules import (
    Failure,
    Submission,
    failure,
    has_ended,
    month_name,
    repeated_submissions,
)
from expectations.rules.sql import literal, name
from expectations.standard import MANIFEST, Limits, Registry, Standard
from orchestration.intake.checksums import (
    LakeFile,
    checksums_of,
    damaged,
    write_checksums,
)
from orchestration.intake.judge import CompiledRules, Judgement, ReturnToJudge, judge
from orchestration.intake.read import unpacked_size
from orchestration.intake.receive import Received, write_whole
from orchestration.rows import insert_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A batch is judged together; about this much, unpacked, fits well into memory.
BATCH_BYTES = 32 * 1024 * 1024
BATCH_RETURNS = 250
# As many returns are worth a second process, and the half second that it begins with.
WORTH_TWO = 100
LEAST_WEIGHT = 30_000
# The folder, in that of a batch, of the rows that wait to be taken into the lake.
ROWS = "rows"


@dataclass(frozen=True)
class Judging:
    """What returns are judged by: the rules, the registry, a digest of both (`context`) and the
    day; and the folder where what is found is kept."""

    rules: CompiledRules
    registry: Registry
    context: str
    as_at: date
    ledger: Path


@dataclass(frozen=True)
class Bounds:
    """What one judging may take of the machine: memory for its database, in bytes, and threads."""

    memory_bytes: int
    threads: int

    def connect(self, aside: Path) -> DuckDBPyConnection:
        """A database within these bounds; what does not fit into memory goes to a folder there."""
        connection = duckdb.connect(
            config={
                "memory_limit": f"{self.memory_bytes // 2**20} MiB",
                "threads": str(self.threads),
                "temp_directory": str(aside / "spilled"),
            }
        )
        # Nobody looks on, though to DuckDB it may seem so.
        connection.execute("set enable_progress_bar = false")
        return connection


@dataclass(frozen=True)
class Receipt:
    """What was found out about one return. `context` is a digest of the registry and the rules it
    was judged by; `judged_open`, whether its month had ended then. `accepted` speaks of the return
    by itself: whether another one has taken its submission number is decided anew each night.
    """

    return_id: str
    judgement_id: str
    inbox: str
    source_name: str
    content: str
    received_at: str
    context: str
    provider_code: str
    period: str | None
    submission_no: int | None
    identified: bool
    names_another: bool
    accepted: bool
    judged_open: bool | None
    rows_received: int
    rows_excluded: int
    warnings: int
    rows_by_table: dict[str, list[int]]

    @property
    def month(self) -> date | None:
        """The first day of the month that the return covers."""
        return date.fromisoformat(self.period + "-01") if self.period else None


def load_receipts(ledger: Path) -> dict[str, Receipt]:
    """Every receipt of the ledger, by return_id."""
    receipts = {}
    for path in sorted((ledger / "receipts").glob("*.json")):
        try:
            receipts[path.stem] = Receipt(**json.loads(path.read_text(encoding="utf-8")))
        except (TypeError, ValueError):
            continue  # another version's, or damaged: the return is judged anew
    return receipts


def standing_receipts(received: Iterable[Received], ledger: Path) -> list[Receipt]:
    """The receipt of each return received, with the name and time under which it first came."""
    receipts = load_receipts(ledger)
    return [
        replace(
            receipts[one.return_id],
            source_name=one.source_name,
            received_at=one.received_at.isoformat(),
        )
        for one in received
        if one.return_id in receipts
    ]


def to_be_judged(
    received: Sequence[Received],
    receipts: Sequence[Receipt],
    refused: set[str],
    context: str,
    as_at: date,
    lake: Path,
) -> list[Received]:
    """The returns without a judgement, or whose judgement the registry, the rules or the day has
    overtaken, or whose rows are not in the lake though they belong there."""
    known = {receipt.return_id: receipt for receipt in receipts}

    def stands(receipt: Receipt | None) -> bool:
        if receipt is None or receipt.context != context:
            return False
        month = receipt.month
        if month is not None and has_ended(month, as_at) != receipt.judged_open:
            return False
        belongs_in_lake = receipt.accepted and receipt.return_id not in refused
        # The manifest always has a row, so its file tells whether the rows are there.
        return not belongs_in_lake or lake_file(lake, MANIFEST, receipt).exists()

    return [one for one in received if not stands(known.get(one.return_id))]


def batches(received: Sequence[Received], limits: Limits) -> Iterable[list[Received]]:
    """The returns in lots that are judged together, by what came and nothing else: however many
    processes judge them, the lots are the same."""
    # One that cannot be opened costs next to nothing.
    weights = [unpacked_size(one.kept, limits) for one in received]
    lots = max(1, -(-len(received) // BATCH_RETURNS), -(-sum(weights) // BATCH_BYTES))
    if len(received) >= WORTH_TWO:
        # An even number is shared best, by two processes or four.
        lots += lots % 2
    # A return costs something however small it is, about as much as so many bytes do.
    most = (sum(weights) + LEAST_WEIGHT * len(received)) / lots
    batch: list[Received] = []
    size, before, lot = 0, 0.0, 0
    for one, weight in zip(received, weights, strict=True):
        # By where the middle of it lies among all: the lots come out alike.
        place = int((before + (weight + LEAST_WEIGHT) / 2) / most)
        if batch and (place > lot or size + weight > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        lot = place
        batch.append(one)
        size += weight
        before += weight + LEAST_WEIGHT
    if batch:
        yield batch


def judge_batch(
    batch: Sequence[Received],
    judging: Judging,
    bounds: Bounds,
    aside: Path,
    unreadable: Mapping[int, str] = MappingProxyType({}),
    note: Callable[[int | None], None] = lambda _: None,
) -> list[Receipt]:
    """Judges a batch; writes its rows to `aside`, then its failures and receipts to the ledger.

    The rows of a judgement lie in `aside`/rows/<table>/judgement_id=<id>/ until `promote` takes
    them into the lake. `unreadable` and `note` are as in `judge`.
    """
    rules, context, as_at, ledger = judging.rules, judging.context, judging.as_at, judging.ledger
    with bounds.connect(aside) as connection:
        returns = [ReturnToJudge(one.kept, one.inbox) for one in batch]
        judgements = judge(
            connection,
            returns,
            rules,
            judging.registry,
            as_at,
            aside / "text",
            unreadable,
            note,
        )
        receipts = [
            _receipt(one, judgement, context, as_at)
            for one, judgement in zip(batch, judgements, strict=True)
        ]
        connection.execute(
            "create table judgements (return_no integer, judgement_id varchar, "
            "is_accepted boolean, provider_code varchar, period varchar, submission_no integer, "
            "source_name varchar)"
        )
        insert_rows(
            connection,
            "judgements",
            [
                (
                    number,
                    r.judgement_id,
                    r.accepted,
                    r.provider_code,
                    r.period,
                    r.submission_no,
                    r.source_name,
                )
                for number, r in enumerate(receipts)
            ],
        )
        # Two threads would write the same rows in another order each time.
        connection.execute("set threads = 1")
        _write_rows(connection, rules.standard, aside / ROWS)
        _write_failures(connection, aside / "failures", ledger / "failures")
        _write_facts(connection, rules.standard, aside / "facts", ledger / "facts")
    (ledger / "receipts").mkdir(parents=True, exist_ok=True)
    for receipt in receipts:
        path = ledger / "receipts" / f"{receipt.return_id}.json"
        write_whole(path, json.dumps(asdict(receipt), indent=1))
    return receipts


def _receipt(one: Received, judgement: Judgement, context: str, as_at: date) -> Receipt:
    month = judgement.period
    judged_open = has_ended(month, as_at) if month else None
    identity = f"{one.return_id}\0{context}\0{judged_open}"
    return Receipt(
        return_id=one.return_id,
        judgement_id=hashlib.sha256(identity.encode()).hexdigest()[:16],
        inbox=one.inbox,
        source_name=one.source_name,
        content=one.content,
        received_at=one.received_at.isoformat(),
        context=context,
        provider_code=judgement.provider_code,
        period=month_name(month) if month else None,
        submission_no=judgement.submission_no,
        identified=judgement.identified,
        names_another=judgement.names_another,
        accepted=judgement.identified and not judgement.rejected,
        judged_open=judged_open,
        rows_received=sum(received for received, _ in judgement.rows.values()),
        rows_excluded=sum(excluded for _, excluded in judgement.rows.values()),
        warnings=judgement.warnings,
        rows_by_table={table: list(counts) for table, counts in judgement.rows.items()},
    )


def _write_rows(connection: DuckDBPyConnection, standard: Standard, aside: Path) -> None:
    """The rows that are not excluded, of returns that are accepted, a file for each judgement."""
    for table in standard.tables.values():
        columns = ", ".join(f"judged.{name(field.name)}" for field in table.fields)
        folder = aside / table.name
        folder.mkdir(parents=True, exist_ok=True)
        connection.execute(
            f"copy (select judgements.judgement_id, judged.row_number, {columns} "
            f"from {name('judged_' + table.name)} as judged "
            "inner join judgements using (return_no) "
            "where judgements.is_accepted and not judged.is_excluded "
            f"order by judgements.judgement_id, judged.row_number) to {literal(str(folder))} "
            "(format parquet, compression zstd, partition_by (judgement_id), "
            "write_partition_columns true, overwrite_or_ignore true)"
        )


def _write_failures(connection: DuckDBPyConnection, aside: Path, ledger: Path) -> None:
    query = (
        "select judgement_id, provider_code, period, judgements.submission_no, source_name, "
        "table_name, row_number, field, rule, severity, value, message "
        "from failures inner join judgements using (return_no) "
        "order by judgement_id, table_name, row_number, rule, field"
    )
    _write_to_ledger(connection, query, aside, ledger)


def _write_facts(
    connection: DuckDBPyConnection, standard: Standard, aside: Path, ledger: Path
) -> None:
    connection.execute(f"create table facts ({history_rules.FACTS})")
    connection.execute(f"insert into facts by name {history_rules.facts(standard)}")
    query = (
        "select judgement_id, facts.* exclude (return_no) "
        "from facts inner join judgements using (return_no) "
        "order by judgement_id, fact, table_name, field, row_number"
    )
    _write_to_ledger(connection, query, aside, ledger)


def _write_to_ledger(connection: DuckDBPyConnection, query: str, aside: Path, ledger: Path) -> None:
    """Writes the rows of `query`, a file for each judgement_id, which is its first column."""
    ledger.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    connection.execute(
        f"copy ({query}) to {literal(str(aside))} (format parquet, partition_by (judgement_id), "
        "write_partition_columns true)"
    )
    for judgement_id, path in _written(aside):
        path.replace(ledger / f"{judgement_id}.parquet")
    shutil.rmtree(aside)


def _written(folder: Path) -> Iterator[tuple[str, Path]]:
    """Each judgement_id of which there is a file in a folder written by judgement, and the file."""
    for of_judgement in sorted(folder.iterdir()):
        # More than one would be rows that are lost.
        (file,) = of_judgement.iterdir()
        yield of_judgement.name.removeprefix("judgement_id="), file


def promote(
    asides: Iterable[Path],
    receipts: Iterable[Receipt],
    refused: set[str],
    lake: Path,
    ledger: Path,
) -> int:
    """Takes the rows of accepted submissions from `asides`, the folders of the batches, into the
    lake; gives the files taken.

    `refused` are the return_ids of submissions whose number was taken by another.
    """
    waiting: dict[str, dict[str, Path]] = {}
    for aside in asides:
        for folder in sorted((aside / ROWS).iterdir()):
            for judgement_id, path in _written(folder):
                waiting.setdefault(judgement_id, {})[folder.name] = path
    wanted = [
        receipt
        for receipt in receipts
        if receipt.accepted
        and receipt.return_id not in refused
        and receipt.judgement_id in waiting
        # The manifest goes last: where it is in the lake, all the others are, and stay.
        and not lake_file(lake, MANIFEST, receipt).exists()
    ]

    def take(receipt: Receipt) -> int:
        files = waiting[receipt.judgement_id]
        write_checksums(ledger, receipt.judgement_id, files)
        for table in sorted(files, key=lambda table: table == MANIFEST):
            _move_into_lake(files[table], lake_file(lake, table, receipt))
        return len(files)

    # Most of it is the file system's work, during which other threads run.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return sum(threads.map(take, wanted))


def _move_into_lake(path: Path, target: Path) -> None:
    """Moves a file, the only one of its folder, to its place in the lake."""
    named = path.rename(path.with_name(target.name))
    try:
        # Mostly there is nothing yet of the submission, and its folder can be moved as it is: to
        # make one takes the file system ten times as long.
        path.parent.replace(target.parent)
    except FileNotFoundError:
        target.parent.parent.mkdir(parents=True, exist_ok=True)
        path.parent.replace(target.parent)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        named.replace(target)


def set_aside_damaged(
    receipts: Iterable[Receipt], refused: set[str], lake: Path, ledger: Path, damaged_to: Path
) -> list[Receipt]:
    """Takes the rows of each judgement of which a file is damaged out of the lake, so that it is
    judged anew; gives their receipts. What the files hold is kept in `damaged_to`.
    """
    standing = {
        receipt.judgement_id: receipt
        for receipt in receipts
        if receipt.accepted
        and receipt.return_id not in refused
        and lake_file(lake, MANIFEST, receipt).exists()
    }
    unknown = [one for one in standing if MANIFEST not in checksums_of(ledger, one)]
    files = (
        LakeFile(one, lake_file(lake, table, receipt), digest)
        for one, receipt in standing.items()
        for table, digest in checksums_of(ledger, one).items()
    )
    hit = sorted({*unknown, *(file.judgement_id for file in damaged(files))})
    for judgement_id in hit:
        receipt = standing[judgement_id]
        own = lake.glob(lake_file(Path("*"), "*", receipt).relative_to("*").as_posix())
        # The manifest goes first: without it, nobody takes the others for whole.
        for path in sorted(own, key=lambda path: path.parents[3].name != MANIFEST):
            target = damaged_to / path.relative_to(lake)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
    return [standing[judgement_id] for judgement_id in hit]


def remove_overtaken(lake: Path, receipts: Iterable[Receipt], refused: set[str]) -> int:
    """Removes the rows of judgements that no longer stand; gives the files removed.

    Whoever reads the lake finds each accepted submission once.
    """
    standing = {r.judgement_id for r in receipts if r.accepted and r.return_id not in refused}
    overtaken = [path for path in lake.glob("*/*/*/*/*.parquet") if path.stem not in standing]
    for path in overtaken:
        path.unlink()
    return len(overtaken)


def lake_file(lake: Path, table: str, receipt: Receipt) -> Path:
    """Where the rows of one table of an accepted submission lie."""
    return (
        lake
        / table
        / f"provider_code={receipt.provider_code}"
        / f"period={receipt.period}"
        / f"submission_no={receipt.submission_no}"
        / f"{receipt.judgement_id}.parquet"
    )


def facts_file(ledger: Path, judgement_id: str) -> Path:
    """Where the facts of a judgement lie, if the return could be opened."""
    return ledger / "facts" / f"{judgement_id}.parquet"


def refused_for_number(receipts: Iterable[Receipt]) -> set[str]:
    """The return_ids of submissions whose number another file had taken before."""
    return repeated_submissions(
        Submission(
            return_id=receipt.return_id,
            provider_code=receipt.provider_code,
            period=receipt.month,
            submission_no=receipt.submission_no,
            content=receipt.content,
            received_at=datetime.fromisoformat(receipt.received_at),
            source_name=receipt.source_name,
        )
        for receipt in receipts
        if receipt.identified and receipt.month and receipt.submission_no is not None
    )


def number_failure(standard: Standard, receipt: Receipt) -> Failure:
    """The failure of a submission whose number another file has taken."""
    return failure(
        standard,
        "return.submission_no.new",
        found=str(receipt.submission_no),
        table="return",
        field="submission_no",
    )
