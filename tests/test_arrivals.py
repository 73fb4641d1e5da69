"""What is still arriving in an inbox, and when it is taken."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from orchestration.intake.arrivals import standing_still
from orchestration.intake.receive import InboxEntry, all_received, look_into_inbox, receive
from orchestration.night import Night
from orchestration.operation import operation
from orchestration.refresh import take_at_once
from orchestration.settings import Settings
from tests.return_files import REGISTRY, ReturnFiles

AS_AT = date(2025, 7, 1)
LARGE = 10_000_000
STILL = 10


class Clock:
    """A clock that only a pause moves on, so many seconds after the last change of `path`;
    `meanwhile` happens during the pause."""

    def __init__(
        self, path: Path, since: float, meanwhile: Callable[[], object] = lambda: None
    ) -> None:
        self.time = path.lstat().st_ctime + since
        self.meanwhile = meanwhile
        self.pauses: list[float] = []

    def now(self) -> float:
        return self.time

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time += seconds
        self.meanwhile()


def names(returns: Path, clock: Clock) -> list[str]:
    """What stands still."""
    entries = look_into_inbox(returns)
    return [one.name for one in standing_still(entries, STILL, clock.now, clock.pause)]


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    return ReturnFiles().write_zip(tmp_path / "returns" / "AB01" / "may.zip")


def test_what_has_stood_still_is_taken_without_a_pause(upload: Path) -> None:
    clock = Clock(upload, STILL)
    assert names(upload.parents[1], clock) == ["may.zip"]
    assert clock.pauses == []


def test_what_changed_lately_is_taken_after_the_rest_of_the_time_if_it_stands_still(
    upload: Path,
) -> None:
    clock = Clock(upload, 4)
    assert names(upload.parents[1], clock) == ["may.zip"]
    assert clock.pauses == [pytest.approx(6)]


def test_an_upload_that_grows_meanwhile_is_left_and_the_others_are_taken(upload: Path) -> None:
    other = upload.with_name("april.zip")
    shutil.copy(upload, other)

    def grow() -> None:
        with upload.open("ab") as file:
            file.write(b"more")

    assert names(upload.parents[1], Clock(upload, 1, grow)) == ["april.zip"]


def test_a_program_that_sets_the_time_of_the_original_deceives_nobody(upload: Path) -> None:
    os.utime(upload, (1_000, 1_000))

    def write_in_place() -> None:
        upload.write_bytes(b"x" * upload.stat().st_size)
        os.utime(upload, (1_000, 1_000))

    assert names(upload.parents[1], Clock(upload, 1, write_in_place)) == []


def test_a_folder_that_is_still_being_filled_is_left(tmp_path: Path) -> None:
    folder = ReturnFiles().write_folder(tmp_path / "returns" / "AB01" / "may")
    more = [
        lambda: (folder / "more.csv").write_text("x"),
        lambda: (folder / "more.csv.filepart").write_text("x"),
        lambda: (folder / "more.csv.filepart").write_text("xy"),
    ]
    for fill in more:
        assert names(tmp_path / "returns", Clock(folder, 1, fill)) == []
    assert names(tmp_path / "returns", Clock(folder, 1)) == ["may"]


def test_a_time_in_the_future_keeps_nothing_out(upload: Path) -> None:
    os.utime(upload, (4e9, 4e9))
    assert names(upload.parents[1], Clock(upload, STILL)) == ["may.zip"]
    set_back = Clock(upload, -1e6)
    assert names(upload.parents[1], set_back) == ["may.zip"]
    assert set_back.pauses == [STILL], "it waits no longer than the setting"


def test_what_vanishes_meanwhile_is_no_return(upload: Path) -> None:
    assert names(upload.parents[1], Clock(upload, 1, upload.unlink)) == []


@pytest.mark.parametrize("ending", [".part", ".filepart", ".tmp", ".crdownload", ".PARTIAL"])
def test_a_partial_name_is_no_return_until_it_is_renamed(upload: Path, ending: str) -> None:
    arriving = upload.rename(upload.with_name(upload.name + ending))
    assert look_into_inbox(upload.parents[1]) == []
    arriving.rename(upload)
    assert names(upload.parents[1], Clock(upload, STILL)) == ["may.zip"]


def test_what_grows_while_it_is_copied_is_not_taken_half(
    upload: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = upload.read_bytes()
    upload.write_bytes(whole[:100])
    copy = shutil.copy2

    def copy_slowly(source: Path, target: Path, **how: bool) -> object:
        done = copy(source, target, **how)
        upload.write_bytes(whole)
        return done

    def take() -> list[bytes]:
        entries: list[InboxEntry] = look_into_inbox(upload.parents[1])
        receive(entries, tmp_path / "received", tmp_path / "ledger", LARGE)
        kept = all_received(tmp_path / "received", tmp_path / "ledger")
        return [one.kept.read_bytes() for one in kept]

    monkeypatch.setattr(shutil, "copy2", copy_slowly)
    assert take() == []
    monkeypatch.undo()
    assert take() == [whole]


def test_the_night_says_how_many_are_left(
    upload: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tonight = Night(Settings(upload.parents[1], REGISTRY, tmp_path / "build", AS_AT))
    monkeypatch.setattr("orchestration.night.standing_still", lambda entries, _: entries[1:])
    said: list[str] = []
    tonight.receive(STILL, said.append)
    assert said == ["1 returns are still arriving: they are left for the next refresh"]
    assert tonight.received() == []


def test_the_command_takes_at_once_unless_the_operator_set_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OUTCOMES_INBOX_STILL_SECONDS", "")
    assert operation().inbox_still_seconds == STILL
    take_at_once()
    assert operation().inbox_still_seconds == 0
    monkeypatch.setenv("OUTCOMES_INBOX_STILL_SECONDS", "30")
    take_at_once()
    assert operation().inbox_still_seconds == 30
