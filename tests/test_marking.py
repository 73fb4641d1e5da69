"""Marking many files: what one of them does costs no other its own."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from expectations.standard import Standard
from orchestration.facts import standard
from orchestration.reports.cell_failures import CellFailure
from orchestration.reports.file_back import write_file_back
from orchestration.reports.marking import FileToMark, Marked, mark_files
from tests.return_files import ReturnFiles

FAILURE = CellFailure("contacts", 2, "purpose", "contacts.purpose.code", "error", "Not a code.")


def files_to_mark(home: Path, names: Sequence[str]) -> list[FileToMark]:
    """The same return under several names."""
    source = ReturnFiles().write_zip(home / "may.zip")
    return [FileToMark(name, source, (FAILURE,), home / "marked" / name) for name in names]


def odd_ones(
    received: Path, failures: Sequence[CellFailure], known: Standard, folder: Path
) -> Path | None:
    """Marks a file as ever, but for those whose folders have the names of troubles."""
    if folder.name == "never ends":
        while True:
            time.monotonic()
    if folder.name == "is ended":
        os.kill(os.getpid(), signal.SIGKILL)
    if folder.name == "fails":
        raise ValueError
    return write_file_back(received, failures, known, folder)


def test_every_file_is_marked_as_it_would_be_alone(tmp_path: Path) -> None:
    names = [f"{number}" for number in range(5)]
    marked = mark_files(files_to_mark(tmp_path, names), standard())
    alone = tmp_path / "alone"
    alone.mkdir()
    expected = write_file_back(tmp_path / "may.zip", [FAILURE], standard(), alone)
    assert expected is not None
    assert list(marked) == names
    for one in marked.values():
        assert one.path is not None
        assert one.path.read_bytes() == expected.read_bytes()


def test_a_file_that_fails_that_never_ends_or_ends_its_process_costs_no_other_its_own(
    tmp_path: Path,
) -> None:
    names = ["first", "fails", "is ended", "never ends", "last"]
    marked = mark_files(files_to_mark(tmp_path, names), standard(), odd_ones, seconds=3)
    assert {name: one.problem for name, one in marked.items()} == {
        "first": None,
        "fails": "ValueError",
        "is ended": "its process was ended",
        "never ends": "TooLong",
        "last": None,
    }
    assert all((one.path is None) == bool(one.problem) for one in marked.values())


def test_nothing_to_mark_is_nothing_marked(tmp_path: Path) -> None:
    assert mark_files([], standard()) == {}
    assert Marked(None) == Marked(None, None)
    assert not list(tmp_path.iterdir())
