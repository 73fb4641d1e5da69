"""Excel workbooks, sheet by sheet, each cell as the text a person would have typed."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from typing import Any

from expectations.rules.conversions import ERROR_CELL
from orchestration.intake.text_tables import (
    DELIMITER_OF_CELL,
    LINE_BREAK_OF_CELL,
    SHEET_DELIMITER,
    TextTable,
    Unreadable,
    plain,
    table_name,
)

# An element `f`, whatever its prefix, or a cell of type `e` (ECMA-376 part 1, 18.3.1.4).
FORMULA_OR_ERROR = re.compile(rb"<(\w+:)?f[\s>/]|\bt=[\"']e[\"']")


def is_workbook(names: list[str]) -> bool:
    """Whether a zip's names are those of an Excel workbook."""
    return "[Content_Types].xml" in names and any(
        name.lower() == "xl/workbook.xml" for name in names
    )


def read_workbook(content: bytes) -> list[TextTable]:
    """The tables of a workbook, one a sheet, hidden ones included; empty sheets are no tables.

    Raises Unreadable where openpyxl cannot open the workbook.
    """
    import openpyxl

    try:
        computed = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True)
        written = (
            openpyxl.load_workbook(BytesIO(content), read_only=True) if _computes(content) else None
        )
        tables = []
        for number, sheet in enumerate(computed.worksheets):
            formulas = written.worksheets[number] if written else None
            table = _read_sheet(sheet, formulas)
            if table is not None:
                tables.append(table)
    except Unreadable:
        raise
    except Exception as error:
        # openpyxl raises whatever its parsers raise; to the provider they are all one thing.
        raise Unreadable(f"the workbook is damaged: {type(error).__name__}") from error
    return tables


def _computes(content: bytes) -> bool:
    """Whether any sheet holds a formula or an error value, which cost a second, slower look."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return any(
            FORMULA_OR_ERROR.search(archive.read(name)) is not None
            for name in archive.namelist()
            if name.startswith("xl/worksheets/") and name.endswith(".xml")
        )


def _read_sheet(sheet: Any, formulas: Any | None) -> TextTable | None:
    sheet.reset_dimensions()  # what a workbook says of its own size is not to be relied on
    if formulas is None:
        rows: Iterator[list[str]] = (
            [_text(value) for value in row] for row in sheet.iter_rows(values_only=True)
        )
    else:
        formulas.reset_dimensions()
        rows = (
            [_computed_text(cell, formula) for cell, formula in zip(row, written, strict=False)]
            for row, written in zip(sheet.iter_rows(), formulas.iter_rows(), strict=False)
        )
    header: list[str] = []
    first_line = 0
    lines = []
    for number, cells in enumerate(rows, start=1):
        while cells and not cells[-1].strip():
            cells.pop()
        if header:
            lines.append(SHEET_DELIMITER.join(map(_one_line, cells)) + "\n")
        elif cells:
            header, first_line = cells, number + 1
    if not header:
        return None
    return TextTable(
        name=table_name(sheet.title),
        source=sheet.title,
        header=tuple(plain(cell).strip() for cell in header),
        delimiter=SHEET_DELIMITER,
        first_line=first_line,
        body="".join(lines),
        counts_cells=False,
    )


def _text(value: Any) -> str:
    """A cell's value as text: dates in ISO form, numbers without exponent, 12.0 as 12."""
    match value:
        case None:
            return ""
        case str():
            return plain(value)
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
        case dt.datetime():
            if value.time() == dt.time():
                return value.date().isoformat()
            return value.isoformat(sep=" ")
        case dt.date() | dt.time():
            return value.isoformat()
    return str(value)


def _computed_text(cell: Any, written: Any) -> str:
    """As `_text`, but an error value, or a formula that was never computed, is marked as one."""
    if cell.data_type == "e":
        return f"{ERROR_CELL}{cell.value}"
    if cell.value is None and written.data_type == "f":
        return f"{ERROR_CELL}a formula without a saved value"
    return _text(cell.value)


def _one_line(cell: str) -> str:
    if "\n" in cell or "\r" in cell:
        cell = cell.replace("\r\n", "\n").replace("\r", "\n").replace("\n", LINE_BREAK_OF_CELL)
    return cell.replace(SHEET_DELIMITER, DELIMITER_OF_CELL)
