"""A workbook as it goes back: failing cells coloured, with a note, and a column `problems`.

Formats, widths, hidden sheets, validations and the provider's own notes stay as far as openpyxl
keeps them. What could do anything when the workbook is opened does not:

- macros, links to other workbooks, embedded objects, pivots, charts and drawings are dropped, and
  with them sheets that hold nothing else;
- formulas become the values that were saved for them, so nothing computes; one that had no saved
  value becomes its own text, so that it is not lost;
- text that begins as a formula does is marked as text (`quotePrefix`);
- hyperlinks lose their target and keep their words: who opens a file that we send should not have
  to judge where its links lead;
- names, validations and conditional formats stay where they hold plain values and cells only.

The marked copy is read again, and where it does not say the same as what was sent, or openpyxl
cannot open it, or would be slow at it, or could be led astray by it, a plain workbook is written
instead: the tables of the standard as they were read, every cell as text, marked in the same way.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from copy import copy
from datetime import datetime
from io import BytesIO
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Any

from expectations.rules.conversions import ERROR_CELL
from expectations.standard import Standard
from orchestration.intake.archives import open_zip
from orchestration.intake.read_workbook import read_workbook
from orchestration.intake.text_tables import SHEET_DELIMITER, TextTable, in_words
from orchestration.reports.cell_failures import PROBLEMS, CellFailure
from orchestration.reports.placed import PlacedFailures, place_failures
from orchestration.reports.steady_zip import SteadyZip
from orchestration.spreadsheets import begins_formula

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

# Black text on it has a contrast of 15 to 1. No standard palette has it, so it is ours to take
# away from a workbook that comes back.
COLOUR = "FFD9A3"
# Not the author of the template's own notes, which stay.
AUTHOR = "Inclusion Outcomes: problems"
KEPT_NOTE = "\n\nThe note that was here before:\n"
# Excel opens no sheet with tens of thousands of notes in good time. Beyond these, failing cells
# have the colour, and their rows the column `problems`.
MOST_NOTES = 1000
LONGEST_NOTE = 2000
NOTE_WIDTH, NOTE_CHARACTERS, NOTE_LINE = 320, 48, 18  # pixels, characters and pixels a line
PROBLEMS_WIDTH = 80  # characters
# Excel's own limit on a cell, and the last column of a sheet.
LONGEST_CELL = 32_767
MOST_COLUMNS = 16_384

# openpyxl takes about 60 microseconds for a cell, and makes an object of each cell of a merged
# range, of a link and of a note, however large the range.
MOST_CELLS = 200_000
MOST_RANGED_CELLS = 100_000
RANGED = re.compile(rb"<(?:\w+:)?(?:mergeCell|hyperlink|comment)[\s/>]")
RANGE = re.compile(RANGED.pattern + rb"""[^<>]*?\bref\s*=\s*["']([A-Za-z0-9:$]+)["']""")
CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
# A date written out in a cell, which openpyxl would write as another.
DATE_CELL = re.compile(rb"""\bt\s*=\s*["']d["']""")
# A value, some cells of this workbook, or a name for one of these.
INERT = re.compile(
    r"""\s*(?:"[^"]*"|-?[\d.]+(?:E[+-]?\d+)?|[A-Za-z_][\w.]*"""
    r"""|(?:(?:'(?:[^'\[\]|:\\/]|'')+'|[\w.]+)!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)\s*""",
    re.IGNORECASE,
)
# A workbook that does not say when it was made must be given a time, and always the same.
MADE = datetime(1980, 1, 1)


def mark_workbook(
    content: bytes,
    tables: Sequence[TextTable],
    failures: Sequence[CellFailure],
    standard: Standard,
) -> bytes:
    """The workbook `content`, of which `tables` were read, with `failures` marked."""
    sheets = place_failures([t for t in tables if t.name in standard.tables], failures)
    return _marked_copy(content, sheets, standard) or _plain_workbook(sheets)


def _marked_copy(
    content: bytes, sheets: Sequence[PlacedFailures], standard: Standard
) -> bytes | None:
    """The workbook itself, marked; None where it cannot be had as it was."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        if not _is_tame(archive):
            return None
        parts = {name.lower(): name for name in archive.namelist()}
        about = archive.read(parts["docprops/core.xml"]) if "docprops/core.xml" in parts else b""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of all that it leaves out
            marked = _marked_by_openpyxl(content, sheets, about)
        with open_zip(marked, standard.limits) as archive:
            again = read_workbook(archive, standard)
    except Exception:
        # openpyxl raises whatever its parsers and writers raise, on parts that no reader looks at.
        return None
    return marked if _say_the_same(sheets, again) else None


def _is_tame(archive: zipfile.ZipFile) -> bool:
    """Whether openpyxl can be trusted with the workbook, by a look at its bytes."""
    from openpyxl.utils.cell import range_boundaries

    cells = ranged = 0
    for name in archive.namelist():
        if not name.lower().endswith(".xml"):
            continue
        xml = archive.read(name)
        if b"\0" in xml:
            return False  # UTF-16, which nobody writes and these expressions do not read
        cells += len(CELL.findall(xml))
        ranges = RANGE.findall(xml)
        if cells > MOST_CELLS or len(ranges) != len(RANGED.findall(xml)) or DATE_CELL.search(xml):
            return False
        for found in ranges:
            try:
                left, top, right, bottom = range_boundaries(found.decode())
            except (TypeError, ValueError):
                return False
            if None in (left, top, right, bottom):
                return False
            ranged += (right - left + 1) * (bottom - top + 1)
            if ranged > MOST_RANGED_CELLS:
                return False
    return True


def _marked_by_openpyxl(content: bytes, sheets: Sequence[PlacedFailures], about: bytes) -> bytes:
    """Raises whatever openpyxl raises, and KeyError where it finds other sheets than we did."""
    import openpyxl
    from openpyxl.writer.excel import ExcelWriter

    book = openpyxl.load_workbook(BytesIO(content), data_only=True, keep_links=False)
    _take_out_what_acts(book)
    _take_off_earlier_colour(book)
    formulas = _uncomputed(content, sheets)
    by_title = {placed.table.source: placed for placed in sheets}
    for sheet in book.worksheets:
        placed = by_title.pop(sheet.title, None)
        for (row, column), text in formulas.get(sheet.title, {}).items():
            cell = sheet.cell(row, column)
            cell._value, cell.data_type = text, "s"
        used = _make_inert(sheet)
        if placed is not None:
            _mark(sheet, placed, used)
        elif not used and len(book.worksheets) > 1 and not book.defined_names:
            book.remove(sheet)  # the template's guide, say, which is all drawings
    if by_title:
        raise KeyError(*by_title)
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if book.active not in visible:
        book.active = visible[0]
    if b":created" not in about:
        book.properties.created = MADE
    if b":modified" not in about:
        book.properties.modified = MADE
    written = BytesIO()
    ExcelWriter(book, SteadyZip(written, "w", zipfile.ZIP_DEFLATED)).save()
    return written.getvalue()


def _take_out_what_acts(book: Workbook) -> None:
    """Takes out of a workbook all that could do something when it is opened, but for its cells."""
    from openpyxl.workbook.properties import CalcProperties

    for chart in book.chartsheets:
        book.remove(chart)
    book.template = False
    book.calculation = CalcProperties(fullCalcOnLoad=False)
    book._external_links = []
    for names in [book.defined_names, *(sheet.defined_names for sheet in book.worksheets)]:
        for name in [name for name, known in names.items() if not _is_inert(known.value)]:
            del names[name]
    for sheet in book.worksheets:
        sheet._charts, sheet._images, sheet._pivots = [], [], []
        sheet.legacy_drawing = None
        validations = sheet.data_validations
        validations.dataValidation = [
            v
            for v in validations.dataValidation
            if _is_inert(v.formula1, none=True) and _is_inert(v.formula2, none=True)
        ]
        sheet.conditional_formatting = _inert_formats(sheet)
        for table in list(sheet.tables.values()):
            if not table.tableColumns:
                del sheet.tables[table.name]
            table.connectionId = table.tableType = None
            for column in table.tableColumns:
                column.calculatedColumnFormula = column.totalsRowFormula = None
                column.queryTableFieldId = None


def _is_inert(formula: object, none: bool = False) -> bool:
    if formula is None:
        return none
    return isinstance(formula, str) and INERT.fullmatch(formula.removeprefix("=")) is not None


def _inert_formats(sheet: Worksheet) -> Any:
    from openpyxl.formatting.formatting import ConditionalFormattingList

    kept = ConditionalFormattingList()
    for ranges in sheet.conditional_formatting:
        for rule in ranges.rules:
            if all(_is_inert(formula) for formula in rule.formula):
                kept.add(str(ranges.sqref), rule)
    return kept


def _take_off_earlier_colour(book: Workbook) -> None:
    """Takes our colour off the cells of a workbook that has been back before."""
    from openpyxl.styles import PatternFill
    from openpyxl.utils.indexed_list import IndexedList

    fills = IndexedList()
    for fill in book._fills:
        rgb = getattr(getattr(fill, "fgColor", None), "rgb", None)
        is_ours = getattr(fill, "fill_type", None) == "solid" and str(rgb)[-6:] == COLOUR
        # list.append: styles tell fills by their place, so equal ones must stay apart.
        list.append(fills, PatternFill() if is_ours else fill)
    fills.clean = False
    book._fills = fills


def _uncomputed(
    content: bytes, sheets: Sequence[PlacedFailures]
) -> dict[str, dict[tuple[int, int], str]]:
    """By sheet, the text of each formula of its table that had no saved value."""
    import openpyxl

    found: dict[str, dict[tuple[int, int], str]] = {}
    for placed in sheets:
        for row, column, cell in _error_cells(placed.table):
            if not cell.startswith("#"):
                found.setdefault(placed.table.source, {})[row, column] = cell
    if not found:
        return found
    book = openpyxl.load_workbook(BytesIO(content), read_only=True)
    for title, cells in found.items():
        sheet = book[title]
        sheet.reset_dimensions()
        last = max(row for row, _ in cells)
        for row in islice(sheet.iter_rows(), last):
            for cell in row:
                if cell.data_type == "f" and (cell.row, cell.column) in cells:
                    formula = getattr(cell.value, "text", cell.value)
                    if isinstance(formula, str) and formula:
                        cells[cell.row, cell.column] = "=" + formula.removeprefix("=")
    return found


def _error_cells(table: TextTable) -> Iterator[tuple[int, int, str]]:
    """Row, column and text of each cell of a table that holds an error."""
    if ERROR_CELL.encode() not in table.body:
        return
    for row, record in enumerate(table.body.decode().split("\n"), start=table.first_line):
        if ERROR_CELL in record:
            for column, cell in enumerate(record.split(SHEET_DELIMITER), start=1):
                if cell.startswith(ERROR_CELL):
                    yield row, column, cell.removeprefix(ERROR_CELL)


def _make_inert(sheet: Worksheet) -> set[int]:
    """Makes each cell one that does nothing and is written as it was read; gives the columns in
    which something stands. Goes past every cell, so it does as little as it can."""
    from openpyxl.cell.cell import MergedCell

    used = set()
    for (_, column), cell in sheet._cells.items():
        if isinstance(cell, MergedCell):
            used.add(column)
            continue
        cell._hyperlink = None
        if cell._comment is not None:
            cell.comment = _note_before(cell.comment)
        value = cell._value
        if value is None:
            continue
        used.add(column)
        kind = cell.data_type
        if kind == "s":
            if begins_formula(value):
                cell.quotePrefix = True
        elif kind == "n":
            # openpyxl writes 16 digits; a string it writes as it is.
            if isinstance(value, int) and abs(value) >= 10**15:
                cell._value = str(value)
            elif isinstance(value, float) and float(f"{value:.16g}") != value:
                cell._value = repr(value)
    return used


def _note_before(note: Any) -> Any | None:
    """A cell's note without what we wrote into it."""
    text = note.text
    if note.author == AUTHOR:
        _, _, text = text.partition(KEPT_NOTE)
    return _note(text, "" if note.author == AUTHOR else note.author) if text else None


def _note(text: str, author: str) -> Any:
    from openpyxl.comments import Comment

    lines = sum(1 + len(line) // NOTE_CHARACTERS for line in text.split("\n"))
    return Comment(text, author, height=NOTE_LINE * (lines + 1), width=NOTE_WIDTH)


def _mark(sheet: Worksheet, placed: PlacedFailures, used: set[int]) -> None:
    from openpyxl.cell.cell import MergedCell
    from openpyxl.styles import PatternFill
    from openpyxl.styles.cell_style import StyleArray

    fill = PatternFill("solid", fgColor=COLOUR)
    fill_id = None
    anchors: dict[tuple[int, int], tuple[int, int]] = {}
    for number, ((row, column), words) in enumerate(placed.cells.items()):
        cell = sheet.cell(row, column)
        if isinstance(cell, MergedCell):
            # Only the first cell of a merged range can be seen, and have a note.
            anchors = anchors or _anchors(sheet)
            cell = sheet.cell(*anchors[row, column])
        if fill_id is None:
            cell.fill = fill
            fill_id = cell._style.fillId
        else:
            # As cell.fill = fill does, without a look at every part of the fill.
            cell._style = StyleArray() if cell._style is None else cell._style
            cell._style.fillId = fill_id
        if number < MOST_NOTES:
            before = f"{KEPT_NOTE}{cell.comment.text}" if cell.comment else ""
            cell.comment = _note(words[:LONGEST_NOTE] + before, AUTHOR)
    _add_column(sheet, placed, used)


def _anchors(sheet: Worksheet) -> dict[tuple[int, int], tuple[int, int]]:
    """The first cell of the merged range of each cell that is in one."""
    return {
        (row, column): (merged.min_row, merged.min_col)
        for merged in sheet.merged_cells
        for row in range(merged.min_row, merged.max_row + 1)
        for column in range(merged.min_col, merged.max_col + 1)
    }


def _add_column(sheet: Worksheet, placed: PlacedFailures, used: set[int]) -> None:
    """Writes the column `problems`: the one that is there, or the first to the right of the header
    in which nothing stands."""
    from openpyxl.utils import get_column_letter

    column = placed.own_column or next(
        c for c in range(placed.last_column + 1, MOST_COLUMNS + 2) if c not in used
    )
    if column > MOST_COLUMNS:
        return
    if placed.own_column:
        for (row, place), cell in sheet._cells.items():
            if place == column and row > placed.header_row:
                cell._value, cell.data_type = None, "n"
    else:
        heading = sheet.cell(placed.header_row, column, PROBLEMS)
        heading._style = copy(sheet.cell(placed.header_row, placed.last_column)._style)
        _widen_filters(sheet, placed.header_row, column)
        letter = get_column_letter(column)
        if not any(d.min <= column <= d.max for d in sheet.column_dimensions.values() if d.min):
            sheet.column_dimensions[letter].width = PROBLEMS_WIDTH
    for row, words in placed.rows.items():
        cell = sheet.cell(row, column)
        cell._value, cell.data_type = words, "s"


def _widen_filters(sheet: Worksheet, header_row: int, column: int) -> None:
    """Takes the new column into a filter or table that ends just before it: what is sorted without
    it would have its problems on other rows."""
    from openpyxl.utils import get_column_letter
    from openpyxl.utils.cell import range_boundaries
    from openpyxl.worksheet.table import TableColumn

    def wider(ref: str) -> str | None:
        left, top, right, bottom = range_boundaries(ref)
        if top != header_row or right != column - 1:
            return None
        return f"{get_column_letter(left)}{top}:{get_column_letter(column)}{bottom}"

    if sheet.auto_filter.ref:
        sheet.auto_filter.ref = wider(sheet.auto_filter.ref) or sheet.auto_filter.ref
    for table in sheet.tables.values():
        ref = wider(table.ref)
        if ref is not None and table.headerRowCount != 0:
            number = max(known.id for known in table.tableColumns) + 1
            table.tableColumns.append(TableColumn(id=number, name=PROBLEMS))
            table.ref = ref
            if table.autoFilter is not None and table.autoFilter.ref:
                table.autoFilter.ref = wider(table.autoFilter.ref) or table.autoFilter.ref


def _say_the_same(sheets: Sequence[PlacedFailures], again: Sequence[TextTable]) -> bool:
    """Whether what was read of the marked copy is what was read before, `problems` left out."""
    tables = {table.name: table for table in again}
    for placed in sheets:
        before, after = placed.table, tables.get(placed.table.name)
        width = placed.last_column
        if (
            after is None
            or after.first_line != before.first_line
            or after.header[:width] != before.header[:width]
        ):
            return False
        for old, new in zip_longest(_records(before), _records(after), fillvalue=""):
            if old != new and _cells(old, width, keep=False) != _cells(new, width, old=old):
                return False
    return True


def _records(table: TextTable) -> list[str]:
    return table.body.decode().split("\n")


def _cells(record: str, width: int, old: str = "", keep: bool = True) -> list[str]:
    """The named cells of a record, empty ones at its end left out; those that in `old` are formulas
    without a saved value, which are text now, blank."""
    cells = record.split(SHEET_DELIMITER)[:width]
    marks = (old if keep else record).split(SHEET_DELIMITER)
    for place, mark in enumerate(marks[: len(cells)]):
        if mark.startswith(ERROR_CELL) and not mark.startswith(f"{ERROR_CELL}#"):
            cells[place] = ""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _plain_workbook(sheets: Sequence[PlacedFailures]) -> bytes:
    """A workbook of the tables alone, every cell as text."""
    import xlsxwriter

    written = BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "constant_memory": False})
    book.set_properties({"created": MADE})
    bold = book.add_format({"bold": True})
    marked = book.add_format({"bg_color": f"#{COLOUR}"})
    marked_text = book.add_format({"bg_color": f"#{COLOUR}", "quote_prefix": True})
    as_text = book.add_format({"quote_prefix": True})
    for placed in sheets:
        table, sheet = placed.table, book.add_worksheet(placed.table.name)
        width = placed.last_column
        column = placed.own_column or len(table.header) + 1
        if column <= MOST_COLUMNS:
            sheet.write_string(placed.header_row - 1, column - 1, PROBLEMS, bold)
            sheet.set_column(column - 1, column - 1, PROBLEMS_WIDTH)
            for row, words in placed.rows.items():
                sheet.write_string(row - 1, column - 1, words)
        header = SHEET_DELIMITER.join(table.header)
        for row, record in enumerate([header, *_records(table)], start=placed.header_row):
            if not record:
                continue
            for place, cell in enumerate(record.split(SHEET_DELIMITER)[:width], start=1):
                text = in_words(cell, SHEET_DELIMITER).removeprefix(ERROR_CELL)[:LONGEST_CELL]
                is_marked = (row, place) in placed.cells
                if begins_formula(text):
                    form = marked_text if is_marked else as_text
                else:
                    form = marked if is_marked else bold if row == placed.header_row else None
                if text:
                    sheet.write_string(row - 1, place - 1, text, form)
                elif is_marked:
                    sheet.write_blank(row - 1, place - 1, "", form)
        for (row, place), words in islice(placed.cells.items(), MOST_NOTES):
            lines = sum(1 + len(line) // NOTE_CHARACTERS for line in words.split("\n"))
            sheet.write_comment(
                row - 1,
                place - 1,
                words[:LONGEST_NOTE],
                {"author": AUTHOR, "width": NOTE_WIDTH, "height": NOTE_LINE * (lines + 1)},
            )
    book.close()
    return written.getvalue()
