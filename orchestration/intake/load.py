"""Many returns' tables of text, put into DuckDB together.

Files of the same table, delimiter and columns are read as one, so that a night of small returns
costs about what one large return does. DuckDB reads whole lines and splits them itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.rules.sql import literal, name
from expectations.standard import Standard, Table
from orchestration.intake.text_tables import (
    DELIMITER_OF_CELL,
    LINE_BREAK_OF_CELL,
    LINE_BREAK_OF_FILE,
    NEVER,
    WHITE_SPACE,
    TextTable,
    line_longer_than,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# DuckDB's own limit for a line, in bytes, and its buffer of 16 of them; a longer line raises both.
USUAL_LINE = 2_000_000
ODD_WHITE_SPACE = [odd.encode() for odd in WHITE_SPACE if odd not in " \n"]
ODD_ASCII = [odd for odd in ODD_WHITE_SPACE if odd.isascii()]
IN_CELLS = LINE_BREAK_OF_FILE + LINE_BREAK_OF_CELL + DELIMITER_OF_CELL
MARKS = [mark.encode() for mark in IN_CELLS]


@dataclass(frozen=True)
class Layout:
    """What files must share to be read as one. `width` is the last named column's place."""

    table: str
    delimiter: str
    columns: tuple[str, ...]
    counts_cells: bool


def load_text_tables(
    connection: DuckDBPyConnection,
    standard: Standard,
    sent: Iterable[tuple[int, TextTable]],
    aside: Path,
) -> None:
    """Makes text_<table> for every table of the standard from what was `sent` (return_no, table).

    text_<table> has return_no, row_number (line of the file or row of the sheet, from 1),
    cell_count, header_count, sent_columns (a bit for each field of the standard that has a column),
    is_well_formed, and each field's cell as varchar, trimmed, NULL where empty or without a column.
    Blank rows are left out. `aside` is a folder for files that may be removed afterwards.
    """
    layouts: dict[Layout, list[tuple[int, TextTable]]] = defaultdict(list)
    for return_no, table in sent:
        # A table without rows has no line of its own to be placed by, and needs none.
        if table.name in standard.tables and table.body:
            layout = Layout(table.name, table.delimiter, table.columns, table.counts_cells)
            layouts[layout].append((return_no, table))
    by_table: dict[str, list[str]] = defaultdict(list)
    for number, (layout, parts) in enumerate(layouts.items()):
        path = aside / f"{number}.txt"
        by_table[layout.table].append(
            _layout_sql(
                standard.tables[layout.table], layout, parts, path, standard.limits.row_bytes
            )
        )
    for stated in standard.tables.values():
        columns = ", ".join(f"{name(field.name)} varchar" for field in stated.fields)
        connection.execute(
            f"create or replace table {name('text_' + stated.name)} (return_no integer, "
            "row_number bigint, cell_count integer, header_count integer, sent_columns bigint, "
            f"is_well_formed boolean, {columns})"
        )
        for query in by_table[stated.name]:
            connection.execute(f"insert into {name('text_' + stated.name)} {query}")
    for path in aside.glob("*.txt"):
        path.unlink()


def _layout_sql(
    table: Table,
    layout: Layout,
    parts: list[tuple[int, TextTable]],
    path: Path,
    longest_row: int,
) -> str:
    """Writes the parts' bodies to `path`, one after the other, and gives SQL that reads them."""
    starts, next_line, longest = [], 1, USUAL_LINE
    has_breaks = has_marks = has_spaces = has_odd_spaces = False
    with path.open("wb") as file:
        for return_no, part in parts:
            starts.append(f"({next_line}, {return_no}, {part.first_line})")
            body = part.body
            next_line += body.count(b"\n")
            is_ascii = body.isascii()
            if not is_ascii:
                has_breaks = has_breaks or LINE_BREAK_OF_FILE.encode() in body
                has_marks = has_marks or any(mark in body for mark in MARKS)
            has_spaces = has_spaces or b" " in body
            odd_spaces = ODD_ASCII if is_ascii else ODD_WHITE_SPACE
            has_odd_spaces = has_odd_spaces or any(
                odd in body for odd in odd_spaces if odd != part.delimiter.encode()
            )
            if line_longer_than(body, USUAL_LINE) is not None:
                longest = longest_row + 1
            file.write(body)
    width = max((i for i, column in enumerate(layout.columns, start=1) if column), default=0)
    header_count = len(layout.columns)
    in_white = WHITE_SPACE + LINE_BREAK_OF_FILE + LINE_BREAK_OF_CELL
    if layout.delimiter in WHITE_SPACE:
        in_white += DELIMITER_OF_CELL
    # Taking away any of thirty characters costs ten times as much as taking away spaces.
    has_odd_spaces = has_odd_spaces or has_marks
    trimmed = (
        "trim({}, " + literal(in_white) + ")"
        if has_odd_spaces
        else "trim({})"
        if has_spaces
        else "{}"
    )
    cells = []
    sent_columns = 0
    for position, field in enumerate(table.fields):
        if field.name in layout.columns:
            sent_columns |= 1 << position
            cell = f"cells[{layout.columns.index(field.name) + 1}]"
            if has_marks:
                # chr(10): a line break, wherever it stood.
                put_back = f"chr(10) || chr(10) || {literal(layout.delimiter)}"
                cell = f"translate({cell}, {literal(IN_CELLS)}, {put_back})"
            cells.append(f"nullif({trimmed.format(cell)}, '')")
        else:
            cells.append("null")
    breaks = f"length(line) - length(replace(line, {literal(LINE_BREAK_OF_FILE)}, ''))"
    lines_before = (
        f"coalesce(sum({breaks}) over (partition by return_no order by line_no "
        "rows between unbounded preceding and 1 preceding), 0)"
        if has_breaks
        else "0"
    )
    well_formed = (
        f"len(cells) >= {width} and (len(cells) <= {header_count} or len(list_filter("
        f"cells[{header_count + 1}:], lambda cell: {trimmed.format('cell')} <> '')) = 0)"
        if layout.counts_cells
        else "true"
    )
    is_blank = (
        f"trim(line, {literal(in_white + layout.delimiter)}) = ''"
        if has_odd_spaces
        else f"not regexp_matches(line, {literal(f'[^ {re.escape(layout.delimiter)}]')})"
    )
    place = (
        f"select {parts[0][0]}::integer as return_no, line, line_no, "
        f"line_no - 1 + {parts[0][1].first_line} as line_of_file from lines"
        if len(parts) == 1
        else "select parts.return_no, lines.line, lines.line_no, "
        "lines.line_no - parts.start + parts.first_line as line_of_file "
        "from lines asof inner join parts on lines.line_no >= parts.start"
    )
    return f"""
with lines as (
    select row_number() over () as line_no, line
    from read_csv(
        {literal(str(path))}, columns = {{'line': 'varchar'}}, header = false, auto_detect = false,
        delim = {literal(NEVER)}, quote = '', escape = '', new_line = '\\n',
        max_line_size = {longest}, buffer_size = {max(longest * 4, USUAL_LINE * 16)}
    )
),
parts (start, return_no, first_line) as (values {", ".join(starts)}),
located as (
    {place}
),
records as (
    select
        return_no,
        line_of_file + {lines_before} as row_number,
        line,
        string_split(line, {literal(layout.delimiter)}) as cells
    from located
)
select
    return_no,
    row_number,
    len(cells),
    {header_count},
    {sent_columns},
    {well_formed},
    {", ".join(cells)}
from records
where line is not null and not ({is_blank})
"""
