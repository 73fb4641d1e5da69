"""The file that goes back to its provider: what it sent, with the failing cells marked.

A workbook comes back as an .xlsx workbook (`marked_workbook`). A zip or a folder of CSV files comes
back as a zip (`marked_csv`): a folder cannot be downloaded in one piece. Of a zip or folder, the
tables come back under their own names, and beside them other text files whose names say that they
are tables, with their cells made safe and no more; whatever else was there was not read, may be
anything, and stays out. A table's file whose name ends otherwise than a table's comes back as
.csv, so that nothing but a spreadsheet or an editor opens it.

What is said of a table or a return as a whole has no cell in a CSV file, and is in the report only.
A file that holds personal data (a rule that ends in `.personal_data`) comes back with it: it goes
to nobody but the provider whose data it is. The words of a problem never repeat it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path, PurePosixPath

from expectations.standard import Standard
from orchestration.intake.archives import DAMAGE, EMPTY_ZIP, ZIP, path_of
from orchestration.intake.folders import below
from orchestration.intake.office_package import is_package
from orchestration.intake.read import OLD_OFFICE, read_return
from orchestration.intake.read_csv import BLANK, as_utf8, read_csv
from orchestration.intake.text_tables import (
    TextTable,
    Unreadable,
    is_part_of_return,
    shown_name,
    table_name,
)
from orchestration.reports.cell_failures import CellFailure, problems_by_row
from orchestration.reports.marked_csv import mark_csv
from orchestration.reports.marked_workbook import mark_workbook
from orchestration.reports.steady_zip import SteadyZip

__all__ = ["CellFailure", "safe_name", "write_file_back"]

UNREADABLE = "return.file.readable"
TABLE_SUFFIXES = (".csv", ".tsv", ".txt", "")
LONGEST_NAME = 100
# Names that Windows keeps for itself, whatever their ending.
DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def write_file_back(
    received: Path, failures: Sequence[CellFailure], standard: Standard, folder: Path
) -> Path | None:
    """Writes the return `received`, as it was kept, into `folder` with its `failures` marked.

    Gives the path of what was written: <name>.xlsx or <name>.zip, the same bytes for the same
    return and failures; a file of that name is replaced, so `folder` is not the one in which the
    return is kept. None where the return cannot be read.
    """
    if any(failure.rule == UNREADABLE for failure in failures):
        return None
    try:
        tables = read_return(received, standard)
        if received.is_dir():
            name, suffix = received.name, ".zip"
            content = _marked_zip(_files_of_folder(received), tables, failures, standard)
        else:
            sent = received.read_bytes()
            name = received.stem
            with zipfile.ZipFile(BytesIO(sent)) as archive:
                if is_package(archive.namelist()):
                    suffix = ".xlsx"
                    content = mark_workbook(sent, tables, failures, standard)
                else:
                    suffix = ".zip"
                    files = _files_of_zip(archive)
                    content = _marked_zip(files, tables, failures, standard)
    except Unreadable:
        return None
    path = folder / f"{safe_name(name)}{suffix}"
    aside = path.with_name(f"{path.name}.part")
    aside.write_bytes(content)
    aside.replace(path)
    return path


def safe_name(name: str) -> str:
    """A file's name, without its ending, of letters, digits, `.`, `_` and `-` alone."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", shown_name(name)).strip("._")[:LONGEST_NAME]
    return f"return_{safe}" if not safe or DEVICE.match(safe) else safe


def _files_of_folder(folder: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    for inside in below(folder):
        path = folder / inside
        if path.is_file() and is_part_of_return(inside):
            yield PurePosixPath(shown_name(inside.as_posix())), path.read_bytes()


def _files_of_zip(archive: zipfile.ZipFile) -> Iterator[tuple[PurePosixPath, bytes]]:
    for member in archive.infolist():
        path = path_of(member)
        if not member.is_dir() and is_part_of_return(path):
            try:
                yield path, archive.read(member)
            except DAMAGE:
                continue  # a damaged file that is no table: the tables were read already


def _marked_zip(
    files: Iterator[tuple[PurePosixPath, bytes]],
    tables: Sequence[TextTable],
    failures: Sequence[CellFailure],
    standard: Standard,
) -> bytes:
    read = {table.name: table for table in tables if table.name in standard.tables}
    by_table: dict[str | None, list[CellFailure]] = {}
    for failure in failures:
        by_table.setdefault(failure.table_name, []).append(failure)
    written = BytesIO()
    taken = set()
    with SteadyZip(written, "w") as archive:
        for sent, content in files:
            if content.startswith((ZIP, EMPTY_ZIP, OLD_OFFICE)):
                continue
            name = table_name(sent.stem)
            is_named = sent.suffix.lower() in TABLE_SUFFIXES
            path = str(sent if is_named else sent.with_suffix(".csv"))
            if name in standard.tables:
                marked = content
                if name in read and not _is_blank(content):
                    problems = problems_by_row(by_table.get(name, ()))
                    marked = mark_csv(content, read[name], problems)
            elif is_named:
                safe = _safe_text(sent, content, standard)
                if safe is None:
                    continue
                marked = safe
            else:
                continue
            if path not in taken:
                taken.add(path)
                archive.writestr(path, marked)
    return written.getvalue()


def _is_blank(content: bytes) -> bool:
    """Whether there is nothing in a file: beside the one that was read, there may be others."""
    return BLANK.fullmatch(as_utf8(content, "")) is not None


def _safe_text(path: PurePosixPath, content: bytes, standard: Standard) -> bytes | None:
    """A text beside the tables with its cells made safe; None where it cannot be read as one."""
    try:
        table = read_csv(path.stem, path.name, content, standard.limits)
    except Unreadable:
        return None
    return content if table is None else mark_csv(content, table, None)
