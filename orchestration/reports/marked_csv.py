"""A CSV file as it goes back: one more column, `problems`, and all else as it was sent.

Delimiter, encoding, line ends, quotes and every byte of every cell are kept, with two exceptions. A
cell that a spreadsheet would take for a formula gets an apostrophe, as `orchestration.spreadsheets`
says; and where the words of a problem cannot be written in the file's encoding, the file becomes
UTF-8 with a byte order mark.

`problems` stands after the last column of the header; a file whose last column is called that has
been back before, and the cells of that column are written anew. A row without a problem gets an
empty cell, so that the file can be mended and sent again as it is: `problems` is then a column that
the standard does not know, which is a warning and no more. A row that has another number of cells
than the header is not mended by guesswork: its words go behind its last cell, wherever that is, and
begin with `problems:`.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

from orchestration.intake.read_csv import BLANK, MARK_OF_BREAK, as_utf8
from orchestration.intake.text_tables import TextTable, in_words
from orchestration.reports.cell_failures import PROBLEMS
from orchestration.spreadsheets import FORMULA_STARTS, PLAIN_NUMBER, begins_formula

LINE_END = re.compile(rb"(\r\n|\r|\n)")
OUT_OF_PLACE = f"{PROBLEMS}: "


def mark_csv(content: bytes, table: TextTable, problems: Mapping[int, str] | None) -> bytes:
    """The file `content`, which was read as `table`, with `problems` in words by row number.

    problems None: no column is added, and cells are made safe only. Raises Unreadable where the
    content is no text.
    """
    text = as_utf8(content, table.source)
    marked = _Records(text, table)
    marked.make_safe()
    if problems is not None:
        marked.tell(problems)
    return _in_encoding_of(content, text, marked.joined())


class _Records:
    """A file's lines, and which of them each record of the table takes."""

    def __init__(self, text: bytes, table: TextTable) -> None:
        self._take(text)
        self.table = table
        self.delimiter = table.delimiter.encode()
        self.cell = re.compile(rb'("[^"]*+(?:""[^"]*+)*+")?+([^\r\n' + self.delimiter + rb"]*+)")
        self.body = table.body.split(b"\n")[:-1]
        self.starts: range | list[int] = range(
            table.first_line - 1, table.first_line + len(self.body)
        )
        if MARK_OF_BREAK in table.body:
            lines = (record.count(MARK_OF_BREAK) + 1 for record in self.body)
            self.starts = list(accumulate(lines, initial=table.first_line - 1))

    def _take(self, text: bytes) -> None:
        self.text = text
        pieces = LINE_END.split(text)
        self.lines, self.ends = pieces[0::2], [*pieces[1::2], b""]

    def joined(self) -> bytes:
        """The whole text."""
        pieces = [b""] * (2 * len(self.lines))
        pieces[0::2], pieces[1::2] = self.lines, self.ends
        return b"".join(pieces)

    def _raw(self, start: int, end: int) -> bytes:
        """Lines `start` to before `end`, with the line ends between them."""
        if end == start + 1:
            return self.lines[start]
        pairs = zip(self.lines[start : end - 1], self.ends[start : end - 1], strict=True)
        return b"".join(line + line_end for line, line_end in pairs) + self.lines[end - 1]

    def _put(self, start: int, end: int, raw: bytes) -> None:
        """Puts `raw` in the place of lines `start` to before `end`."""
        self.lines[start] = raw
        for line in range(start + 1, end):
            self.lines[line] = self.ends[line - 1] = b""

    def _cells(self, raw: bytes) -> Iterator[re.Match[bytes]]:
        """The cells of a record: group 1 is what stands in quotes, group 2 what follows it."""
        at = 0
        while at <= len(raw) and (cell := self.cell.match(raw, at)):
            yield cell
            at = cell.end() + 1

    def make_safe(self) -> None:
        """Puts an apostrophe before each cell that would be taken for a formula."""
        begins = rb"(?<![^\r\n" + self.delimiter + rb"])"
        ends = rb"(?=[\r\n" + self.delimiter + rb"]|\Z)"
        outside = [start for start in FORMULA_STARTS if start not in self.table.delimiter + "\r\n"]
        # Zero width: where an apostrophe belongs, if there are no quotes in the record.
        bare = rb"(?=" + _any_of(outside) + rb")(?!" + PLAIN_NUMBER.encode() + ends + rb")"
        # A quote that opens where its line ends has a cell that begins with a line break.
        quoted = rb'"(?:"")*+(?:' + _any_of(FORMULA_STARTS) + rb"|\Z)"
        behind_quotes = rb'(?:"")++(?=' + _any_of(outside) + rb")"
        # Begins with a class of characters, for which it is searched twice as fast.
        before = rb"[\r\n" + self.delimiter + rb"]"
        suspect = re.compile(before + b"(?:" + b"|".join((bare, quoted, behind_quotes)) + b")")
        if not suspect.search(b"\n" + self.text):
            return
        unquoted = re.compile(begins + bare)
        if self._is_simple(self.text):
            self._take(unquoted.sub(b"'", self.text))
            return
        first = next(i for i, line in enumerate(self.lines) if not BLANK.fullmatch(line))
        header_end = self.table.first_line - 1
        places = {(first, header_end)} if first < header_end else set()
        suspects = [i for i, line in enumerate(self.lines) if suspect.search(b"\n" + line)]
        for line in suspects:
            number = bisect_right(self.starts, line) - 1
            if 0 <= number < len(self.body):
                places.add((self.starts[number], self.starts[number + 1]))
        for start, end in places:
            raw = self._raw(start, end)
            is_simple = self._is_simple(raw)
            self._put(start, end, unquoted.sub(b"'", raw) if is_simple else self._safe(raw))

    def _is_simple(self, text: bytes) -> bool:
        """Whether there is no cell in quotes, and none that is white space and could seem more."""
        return b'"' not in text and (b"\t" not in text or self.delimiter == b"\t")

    def _safe(self, raw: bytes) -> bytes:
        """A record, cell by cell; one that is nothing but white space computes nothing."""
        safe = []
        for cell in self._cells(raw):
            quoted, rest = cell[1] or b"", cell[2]
            value = (quoted[1:-1].replace(b'""', b'"') + rest).decode()
            if begins_formula(value) and not value.isspace():
                safe.append((b"\"'" + quoted[1:] if quoted else b"'") + rest)
            else:
                safe.append(quoted + rest)
        return self.delimiter.join(safe)

    def tell(self, problems: Mapping[int, str]) -> None:
        """Adds the column, or writes it anew."""
        columns = self.table.columns
        named = [place for place, column in enumerate(columns) if column]
        is_back = bool(named) and columns[named[-1]] == PROBLEMS
        place = named[-1] if is_back else len(columns)
        width = named[-1] + 1 if named else 0
        delimiter, body = self.delimiter, self.body
        odd = {k for k, record in enumerate(body) if record.count(delimiter) != place - 1 + is_back}
        if is_back:
            # What was said before is to go, and may stand in every row.
            odd |= {k for k, record in enumerate(body) if not record.endswith(delimiter)}
            if place + 1 < len(columns):
                odd = set(range(len(body)))
        else:
            self.lines[self.table.first_line - 2] += delimiter + PROBLEMS.encode()
        odd |= {
            bisect_right(self.starts, row - 1) - 1
            for row in problems
            if row >= self.table.first_line
        }
        told = {}
        for number in odd:
            if number < len(body) and body[number]:
                words = problems.get(self.starts[number] + 1, "")
                raw = self._raw(self.starts[number], self.starts[number + 1])
                told[number] = self._told(number, raw, words, place, width, is_back)
        if not is_back:
            self._end_with_empty_cells()
        for number, raw in told.items():  # as they were before the empty cells
            self._put(self.starts[number], self.starts[number + 1], raw)

    def _end_with_empty_cells(self) -> None:
        if isinstance(self.starts, range):
            lines, end = slice(self.starts[0], self.starts[-1]), self.delimiter
            self.lines[lines] = [line + end if line else line for line in self.lines[lines]]
            return
        for record, end_line in zip(self.body, self.starts[1:], strict=True):
            if record:
                self.lines[end_line - 1] += self.delimiter

    def _told(
        self, number: int, raw: bytes, words: str, place: int, width: int, is_back: bool
    ) -> bytes:
        """A record with its problem in `words`, or with an empty cell where there are none."""
        values = [
            in_words(cell, self.table.delimiter).strip()
            for cell in self.body[number].decode().split(self.table.delimiter)
        ]
        if not any(values):
            return raw  # a blank row
        cells = list(self._cells(raw))
        if len(values) < width or any(values[place + is_back :]):
            if is_back and values[-1].startswith(OUT_OF_PLACE):
                raw = raw[: cells[-1].start() - 1]
            return raw + self.delimiter + _quoted(OUT_OF_PLACE + words) if words else raw
        if len(cells) > place and not is_back:
            # An empty cell is there; it stays, behind the words, since a line may end in it.
            at = cells[place].start()
            return raw[:at] + _quoted(words) + self.delimiter + raw[at:] if words else raw
        if is_back:
            if not words and not values[place]:
                return raw
            return raw[: cells[place].start()] + _quoted(words) + raw[cells[place].end() :]
        missing = place - len(cells) + 1
        return raw + self.delimiter * missing + _quoted(words)


def _any_of(starts: Iterable[str]) -> bytes:
    return "|".join(map(re.escape, starts)).encode()


def _quoted(words: str) -> bytes:
    return ('"' + words.replace('"', '""') + '"').encode() if words else b""


def _in_encoding_of(content: bytes, text: bytes, marked: bytes) -> bytes:
    """`marked`, which is UTF-8, in the encoding of `content`, of which `text` is the UTF-8."""
    if content.startswith(codecs.BOM_UTF16_LE):
        return codecs.BOM_UTF16_LE + marked.decode().encode("utf-16-le")
    if content.startswith(codecs.BOM_UTF16_BE):
        return codecs.BOM_UTF16_BE + marked.decode().encode("utf-16-be")
    if content == text and (marked.isascii() or not text.isascii()):
        return marked
    if content != text and not content.startswith(codecs.BOM_UTF8):
        try:
            return marked.decode().encode("cp1252")
        except UnicodeEncodeError:
            pass
    return codecs.BOM_UTF8 + marked
