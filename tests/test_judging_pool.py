"""Returns judged by several processes: whatever one does to its process, it costs no other."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.facts import standard
from orchestration.intake.judging_pool import JudgingFailed, Pool, judge_batches
from orchestration.intake.lake import Judging, Receipt, batches, load_receipts
from orchestration.intake.receive import Received
from orchestration.night import Night
from orchestration.settings import Settings
from tests.hostile_reader import PIPE, command, is_hanging
from tests.return_files import REGISTRY, ReturnFiles

AS_AT = date(2025, 7, 1)


def night_with(home: Path, names: Sequence[str]) -> Night:
    """A night with a received return of each name, each another submission of the same month."""
    for number, name in enumerate(names, start=1):
        files = ReturnFiles().set("return", 0, submission_no=str(number))
        files.write_zip(home / "returns" / "AB01" / f"{name}.zip")
    shutil.copytree(REGISTRY, home / "registry", dirs_exist_ok=True)
    night = Night(Settings(home / "returns", home / "registry", home / "build", AS_AT))
    night.receive()
    return night


def judging(night: Night) -> Judging:
    return Judging(night.rules, night.registry, night.judging_context, AS_AT, night.settings.ledger)


def by_name(night: Night) -> dict[str, Received]:
    return {one.source_name.removesuffix(".zip"): one for one in night.received()}


def receipts(night: Night) -> dict[str, Receipt]:
    """The receipt of each return, by its name."""
    known = load_receipts(night.settings.ledger)
    return {name: known[one.return_id] for name, one in by_name(night).items()}


def said(night: Night, receipt: Receipt) -> list[tuple[str, str]]:
    """The rule and the message of each failure of a return."""
    path = night.settings.ledger / "failures" / f"{receipt.judgement_id}.parquet"
    return duckdb.sql(f"select rule, message from read_parquet('{path}')").fetchall()


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(
    ("returns", "lots"),
    [(1, [1]), (99, [99]), (100, [50, 50]), (300, [150, 150]), (1000, [250] * 4)],
)
def test_returns_are_divided_evenly_and_in_order(
    tmp_path: Path, returns: int, lots: list[int]
) -> None:
    moment = datetime(2025, 6, 3, tzinfo=UTC)
    received = [
        Received(str(number), "AB01", "may.zip", "", moment, tmp_path / "nothing")
        for number in range(returns)
    ]
    divided = list(batches(received, standard().limits))
    assert [len(lot) for lot in divided] == lots
    assert [one for lot in divided for one in lot] == received


def test_one_process_and_two_leave_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.intake.lake.BATCH_RETURNS", 3)
    names = [f"return-{number}" for number in range(10)]
    night = night_with(tmp_path, names)
    found = []
    for processes in (1, 2):
        for folder in ("lake", "receipts", "failures", "facts", "checksums", "history"):
            shutil.rmtree(night.settings.ledger / folder, ignore_errors=True)
            shutil.rmtree(night.settings.build / folder, ignore_errors=True)
        monkeypatch.setattr(Night, "judging_pool", lambda *_, count=processes: Pool(count, 60))
        told: list[str] = []
        assert night.judge(told.append) == len(names)
        assert f"judged {len(names)} of {len(names)} returns" in told
        found.append((contents(night.settings.lake), contents(night.settings.ledger)))
    assert len(found[0][0]) == len(names) * len(ReturnFiles().tables)
    assert found[0] == found[1]


def test_returns_that_end_their_process_cost_the_others_nothing(tmp_path: Path) -> None:
    good = [f"good-{number:02}" for number in range(50)]
    night = night_with(tmp_path, [*good[:20], "dies-1", *good[20:30], "dies-2", *good[30:]])
    known = by_name(night)
    lots = [list(known.values())[:30], list(known.values())[30:]]
    pool = Pool(2, 60, command=command(tmp_path))
    told: list[int] = []
    aside = night.settings.aside
    folders = judge_batches(pool, lots, judging(night), aside, told.append)
    found = receipts(night)
    assert {name for name, receipt in found.items() if receipt.accepted} == set(good)
    # The bad ones come last.
    assert told[-2:] == [1, 1]
    assert sum(told) == 52
    for name in ("dies-1", "dies-2"):
        ((rule, message),) = said(night, found[name])
        assert rule == "return.file.readable"
        assert "breaks down" in message
    rows = {path.parent.name for one in folders for path in one.glob("rows/return/*/*.parquet")}
    assert rows == {f"judgement_id={found[name].judgement_id}" for name in good}


def test_a_return_that_takes_its_time_holds_up_no_other(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / PIPE)
    good = [f"good-{number}" for number in range(6)]
    night = night_with(tmp_path, ["waits", *good])
    known = by_name(night)
    lots = [[known["waits"]], [known[name] for name in good[:3]], [known[n] for n in good[3:]]]
    done = 0

    def tell(count: int) -> None:
        nonlocal done
        done += count
        if done == len(good):
            # All others are judged, and can be looked at; now the one that waits is let go on.
            there = load_receipts(night.settings.ledger)
            assert set(there) == {known[name].return_id for name in good}
            (tmp_path / PIPE).write_bytes(b"")

    pool = Pool(2, seconds=3600, command=command(tmp_path))
    judge_batches(pool, lots, judging(night), night.settings.aside, tell)
    assert all(receipt.accepted for receipt in receipts(night).values())


def test_a_return_that_never_ends_is_put_off_and_then_told(tmp_path: Path) -> None:
    good = ["good-1", "good-2"]
    night = night_with(tmp_path, ["good-1", "hangs", "good-2"])

    hours = 0

    def clock() -> float:
        """It stands still, but while a process hangs an hour is gone whenever it is looked at."""
        nonlocal hours
        hours += is_hanging(tmp_path)
        return hours * 3600.0

    told: list[int] = []
    pool = Pool(1, seconds=60, command=command(tmp_path), clock=clock)
    lots = [night.received()]
    judge_batches(pool, lots, judging(night), night.settings.aside, told.append)
    assert told == [2, 1]
    found = receipts(night)
    assert {name for name, receipt in found.items() if receipt.accepted} == set(good)
    ((rule, message),) = said(night, found["hangs"])
    assert rule == "return.file.readable"
    assert "longer than 60 seconds" in message


def test_where_nothing_can_be_judged_no_return_is_blamed(tmp_path: Path) -> None:
    night = night_with(tmp_path, ["good-1", "good-2"])
    pool = Pool(2, 60, command=(sys.executable, "-c", "raise SystemExit(1)"))
    with pytest.raises(JudgingFailed, match="not even the example return"):
        judge_batches(pool, [night.received()], judging(night), night.settings.aside)
    assert load_receipts(night.settings.ledger) == {}


def test_what_no_return_is_to_blame_for_is_raised(tmp_path: Path) -> None:
    night = night_with(tmp_path, ["good"])
    (night.settings.ledger / "receipts").write_text("no folder")
    with pytest.raises(FileExistsError):
        judge_batches(Pool(1, 60), [night.received()], judging(night), night.settings.aside)
