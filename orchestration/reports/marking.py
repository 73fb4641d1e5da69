"""Marking many received files, as many at a time as there are processors.

The files of the first night, or after a change of the rules, are hundreds, and a workbook takes a
third of a second. Few files are marked here and now: another process takes longer to start.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from expectations.standard import Standard
from orchestration.reports.cell_failures import CellFailure

# Marks the failing cells of a received file; gives what it wrote into the folder, if anything.
MarkFile = Callable[[Path, Sequence[CellFailure], Standard, Path], Path | None]

FEW = 12


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
    files: Sequence[FileToMark], standard: Standard, mark: MarkFile | None = None
) -> dict[str, Marked]:
    """Marks each file; gives the outcome by judgement_id. A file that cannot be marked is told in
    its outcome, and costs no other its own. `mark` is for tests, and works in this process."""
    if mark is not None or len(files) <= FEW:
        marked = [_mark(file, standard, mark) for file in files]
    else:
        # A fresh process, not a copy of this one, which has threads and an open database.
        with ProcessPoolExecutor(
            max_workers=os.cpu_count(), mp_context=multiprocessing.get_context("spawn")
        ) as processes:
            marked = list(processes.map(_mark, files, [standard] * len(files), chunksize=4))
    return {file.judgement_id: outcome for file, outcome in zip(files, marked, strict=True)}


def _mark(file: FileToMark, standard: Standard, mark: MarkFile | None = None) -> Marked:
    if mark is None:
        from orchestration.reports.file_back import write_file_back

        mark = write_file_back
    file.folder.mkdir(parents=True)
    try:
        return Marked(mark(file.received, file.failures, standard, file.folder))
    except Exception as error:
        return Marked(None, type(error).__name__)
