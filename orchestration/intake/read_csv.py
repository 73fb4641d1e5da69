"""CSV files as people really write them, brought to one record a line.

The bytes are decoded, the delimiter is told from the header row, and quoted fields are opened by
one regular expression: a quote opens a field only where the field begins, as in RFC 4180 and as
spreadsheets write it. Splitting into cells is left to DuckDB.
"""

from __future__ import annotations

import re

from orchestration.intake.text_tables import (
    DELIMITER_OF_CELL,
    LINE_BREAK_OF_FILE,
    TextTable,
    Unreadable,
    plain,
    table_name,
)

DELIMITERS = (",", ";", "\t", "|")


def read_csv(name: str, source: str, content: bytes) -> TextTable | None:
    """The table in a CSV file's bytes, or None where the file holds nothing but blank lines.

    Raises Unreadable where the bytes are no text, or a quote is never closed.
    """
    text = plain(decode(content, source))
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    first = re.search(r'[^\s,;|"]', text)
    if first is None:
        return None
    start = text.rfind("\n", 0, first.start()) + 1
    end = text.find("\n", first.start())
    delimiter = delimiter_of(text[start:] if end < 0 else text[start:end])
    lines_before = text.count("\n", 0, start)
    records = open_quotes(text[start:], delimiter, source)
    header, _, body = records.partition("\n")
    cells = header.split(delimiter)
    if body and not body.endswith("\n"):
        body += "\n"
    return TextTable(
        name=table_name(name),
        source=source,
        header=tuple(in_words(cell, delimiter).strip() for cell in cells),
        delimiter=delimiter,
        first_line=lines_before + 2 + header.count(LINE_BREAK_OF_FILE),
        body=body,
        counts_cells=True,
    )


def decode(content: bytes, source: str) -> str:
    """The text in `content`: UTF-8, UTF-16 with a byte order mark, or else Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(f"{source} is not a text file, or its characters are in no known encoding")


def delimiter_of(header: str) -> str:
    """The one of the four delimiters that the header row holds most often outside quotes."""
    outside = re.sub(r'"[^"]*"', "", header)
    return max(DELIMITERS, key=outside.count)  # the first of those that tie: a comma where none


def open_quotes(text: str, delimiter: str, source: str) -> str:
    """`text` with quoted fields opened: delimiters and line breaks in them become noncharacters."""
    if '"' not in text:
        return text
    quoted = re.compile(rf'(?:\A|(?<=[\n{re.escape(delimiter)}]))"([^"]*(?:""[^"]*)*)("?)')

    def opened(match: re.Match[str]) -> str:
        if not match[2]:
            line = text.count("\n", 0, match.start()) + 1
            raise Unreadable(f"a quote in {source} that opens on line {line} is never closed")
        return (
            match[1]
            .replace('""', '"')
            .replace("\n", LINE_BREAK_OF_FILE)
            .replace(delimiter, DELIMITER_OF_CELL)
        )

    return quoted.sub(opened, text)


def in_words(cell: str, delimiter: str) -> str:
    """A cell with what was in its quotes put back."""
    return cell.replace(LINE_BREAK_OF_FILE, "\n").replace(DELIMITER_OF_CELL, delimiter)
