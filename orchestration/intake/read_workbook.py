"""Excel workbooks, sheet by sheet, each cell as the text a person would have typed.

The cells are read here and not by openpyxl, for the reasons in docs/decisions/reading.md. Which
number formats are dates, and which day a number is, is openpyxl's knowledge.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from math import isfinite

from expectations.rules.conversions import ERROR_CELL
from expectations.standard import Standard
from orchestration.intake.office_package import Package
from orchestration.intake.text_tables import (
    DELIMITER_OF_CELL,
    LINE_BREAK_OF_CELL,
    RESERVED,
    SHEET_DELIMITER,
    TextTable,
    Unreadable,
    in_words,
    short,
    table_name,
    unread_table,
)

# A workbook has no rows, columns and formats beyond these ("Excel specifications and limits").
MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
MOST_FORMATS = 65_490
LONGEST_FORMAT_CODE = 255
# Excel has room for 250, other programs for more; openpyxl may take 0.2 ms over each.
MOST_NUMBER_FORMATS = 10_000
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
PLACE_IN_LIST = re.compile(r"\s*\d{1,9}\s*", re.ASCII)
WHOLE = re.compile(r"0|-?[1-9]\d{0,14}", re.ASCII)
# How a character that XML cannot hold is written (ECMA-376 part 1, 22.9.2.19).
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
SURROGATE = re.compile("[\ud800-\udfff]")
# What cannot stand in a record as it is.
IN_RECORD = str.maketrans(
    dict.fromkeys(RESERVED, "\ufffd")
    | {"\n": LINE_BREAK_OF_CELL, SHEET_DELIMITER: DELIMITER_OF_CELL}
)
NOT_IN_RECORD = re.compile(f"[\r\n{SHEET_DELIMITER}{''.join(RESERVED)}]")


def read_workbook(archive: zipfile.ZipFile, standard: Standard) -> list[TextTable]:
    """The tables of a workbook, one a sheet, hidden ones included; empty sheets are no tables.

    Raises Unreadable where it is no workbook, is damaged, or is over a limit.
    """
    package = Package(archive, standard.limits)
    main = package.referred("", "officeDocument")
    if main is None or not main.startswith("xl/") or not main.endswith(".xml"):
        raise Unreadable("it is an Office file, but not an .xlsx workbook")
    sheets, counts_from_1904 = _sheets(package, main)
    strings = package.referred(main, "sharedStrings")
    styles = package.referred(main, "styles")
    values = CellValues(
        _strings(package, strings) if strings else [],
        _date_formats(package, styles) if styles else {},
        counts_from_1904,
    )
    tables: dict[str, TextTable] = {}
    read: set[str] = set()
    others: dict[str, str] = {}  # title by part, so that each part is read once
    for title, part in sheets:
        name = table_name(title)
        if name not in standard.tables:
            others.setdefault(part, title)
            continue
        if part in read:
            # No program writes this; a small file could have a large sheet read many times.
            raise Unreadable("the workbook is damaged: two of its sheets have the same content")
        read.add(part)
        sheet = Sheet(title, package, values)
        sheet.read(part)
        if not sheet.header:
            continue
        if name in tables:
            raise Unreadable(f"the table {name} is there twice")
        tables[name] = sheet.table()
    return [*tables.values(), *_others(others, package, values)]


def _others(others: dict[str, str], package: Package, values: CellValues) -> list[TextTable]:
    """The sheets (title by part) that are no tables of the standard, empty ones left out.

    A note to the reader, say: whatever it holds, it cannot make the return unreadable. So these are
    read after the tables, with what is left of the workbook's limits, and as far as their first row
    that is not blank.
    """
    tables = []
    for part, title in others.items():
        sheet = Sheet(title, package, values)
        with suppress(Unreadable):
            sheet.read(part, header_only=True)
            if not sheet.header:
                continue
        tables.append(unread_table(title, title))
    return tables


def _sheets(package: Package, main: str) -> tuple[list[tuple[str, str]], bool]:
    """Each sheet's title and part, in order, and whether days are counted from 1904."""
    named: list[tuple[str, str]] = []
    counts_from_1904 = False

    def sheet(attributes: dict[str, str]) -> None:
        if len(named) >= package.limits.members:
            raise Unreadable(f"it holds more than {package.limits.members:,} sheets")
        identifiers = [value for key, value in attributes.items() if key.endswith(":id")]
        named.append((attributes.get("name", ""), identifiers[0] if identifiers else ""))

    def properties(attributes: dict[str, str]) -> None:
        nonlocal counts_from_1904
        counts_from_1904 = attributes.get("date1904", "0").lower() in ("1", "true", "on")

    package.walk(main, {"sheet": sheet, "workbookPr": properties})
    references = package.references(main)
    sheets: list[tuple[str, str]] = []
    for title, identifier in named:
        kind, part = references.get(identifier, ("worksheet", ""))
        if kind == "worksheet":  # and not one of charts, dialogues or macros
            sheets.append((title, part))
    return sheets, counts_from_1904


class TextPieces:
    """The text of an item as it is walked through: what stands in `t` and `v`, but for phonetic
    hints. `was_given` tells an empty one from none."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.takes = self.is_phonetic = self.was_given = False

    def clear(self) -> None:
        """A new item begins."""
        self.pieces = []
        self.was_given = False

    def begin(self, _: dict[str, str]) -> None:
        """A `t` or `v` begins."""
        self.takes = self.was_given = not self.is_phonetic

    def end(self) -> None:
        """A `t` or `v` ends."""
        self.takes = False

    def begin_phonetic(self, _: dict[str, str]) -> None:
        """An `rPh` begins."""
        self.is_phonetic = True

    def end_phonetic(self) -> None:
        """An `rPh` ends."""
        self.is_phonetic = False

    def add(self, piece: str) -> None:
        """Text, of whichever element."""
        if self.takes:
            self.pieces.append(piece)

    def text(self) -> str:
        """The item's text."""
        return "".join(self.pieces)


def _strings(package: Package, part: str) -> list[str]:
    """The texts that cells share, as they stand in a record."""
    strings: list[str] = []
    text = TextPieces()

    def item_ends() -> None:
        if len(strings) >= package.limits.workbook_cells:
            raise package.too_many_cells()
        strings.append(in_record(unescaped(text.text())))

    package.walk(
        part,
        {"si": lambda _: text.clear(), "t": text.begin, "rPh": text.begin_phonetic},
        {"si": item_ends, "t": text.end, "rPh": text.end_phonetic},
        text.add,
    )
    return strings


def _date_formats(package: Package, part: str) -> dict[str, bool]:
    """The styles (by number, as text) that show a number as a date or time; True where it shows a
    time that has passed."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

    codes = {str(number): code for number, code in BUILTIN_FORMATS.items()}
    formats: list[str] = []
    is_cell_format = is_number_format = False

    def number_formats(_: dict[str, str]) -> None:
        nonlocal is_number_format
        is_number_format = True

    def number_formats_end() -> None:
        nonlocal is_number_format
        is_number_format = False

    def number_format(attributes: dict[str, str]) -> None:
        # Those of conditional formats (in `dxfs`) have the same numbers, and are other formats.
        if is_number_format:
            code = attributes.get("formatCode", "")
            codes[attributes.get("numFmtId", "")] = code if len(code) <= LONGEST_FORMAT_CODE else ""
        if len(codes) > MOST_NUMBER_FORMATS:
            raise Unreadable("the workbook is damaged: it has more formats than Excel can have")

    def cell_formats(_: dict[str, str]) -> None:
        nonlocal is_cell_format
        is_cell_format = True

    def cell_formats_end() -> None:
        nonlocal is_cell_format
        is_cell_format = False

    def cell_format(attributes: dict[str, str]) -> None:
        if is_cell_format:
            formats.append(attributes.get("numFmtId", "0"))
        if len(formats) > MOST_FORMATS:
            raise Unreadable("the workbook is damaged: it has more formats than Excel can have")

    package.walk(
        part,
        {
            "numFmts": number_formats,
            "numFmt": number_format,
            "cellXfs": cell_formats,
            "xf": cell_format,
        },
        {"numFmts": number_formats_end, "cellXfs": cell_formats_end},
    )
    dates = {
        number: bool(is_timedelta_format(codes[number]))
        for number in set(formats)
        if number in codes and is_date_format(codes[number])
    }
    return {str(style): dates[used] for style, used in enumerate(formats) if used in dates}


class CellValues:
    """What cells hold, as text that can stand in a record."""

    def __init__(
        self, strings: list[str], date_formats: dict[str, bool], counts_from_1904: bool
    ) -> None:
        self.strings = strings
        self.date_formats = date_formats
        self.date: Callable[[str, bool], str] = lru_cache(maxsize=4096)(_dates(counts_from_1904))

    def value(self, kind: str, style: str | None, text: str) -> str:
        """The value of a cell that is not empty. Raises IndexError or ValueError where it refers to
        a text that is not there."""
        match kind:
            case "s":
                if not PLACE_IN_LIST.fullmatch(text):
                    raise IndexError(text)
                return self.strings[int(text)]
            case "n":
                if style is not None and style in self.date_formats:
                    return self.date(text, self.date_formats[style])
                return text if WHOLE.fullmatch(text) else number(text)
            case "b":
                return {"1": "TRUE", "0": "FALSE"}.get(text, in_record(text).upper())
            case "e":
                return ERROR_CELL + in_record(text)
            case "d":
                return in_record(text).removesuffix("Z")
        return in_record(unescaped(text))


def _dates(counts_from_1904: bool) -> Callable[[str, bool], str]:
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

    epoch = MAC_EPOCH if counts_from_1904 else WINDOWS_EPOCH

    def date(text: str, is_duration: bool) -> str:
        if not NUMBER.fullmatch(text):
            return in_record(text)
        try:
            value = from_excel(float(text), epoch, timedelta=is_duration)
        except (OverflowError, ValueError):
            return number(text)  # no day has that number: a failure of type
        if isinstance(value, datetime):
            is_midnight = value.time() == datetime.min.time()
            return value.date().isoformat() if is_midnight else value.isoformat(sep=" ")
        return str(value)

    return date


def number(text: str) -> str:
    """A number as a person would write it: no exponent, and 12.0 as 12; what is no number as it
    stands."""
    if not NUMBER.fullmatch(text):
        return in_record(text)
    value = float(text)
    if not isfinite(value):
        return text
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")


def unescaped(text: str) -> str:
    """Text with `_x000D_` and the like put back."""
    if "_x" in text:
        text = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        if SURROGATE.search(text):
            # Two of them make one character; one alone is none, and can be written nowhere.
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def in_record(text: str) -> str:
    """Text as it can stand in a record: one line, without the delimiter."""
    if NOT_IN_RECORD.search(text):
        text = text.replace("\r\n", "\n").replace("\r", "\n").translate(IN_RECORD)
    return text


@lru_cache(maxsize=4096)
def column_number(letters: str) -> int:
    """The column (from 1) of a cell's reference; raises Unreadable where no sheet has it."""
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
        if not ("A" <= letter.upper() <= "Z" and column <= MOST_COLUMNS):
            raise Unreadable("the workbook is damaged: a cell lies outside of its sheet")
    return column


class _Enough(Exception):
    """The header was found, and nothing more is wanted."""


class Sheet:
    """One sheet, as it is walked through: its header, and the records below it."""

    def __init__(self, title: str, package: Package, values: CellValues) -> None:
        self.title = title
        self.package = package
        self.values = values
        self.header: list[str] = []
        self.header_row = 0
        self.nameless: set[int] = set()  # columns to the right of the header that hold something
        self.body = bytearray()
        self.record_cells = 0
        self.next_row = 0  # the row on which the next line of `body` lies
        self.header_only = False
        self.row = self.column = 0
        self.cells: dict[int, str] = {}  # of this row, by column, those that are not empty
        self.text = TextPieces()
        self.kind = "n"
        self.style: str | None = None
        self.is_formula = False

    def read(self, part: str, header_only: bool = False) -> None:
        """Reads the sheet's part; raises Unreadable where it is damaged or over a limit."""
        if part not in self.package.parts:
            raise Unreadable(f"the workbook is damaged: its sheet {short(self.title)} is missing")
        self.header_only = header_only
        text = self.text
        with suppress(_Enough):
            self.package.walk(
                part,
                {
                    "row": self.begin_row,
                    "c": self.begin_cell,
                    "v": text.begin,
                    "t": text.begin,
                    "f": self.formula,
                    "rPh": text.begin_phonetic,
                },
                {
                    "row": self.end_row,
                    "c": self.end_cell,
                    "v": text.end,
                    "t": text.end,
                    "rPh": text.end_phonetic,
                },
                text.add,
            )

    def table(self) -> TextTable:
        """What was read."""
        header = [in_words(cell, SHEET_DELIMITER).strip() for cell in self.header]
        return TextTable(
            name=table_name(self.title),
            source=self.title,
            # Where exactly the nameless columns lie, nobody asks.
            header=tuple(header + [""] * len(self.nameless)),
            header_place=f"row {self.header_row} of the sheet {self.title}",
            delimiter=SHEET_DELIMITER,
            first_line=self.header_row + 1,
            body=bytes(self.body),
            counts_cells=False,
        )

    def begin_row(self, attributes: dict[str, str]) -> None:
        """A row begins; one without a number follows the one before it."""
        stated = attributes.get("r")
        row = int(stated) if stated else self.row + 1
        if not self.row < row <= MOST_ROWS:
            raise Unreadable(f"the rows of the sheet {short(self.title)} are not in order")
        self.row, self.column, self.cells = row, 0, {}

    def begin_cell(self, attributes: dict[str, str]) -> None:
        """A cell begins; one without a reference follows the one before it."""
        self.package.cells_left -= 1
        if self.package.cells_left < 0:
            raise self.package.too_many_cells()
        reference = attributes.get("r")
        self.column = (
            column_number(reference.rstrip("0123456789")) if reference else self.column + 1
        )
        self.kind = attributes.get("t", "n")
        self.style = attributes.get("s")
        self.is_formula = False
        self.text.clear()

    def formula(self, _: dict[str, str]) -> None:
        """The cell has a formula."""
        self.is_formula = True

    def end_cell(self) -> None:
        """The cell ends."""
        text = self.text.text()
        if text:
            value = self.values.value(self.kind, self.style, text)
        elif self.kind == "e" and not self.is_formula:
            value = f"{ERROR_CELL}#ERROR!"  # an error without a name is no empty cell
        elif self.is_formula and not (self.text.was_given and self.kind == "str"):
            # A number that was not saved. A text that was saved may be empty: ="" is.
            value = f"{ERROR_CELL}a formula without a saved value"
        else:
            return
        if not value:
            return
        if not 0 < self.column <= MOST_COLUMNS or self.column in self.cells:
            raise Unreadable(
                f"the workbook is damaged: row {self.row} of the sheet {short(self.title)} has "
                "two cells in one place"
            )
        self.cells[self.column] = value

    def end_row(self) -> None:
        """The row ends."""
        if not self.cells:
            return
        last = max(self.cells)
        width = len(self.header)
        if not width:
            named = [c for c, cell in self.cells.items() if in_words(cell, "").strip()]
            if named:
                self.header = [self.cells.get(c, "") for c in range(1, max(named) + 1)]
                self.header_row = self.row
                self.next_row = self.row + 1
                if self.header_only:
                    raise _Enough
            return
        record = [""] * min(last, width)
        for column, cell in self.cells.items():
            if column <= width:
                record[column - 1] = cell
        if last > width:
            beyond = [c for c, cell in self.cells.items() if c > width and cell.strip()]
            self.nameless.update(beyond)
            # So that a row that has cells there only is still a row.
            record += [self.cells[column] for column in beyond[:1]]
        self.add(record)

    def add(self, record: list[str]) -> None:
        """Puts a record on its line of `body`, below as many empty ones as the sheet has."""
        gap = self.row - self.next_row
        line = (SHEET_DELIMITER.join(record) + "\n").encode()
        limits = self.package.limits
        self.record_cells += gap + len(record)
        if self.record_cells > limits.table_cells:
            raise self.package.too_many_cells()
        if len(line) > limits.row_bytes:
            raise Unreadable(
                f"row {self.row} of the sheet {short(self.title)} is longer than "
                f"{limits.row_bytes:,} bytes"
            )
        self.package.text_left -= len(line)
        if self.package.text_left < 0:
            raise Unreadable(f"its sheets hold more than {limits.unpacked_bytes:,} bytes of text")
        self.body += b"\n" * gap
        self.body += line
        self.next_row = self.row + 1
