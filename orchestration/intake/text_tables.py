"""A table as it was sent: text cells, one record a line.

Both formats, CSV and workbook, are brought to this one shape, so that everything after reading is
the same for both. What would break the shape (a delimiter or a line break inside a cell) travels as
a Unicode noncharacter, which no text may hold, and is put back when the cells are split. Texts are
kept as UTF-8 bytes: as str, one emoji would make each of 100 million characters four bytes long.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import PurePath

from expectations.rules.conversions import ERROR_CELL

# Noncharacters (Unicode U+FDD0 to U+FDEF) "should never be interchanged": they are ours to use. One
# more, ERROR_CELL, begins a cell that a workbook could not compute; judging knows it too.
LINE_BREAK_OF_FILE = "\ufdd1"  # a line break inside a quoted field: the file's next line begins
LINE_BREAK_OF_CELL = "\ufdd2"  # a line break inside a workbook's cell
DELIMITER_OF_CELL = "\ufdd3"  # the delimiter, inside a cell
NEVER = "\ufdd4"  # stands nowhere: DuckDB reads whole lines by a delimiter that never comes
RESERVED = (ERROR_CELL, LINE_BREAK_OF_FILE, LINE_BREAK_OF_CELL, DELIMITER_OF_CELL, NEVER)

# What str.strip() takes away, as one string, for SQL's trim.
WHITE_SPACE = "".join(map(chr, [*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680])) + "".join(
    map(chr, [*range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000])
)

# A workbook has no delimiter; its cells are joined by ASCII's own unit separator.
SHEET_DELIMITER = "\x1f"

# How the programs that upload or download name what is not whole yet: rsync and Firefox, WinSCP,
# many others, Chrome, Edge. The last act is to rename it.
UNFINISHED = (".part", ".filepart", ".tmp", ".crdownload", ".partial")

SHOWN_NAME = 100  # characters of a file's name that a message shows


class Unreadable(Exception):
    """The return cannot be opened as one; the message says why, in words for the provider."""


@dataclass(frozen=True)
class TextTable:
    """One table of a return.

    name: the table's name, trimmed, in lower case. source: the file or sheet as it was named.
    header: the header's cells, trimmed, as they were written; header_place: where it was found, in
    words. first_line: the line of the file, or row of the sheet, on which `body` begins. body: the
    records after the header as UTF-8, one a line, each ended by a line feed, blank ones included.
    counts_cells: whether a record must have as many cells as the header (CSV), or cannot have
    others (a sheet).
    """

    name: str
    source: str
    header: tuple[str, ...]
    header_place: str
    delimiter: str
    first_line: int
    body: bytes
    counts_cells: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """The header's cells as the standard names columns: lower case, `_` for space and `-`."""
        return tuple(column_name(cell) for cell in self.header)


def unread_table(name: str, source: str) -> TextTable:
    """A table that the standard does not know: that it is there is all that matters."""
    return TextTable(table_name(name), source, (), "", ",", 1, b"", counts_cells=True)


def column_name(cell: str) -> str:
    """A header cell as the standard spells names of columns."""
    return cell.strip().lower().replace(" ", "_").replace("-", "_")


def table_name(name: str) -> str:
    """A file's or sheet's name, without its extension, as the standard spells names of tables."""
    return name.strip().lower()


def plain(text: bytes) -> bytes:
    """UTF-8 text in which none of the reserved noncharacters stands."""
    if not text.isascii() and b"\xef\xb7" in text:  # the first two bytes of each of them
        for reserved in RESERVED:
            text = text.replace(reserved.encode(), "\ufffd".encode())
    return text


def in_words(cell: str, delimiter: str) -> str:
    """A cell with its line breaks and delimiters put back."""
    cell = cell.replace(LINE_BREAK_OF_FILE, "\n").replace(LINE_BREAK_OF_CELL, "\n")
    return cell.replace(DELIMITER_OF_CELL, delimiter)


def line_longer_than(text: bytes, most: int) -> int | None:
    """Where a line of more than `most` bytes begins in `text`, or None; leaps, and reads little."""
    start = 0
    while len(text) - start > most:
        end = text.rfind(b"\n", start, start + most + 1)
        if end < 0:
            return start
        start = end + 1
    return None


def shown_name(name: str) -> str:
    """A file's name as text that can be written down, whatever bytes the file system has."""
    return os.fsencode(name).decode("utf-8", "replace")


def short(name: str) -> str:
    """A name as a message shows it: the beginning of it, where it is very long."""
    return name if len(name) <= SHOWN_NAME else name[:SHOWN_NAME] + "..."


def is_part_of_return(path: PurePath) -> bool:
    """Whether a file of a return, by its path inside it, is part of what was sent."""
    return "__MACOSX" not in path.parts and all(is_return_name(part) for part in path.parts)


def is_return_name(name: str) -> bool:
    """Whether a file or folder of that name is a return, or part of one, and not still arriving."""
    return not (name.startswith((".", "~$")) or name.lower().endswith(UNFINISHED))
