"""Marking many received files, as many at a time as there are processors.

The files of the first night, or after a change of the rules, are hundreds, and a workbook takes a
third of a second. What marks workbooks is a library that may meet a file it never ends with. So
that is done in processes of their own, each file within a limit of time; a file that cannot be
marked, or that ends the process, costs no other its own.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from expectations.standard import Standard
from orchestration.child import end_with_parent
from orchestration.reports.cell_failures import CellFailure

# Marks the failing cells of a received file; gives what it wrote into the folder, if anything.
MarkFile = Callable[[Path, Sequence[CellFailure], Standard, Path], Path | None]

# The largest files that the limits of reading let through take about fifteen seconds.
SECONDS = 60


class TooLong(BaseException):
    """Marking a file took longer than it may. No Exception, so that nothing on the way takes it for
    a fault of the file and goes on."""


@dataclass(frozen=True)
class FileToMark:
    """A received file, what failed in it, and the folder, not there yet, that its marked copy goes
    into."""

    judgement_id: str
    received: Path
    failures: tuple[CellFailure, ...]
    folder: Path


@dataclass(frozen=True)
class Marked:
    """The marked copy, or None where there is none to be had; `problem` names what went wrong."""

    path: Path | None
    problem: str | None = None


def mark_files(
    files: Sequence[FileToMark],
    standard: Standard,
    mark: MarkFile | None = None,
    seconds: int = SECONDS,
) -> dict[str, Marked]:
    """Marks each file; gives the outcome by judgement_id, with the problem where there was one.

    `seconds` is what each file may take. `mark` is for tests: without it, `write_file_back` marks.
    """
    together: dict[str, Marked] = {}
    if len(files) > 1:
        together = _mark_in_processes(files, standard, mark, seconds, os.cpu_count() or 1)
    # A process that was ended took others' files with it: those are marked one after the other.
    for file in files:
        if file.judgement_id not in together:
            alone = _mark_in_processes([file], standard, mark, seconds, 1)
            together |= alone or {file.judgement_id: Marked(None, "its process was ended")}
    return together


def _mark_in_processes(
    files: Sequence[FileToMark],
    standard: Standard,
    mark: MarkFile | None,
    seconds: int,
    processes: int,
) -> dict[str, Marked]:
    """The outcomes that there are: none of what was under way when a process was ended."""
    # A fresh process, not a copy of this one, which has threads and an open database.
    fresh = multiprocessing.get_context("spawn")
    outcomes: dict[str, Marked] = {}
    with ProcessPoolExecutor(
        min(processes, len(files)),
        mp_context=fresh,
        initializer=end_with_parent,
        initargs=(os.getpid(),),
    ) as pool:
        try:
            futures = [pool.submit(_mark, file, standard, mark, seconds) for file in files]
        except BrokenProcessPool:
            return outcomes
        for file, future in zip(files, futures, strict=True):
            try:
                outcomes[file.judgement_id] = future.result()
            except BrokenProcessPool:
                continue
    return outcomes


def _mark(file: FileToMark, standard: Standard, mark: MarkFile | None, seconds: int) -> Marked:
    """Marks one file, in a process of its own."""
    if mark is None:
        from orchestration.reports.file_back import write_file_back

        mark = write_file_back
    _empty(file.folder)
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(seconds)
    try:
        return Marked(mark(file.received, file.failures, standard, file.folder))
    except (Exception, TooLong) as error:
        return Marked(None, type(error).__name__)
    finally:
        signal.alarm(0)


def _too_long(_: int, __: FrameType | None) -> None:
    raise TooLong


def _empty(folder: Path) -> None:
    """Makes the folder, without what a process that was ended left in it."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in list(folder.iterdir()):
        part.unlink()
