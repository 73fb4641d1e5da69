"""The rows of a table on a page as a CSV file of their own, for whoever wants to work with them.

The file says what the table says, with numbers as they are and not as they are printed: a range is
two columns, a share too, and whether a figure is shown or why not has a column with its words. So
that a file says by itself what it is, its last columns name the table and the release.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from orchestration.publish import verdicts, words
from orchestration.publish.tables import Column, Record
from orchestration.spreadsheets import safe_cell

Reader = Callable[[Record], object]


def row_file(
    columns: Sequence[Column], records: Sequence[Record], caption: str, release_id: str
) -> str:
    """The rows as CSV, with the headings of the table; a text that a spreadsheet would take for a
    formula gets an apostrophe."""
    readers = [reader for column in columns for reader in _readers(column)]
    readers += _about_figures(columns)
    readers += [("Table", lambda _: caption), ("Release", lambda _: release_id)]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(safe_cell(title) for title in _each_once([title for title, _ in readers]))
    for record in records:
        writer.writerow(_cell(read(record)) for _, read in readers)
    return written.getvalue()


def _readers(column: Column) -> list[tuple[str, Reader]]:
    """The columns of the file for one of the table, each a title and what gives its cells."""
    kind = column.verdict
    if kind is not None:
        return [(column.title, lambda r: _word(kind, r[column.id]))]
    plain = (column.title, _plain(column.id))
    if column.to is not None:
        return [(f"{column.title}, from", plain[1]), (f"{column.title}, to", _plain(column.to))]
    if column.of is not None:
        return [plain, (f"{column.title}, of", _plain(column.of))]
    return [plain]


def _about_figures(columns: Sequence[Column]) -> list[tuple[str, Reader]]:
    """Columns for what the table says by signs: why a figure is missing, whether it may change."""
    said: list[tuple[str, Reader]] = []
    for title, named in (("Status", "status"), ("Provisional", "provisional")):
        # Of which figure it tells is said where there are several.
        firsts: dict[str, str] = {}
        for column in columns:
            name = getattr(column, named)
            if name:
                firsts.setdefault(name, column.title)
        for name, of in firsts.items():
            read = _status_of(name) if named == "status" else _plain(name)
            said.append((title if len(firsts) == 1 else f"{title}: {of}", read))
    return said


def _plain(name: str) -> Reader:
    return lambda record: record[name]


def _status_of(name: str) -> Reader:
    def read(record: Record) -> object:
        status = record[name]
        known = status in words.SIGNS or status == words.SHOWN
        return words.status_label(status) if known else status

    return read


def _word(kind: str, code: object) -> object:
    return None if code is None else verdicts.label(kind, str(code))


def _each_once(titles: list[str]) -> list[str]:
    """Titles that a program can tell apart: one that stands before already gets a number."""
    seen: dict[str, int] = {}
    told = []
    for title in titles:
        seen[title] = seen.get(title, 0) + 1
        told.append(title if seen[title] == 1 else f"{title} ({seen[title]})")
    return told


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    return safe_cell(value) if isinstance(value, str) else str(value)
