"""CSV files as people really write them, brought to one record a line.

The bytes are brought to UTF-8, the delimiter is told from the header row, and quoted fields are
opened: a quote opens a field only where the field begins, as in RFC 4180 and as spreadsheets write
it. Splitting into cells is left to DuckDB.
"""

from __future__ import annotations

import codecs
import re

from expectations.standard import Limits
from orchestration.intake.text_tables import (
    DELIMITER_OF_CELL,
    LINE_BREAK_OF_FILE,
    TextTable,
    Unreadable,
    in_words,
    line_longer_than,
    plain,
    table_name,
)

DELIMITERS = (b",", b";", b"\t", b"|")
# What may stand in a row that is blank: white space (as str.strip() has it), delimiters, quotes.
WHITE = rb"\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80"
BLANK = re.compile(rb'(?:[\s\x1c-\x1f,;|"]++|' + WHITE + rb")*+")
# The header, line breaks in quotes included, while its delimiter is not known: a quote opens behind
# any of the four. Another, and one that is never closed, is a character like others.
IN_QUOTES = rb'"(?<![^\n,;\t|]")[^"]*+(?:""[^"]*+)*+"'
HEADER_CELL_IN_QUOTES = re.compile(IN_QUOTES)
HEADER_RECORD = re.compile(rb'(?:[^"\n]++|' + IN_QUOTES + rb'|")*+')
# A piece of the blank rows above a header, whose delimiter is not known yet: white space and
# delimiters, of which group 1 ends with a row, or a whole cell in quotes that holds white space. A
# quote opens only where a cell begins, and then the first cell of the header may begin with a line
# break.
ABOVE_HEADER = (
    rb"(?:([\s\x1c-\x1f,;|]*[\r\n])|[\s\x1c-\x1f,;|]++|WHITE"
    rb'|"(?<![^\r\n,;\t|]")(?:[\s\x1c-\x1f]++|WHITE)*+"(?![^\r\n,;\t|]))'
).replace(b"WHITE", WHITE)
MOST_ABOVE_HEADER = 1_000_000  # such pieces; blank rows without quotes are one, however many
BLANK_ROWS = re.compile(ABOVE_HEADER + b"{0,%d}+" % MOST_ABOVE_HEADER)
MARK_OF_BREAK = LINE_BREAK_OF_FILE.encode()
MARK_OF_DELIMITER = DELIMITER_OF_CELL.encode()
BLOCK = 1 << 20


def read_csv(name: str, source: str, content: bytes, limits: Limits) -> TextTable | None:
    """The table in a CSV file's bytes, or None where the file holds nothing but blank lines.

    Raises Unreadable where the bytes are no text, a quote is never closed, or a limit is passed.
    """
    text = plain(as_utf8(content, source))
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    start = header_start(text, source)
    if start is None:
        return None
    header_line = text.count(b"\n", 0, start) + 1
    text = text[start:].rstrip(b"\n")
    delimiter = delimiter_of(text[:BLOCK])  # more than the widest header takes
    if text.count(delimiter) + text.count(b"\n") > limits.table_cells:
        raise Unreadable(f"{source} has more than {limits.table_cells:,} cells")
    _refuse_long_row(text, header_line, source, limits)  # before the work of opening its quotes
    text = open_quotes(text, delimiter, source, header_line)
    _refuse_long_row(text, header_line, source, limits)
    header, _, body = text.partition(b"\n")
    del text
    columns = header.count(delimiter) + 1
    if columns > limits.columns:
        raise Unreadable(f"the header row of {source} has more than {limits.columns:,} cells")
    if body:
        body += b"\n"
    return TextTable(
        name=table_name(name),
        source=source,
        header=tuple(
            in_words(cell.decode(), delimiter.decode()).strip() for cell in header.split(delimiter)
        ),
        header_place=f"line {header_line} of {source}",
        delimiter=delimiter.decode(),
        first_line=header_line + 1 + header.count(MARK_OF_BREAK),
        body=without_empty_ends(body, delimiter, columns),
        counts_cells=True,
    )


def _refuse_long_row(text: bytes, first_line: int, source: str, limits: Limits) -> None:
    """Raises Unreadable where a line of `text`, which begins on `first_line`, is over the limit."""
    too_long = line_longer_than(text, limits.row_bytes)
    if too_long is not None:
        line = first_line + text.count(b"\n", 0, too_long) + text.count(MARK_OF_BREAK, 0, too_long)
        raise Unreadable(
            f"the row on line {line} of {source} is longer than {limits.row_bytes:,} bytes"
        )


def as_utf8(content: bytes, source: str) -> bytes:
    """The text in `content`, which is UTF-8, UTF-16 with a byte order mark, or else Windows-1252,
    as UTF-8 without a mark."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        content = content.removeprefix(codecs.BOM_UTF8)
        if content.isascii():
            return content
        encodings = ["utf-8", "cp1252"]
    for encoding in encodings:
        try:
            return _recoded(content, encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(f"{source} is not a text file, or its characters are in no known encoding")


def _recoded(content: bytes, encoding: str) -> bytes:
    """`content` as UTF-8, block by block: the whole as str could be four times as large."""
    decoder = codecs.getincrementaldecoder(encoding)()
    text = bytearray()
    for start in range(0, len(content), BLOCK):
        block = decoder.decode(content[start : start + BLOCK])
        if encoding != "utf-8":
            text += block.encode()
    decoder.decode(b"", final=True)
    return content if encoding == "utf-8" else bytes(text)


def header_start(text: bytes, source: str) -> int | None:
    """Where the first row that is not blank begins, or None where every row is blank.

    Raises Unreadable where there is more above it than anyone would look through.
    """
    blank = BLANK_ROWS.match(text)
    if blank is None or blank.end() == len(text):
        return None if blank else 0
    if re.compile(ABOVE_HEADER).match(text, blank.end()):
        raise Unreadable(f"{source} has nothing but empty cells where its header should be")
    return max(blank.end(1), 0)


def delimiter_of(text: bytes) -> bytes:
    """The one of the four delimiters that the first record of `text` holds most often outside
    quotes."""
    record = HEADER_RECORD.match(text)
    outside = HEADER_CELL_IN_QUOTES.sub(b"", record[0]) if record else b""
    return max(DELIMITERS, key=outside.count)  # the first of those that tie: a comma where none


def open_quotes(text: bytes, delimiter: bytes, source: str, first_line: int = 1) -> bytes:
    """`text` with quoted fields opened: delimiters and line breaks in them become noncharacters.

    Goes by blocks of whole lines. Nearly always every quote of a block belongs to a field that
    holds none of the three, and all go at once; field by field is ten times slower.
    """
    if b'"' not in text:
        return text
    # The quote stands before what is asked of the character before it, since then it is leapt to.
    opening = rb'"(?<![^\n' + delimiter + rb']")'
    simple = re.compile(opening + rb'[^"\n' + delimiter + rb']*+"(?![^\n' + delimiter + rb"])")
    quoted = re.compile(opening + rb'([^"]*+(?:""[^"]*+)*+)("?)')
    opened = bytearray()
    at = 0
    while at < len(text):
        end = text.find(b"\n", at + BLOCK) + 1 or len(text)
        block = text[at:end]
        quotes = block.count(b'"')
        if not quotes or 2 * len(simple.findall(block)) == quotes:
            opened += block.replace(b'"', b"")
            at = end
            continue
        # In this block alone: otherwise literal quotes to the end of the file would be gone through
        # again for each block.
        for found in quoted.finditer(text, at, end):
            start = found.start()
            # It may close beyond the block.
            match = found if found[2] else quoted.match(text, start)
            if match is None or not match[2]:
                line = first_line + text.count(b"\n", 0, start)
                raise Unreadable(f"a quote in {source} that opens on line {line} is never closed")
            opened += text[at:start]
            opened += (
                match[1]
                .replace(b'""', b'"')
                .replace(b"\n", MARK_OF_BREAK)
                .replace(delimiter, MARK_OF_DELIMITER)
            )
            at = match.end()
        opened += text[at:end]
        at = max(at, end)
    return bytes(opened)


def without_empty_ends(body: bytes, delimiter: bytes, columns: int) -> bytes:
    """`body` without the long runs of delimiters with which a sheet that is formatted far to the
    right is saved: at most `columns` of them end a record, which is enough to have every cell."""
    if delimiter * (columns + 1) + b"\n" not in body:
        return body

    def shorter(run: re.Match[bytes]) -> bytes:
        ends_record = body[run.end() : run.end() + 1] == b"\n"
        return delimiter * columns if ends_record else run[0]

    return re.sub(re.escape(delimiter) + b"{%d,}+" % (columns + 1), shorter, body)
