"""The copies of what was received: one that is damaged or gone is taken from the inbox anew, or its
loss is told, and nothing is computed without it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from orchestration.night import LostReturns, Night
from orchestration.settings import Settings
from tests.return_files import REGISTRY, ReturnFiles


@pytest.fixture
def night(tmp_path: Path) -> Night:
    """A night with one received return, not yet judged."""
    ReturnFiles().write_zip(tmp_path / "returns" / "AB01" / "may.zip")
    shutil.copytree(REGISTRY, tmp_path / "registry")
    made = Night(
        Settings(tmp_path / "returns", tmp_path / "registry", tmp_path / "build", date(2025, 7, 1))
    )
    made.receive()
    return made


def the_copy(night: Night) -> Path:
    (one,) = night.received()
    return one.kept


def test_a_copy_that_is_gone_is_taken_from_the_inbox_anew(night: Night) -> None:
    before = the_copy(night).read_bytes()
    shutil.rmtree(the_copy(night).parent)
    assert night.has_news()
    night.receive()
    assert the_copy(night).read_bytes() == before


def test_a_copy_that_is_gone_from_everywhere_is_told_and_nothing_goes_on(night: Night) -> None:
    copy = the_copy(night)
    shutil.rmtree(copy.parent)
    (night.settings.returns / "AB01" / "may.zip").unlink()
    with pytest.raises(LostReturns, match=rf"1 returns .* AB01/{copy.parent.name}\. Put .* backup"):
        night.receive()


def test_a_damaged_copy_is_set_aside_and_taken_from_the_inbox_anew(night: Night) -> None:
    copy, before = the_copy(night), the_copy(night).read_bytes()
    copy.write_bytes(before[:-20] + bytes(20))
    said: list[str] = []
    assert night.judge(said.append) == 1
    assert "the copy of a return of AB01 is damaged" in said[0]
    assert the_copy(night).read_bytes() == before
    assert len(list(night.settings.damaged.rglob("may.zip"))) == 1
    assert len(list(night.settings.lake.rglob("*.parquet"))) == len(ReturnFiles().tables)


def test_a_damaged_copy_that_the_inbox_no_longer_holds_is_told(night: Night) -> None:
    the_copy(night).write_bytes(b"")
    (night.settings.returns / "AB01" / "may.zip").unlink()
    with pytest.raises(LostReturns):
        night.judge(lambda _: None)


def test_one_content_under_two_spellings_of_an_inbox_is_kept_once_and_is_not_lost(
    night: Night,
) -> None:
    (night.settings.returns / "ab01").mkdir()
    shutil.copy2(night.settings.returns / "AB01" / "may.zip", night.settings.returns / "ab01")
    night.receive()
    assert len(night.received()) == 1
    assert night.receive() == 0
