"""The workbook of an empty return: a sheet for each table, and three sheets to be read."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from expectations.standard import Field, Standard, Table
from orchestration.facts import ExampleReturn, example_return, standard
from orchestration.template.cards import Card, code_cards, example_cards, guide_cards, lay_out
from orchestration.template.cells import note, number_format, validation

ROWS = 10_000
SUFFIX = ".xlsx"
A4 = 9
# A workbook must say when it was made; the same standard makes the same bytes.
MADE = datetime(2025, 1, 1, tzinfo=UTC)
WIDTHS = {"link_key": 68, "text": 40}  # in characters; others as wide as their heading, or a date
LEAST_WIDTH = 14
REQUIRED = {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F3B57"}
OPTIONAL = {"italic": True, "font_color": "#1A1A1A", "bg_color": "#E3E3E3"}
HEADING = {"border": 1, "border_color": "#8C8C8C", "num_format": "@", "valign": "vcenter"}
NOTE_WIDTH, NOTE_CHARACTERS, NOTE_LINE = 360, 56, 16  # pixels, characters and pixels


class TemplateError(Exception):
    """The template cannot be written there; the message says why and what to do."""


def write_template(path: Path, *, overwrite: bool = False) -> None:
    """Writes the empty return to `path`, whole or not at all.

    Raises TemplateError where the name is not one of an .xlsx workbook, its folder is not there,
    something is there already and is not to be overwritten, or it cannot be written.
    """
    if path.suffix.lower() != SUFFIX:
        raise TemplateError(f"{path} must end in {SUFFIX}")
    if not path.parent.is_dir():
        raise TemplateError(f"there is no folder {path.parent}; make it first")
    if path.is_dir():
        raise TemplateError(f"{path} is a folder; name a file in it")
    if path.exists() and not overwrite:
        raise TemplateError(f"{path} is already there; name another file, or add --overwrite")
    content = template(standard(), example_return())
    aside = path.with_name(f".{path.name}.part")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    except OSError as error:
        raise TemplateError(f"{path} cannot be written: {error.strerror}") from error


def template(standard: Standard, example: ExampleReturn) -> bytes:
    """The workbook's bytes, the same for the same facts."""
    held = BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True})
    book.set_properties({"title": "Return", "author": "Inclusion Outcomes", "created": MADE})
    _reading_sheet(book, "guide", guide_cards(standard), columns=1, width=760)
    _reading_sheet(book, "codes", code_cards(standard), columns=3, width=400)
    _reading_sheet(book, "example", example_cards(example), columns=3, width=400)
    formats = {
        text: book.add_format({"num_format": text})
        for text in {number_format(f) for table in standard.tables.values() for f in table.fields}
    }
    headings = {
        True: book.add_format(HEADING | REQUIRED),
        False: book.add_format(HEADING | OPTIONAL),
    }
    for table in standard.tables.values():
        _table_sheet(book.add_worksheet(table.name), table, standard, formats, headings)
    book.close()
    return held.getvalue()


def _reading_sheet(book: Any, name: str, cards: list[Card], *, columns: int, width: int) -> None:
    sheet = book.add_worksheet(name)
    lay_out(sheet, cards, columns, width)
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 1)


def _table_sheet(
    sheet: Any,
    table: Table,
    standard: Standard,
    formats: dict[str, Any],
    headings: dict[bool, Any],
) -> None:
    """The heading, and below it what each column takes; no cell but the headings is written."""
    sheet.set_row(0, 24)
    sheet.freeze_panes(1, 0)
    for column, field in enumerate(table.fields):
        sheet.set_column(column, column, _width(field), formats[number_format(field)])
        sheet.write_string(0, column, field.name, headings[field.required])
        _write_note(sheet, column, note(field, standard))
        sheet.data_validation(1, column, ROWS, column, validation(field, standard))
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)


def _width(field: Field) -> int:
    return WIDTHS.get(field.type, max(LEAST_WIDTH, len(field.name) + 4))


def _write_note(sheet: Any, column: int, text: str) -> None:
    lines = sum(1 + len(line) // NOTE_CHARACTERS for line in text.split("\n"))
    sheet.write_comment(
        0,
        column,
        text,
        {
            "author": "Inclusion Outcomes",
            "width": NOTE_WIDTH,
            "height": NOTE_LINE * (lines + 1),
            "font_name": "Arial",
            "font_size": 9,
        },
    )
