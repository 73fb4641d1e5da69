"""Writing one return: a folder of CSV files, a zip of them, or a workbook.

The same content gives the same bytes: nothing that is written tells when it was written, and the
times of files are those that the plan says.
"""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
from openpyxl.writer.excel import ExcelWriter

from expectations.standard import Field
from orchestration.sample.styles import Style, header_cell, table_name

Cell = object


@dataclass(frozen=True)
class Sheet:
    """A table of one return: `columns` holds the cells of each field, all of one length.
    `ragged` holds rows with a cell too many (1) or too few (-1), by place."""

    table: str
    fields: tuple[Field, ...]
    columns: list[list[Cell]]
    ragged: dict[int, int]

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0


class _Shown(dict[Cell, Cell]):
    """How the cells of one field are shown, worked out once for each value."""

    def __init__(self, style: Style) -> None:
        super().__init__()
        self.style = style

    def __missing__(self, cell: Cell) -> Cell:
        self[cell] = shown = self._shown(cell)
        return shown

    def _shown(self, cell: Cell) -> Cell:
        style = self.style
        if isinstance(cell, date) and style.dates != "real":
            return f"{cell:%d/%m/%Y}" if style.dates == "day_first" else cell.isoformat()
        if isinstance(cell, float) and style.form != "xlsx":
            return f"{cell:,.2f}" if style.thousands else f"{cell:.2f}"
        if isinstance(cell, str) and style.codes_as_numbers and cell.isdecimal():
            return int(cell)
        return cell


def write_return(path: Path, sheets: Sequence[Sheet], style: Style, when: datetime) -> None:
    """Writes the return at `path`, which has the extension of its form, last changed at `when`
    (UTC)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if style.form == "folder":
        path.mkdir()
        for sheet in sheets:
            _write(path / _file_name(style, sheet), _csv(sheet, style), when)
        _set_time(path, when)
    else:
        _write(path, _one_file(sheets, style, when), when)


def write_broken(path: Path, sheets: Sequence[Sheet], style: Style, when: datetime) -> None:
    """Writes the first half of a zip or workbook, as a broken upload leaves it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = _one_file(sheets, style, when)
    _write(path, content[: len(content) // 2], when)


def _one_file(sheets: Sequence[Sheet], style: Style, when: datetime) -> bytes:
    return (_workbook if style.form == "xlsx" else _zip)(sheets, style, when)


def _write(path: Path, content: bytes, when: datetime) -> None:
    path.write_bytes(content)
    _set_time(path, when)


def _set_time(path: Path, when: datetime) -> None:
    seconds = when.replace(tzinfo=UTC).timestamp()
    os.utime(path, (seconds, seconds))


def _file_name(style: Style, sheet: Sheet) -> str:
    return table_name(style, sheet.table) + ".csv"


def _shown_columns(sheet: Sheet, style: Style) -> list[list[Cell]]:
    return [
        list(map(_Shown(style).__getitem__, column)) if _has_manners(field, style) else column
        for field, column in zip(sheet.fields, sheet.columns, strict=True)
    ]


def _has_manners(field: Field, style: Style) -> bool:
    """Whether the cells of a field look different from one provider to the next."""
    if field.type == "code":
        return style.codes_as_numbers and style.form == "xlsx"
    return field.type in ("date", "month") or field.name.endswith("_gbp")


def _header(sheet: Sheet, style: Style) -> list[str]:
    return [header_cell(style, field) for field in sheet.fields]


def _csv(sheet: Sheet, style: Style) -> bytes:
    rows: list[Sequence[Cell]] = list(zip(*_shown_columns(sheet, style), strict=True))
    for place, cells in sheet.ragged.items():
        rows[place] = (*rows[place], "?") if cells > 0 else rows[place][:-1]
    text = io.StringIO(newline="")
    if style.blank_first:
        text.write(style.line_end)
    writer = csv.writer(text, delimiter=style.delimiter, lineterminator=style.line_end)
    writer.writerow(_header(sheet, style))
    writer.writerows(rows)
    if style.encoding == "utf-16":
        # By itself Python takes the byte order of the machine.
        return b"\xff\xfe" + text.getvalue().encode("utf-16-le")
    return text.getvalue().encode(style.encoding)


def _zip(sheets: Sequence[Sheet], style: Style, when: datetime) -> bytes:
    entries = [
        (style.inner_folder + _file_name(style, sheet), _csv(sheet, style)) for sheet in sheets
    ]
    if style.litter:
        entries += [(f"__MACOSX/{style.inner_folder}._{_file_name(style, sheets[0])}", b"\0" * 8)]
    return _zipped(entries, when)


def _zipped(entries: Sequence[tuple[str, bytes]], when: datetime) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in entries:
            # Also fixed: what kind of system made the entry, and who may read it.
            entry = zipfile.ZipInfo(name, date_time=when.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return held.getvalue()


def _workbook(sheets: Sequence[Sheet], style: Style, when: datetime) -> bytes:
    workbook = openpyxl.Workbook(write_only=True)
    workbook.properties.created = workbook.properties.modified = when
    workbook.properties.creator = "Inclusion Outcomes sample"
    for sheet in sheets:
        page = workbook.create_sheet(table_name(style, sheet.table))
        if style.blank_first:
            page.append([])
        page.append(_header(sheet, style))
        for row in zip(*_shown_columns(sheet, style), strict=True):
            page.append(row)
    # Written plain first, since openpyxl puts the present time on what it compresses.
    plain = io.BytesIO()
    ExcelWriter(workbook, zipfile.ZipFile(plain, "w")).save()
    with zipfile.ZipFile(plain) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    return _zipped(entries, when)
