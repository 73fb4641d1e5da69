"""Which cells of a workbook's sheets the failures of a return belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from expectations.standard import MANIFEST
from orchestration.intake.text_tables import TextTable, column_name
from orchestration.reports.cell_failures import (
    PROBLEMS,
    CellFailure,
    problems,
    problems_by_row,
)


@dataclass(frozen=True)
class PlacedFailures:
    """What is to be marked in one sheet.

    cells: the words for each failing cell, by (row, column), both from 1; those of the header row
    first. rows: the words for each failing row. own_column: the place (from 1) of a last column
    called `problems`, which an earlier file that went back has; None where there is none.
    last_column: the place of the last column of the header that has a name, that one left out.
    """

    table: TextTable
    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    rows: dict[int, str] = field(default_factory=dict)
    own_column: int | None = None
    last_column: int = 0

    @property
    def header_row(self) -> int:
        """The sheet's row in which the header stands."""
        return self.table.first_line - 1


def place_failures(
    tables: Iterable[TextTable], failures: Sequence[CellFailure]
) -> list[PlacedFailures]:
    """What is to be marked in each of `tables`, in their order.

    A failure without a row belongs to the heading of its column; one of no column, to the first
    cell of its row; one of a table that is not there, or of the whole return, to the first heading
    of the manifest.
    """
    there = {table.name: table for table in tables}
    by_table: dict[str, list[CellFailure]] = defaultdict(list)
    for failure in failures:
        by_table[failure.table_name if failure.table_name in there else MANIFEST].append(failure)
    return [_placed(table, by_table[name]) for name, table in there.items()]


def _placed(table: TextTable, failures: Sequence[CellFailure]) -> PlacedFailures:
    columns: dict[str, int] = {}
    for place, column in enumerate(table.columns, start=1):
        if column:
            columns.setdefault(column, place)
    named = [place for place, column in enumerate(table.columns, start=1) if column]
    own = named.pop() if named and table.columns[named[-1] - 1] == PROBLEMS else None
    first = named[0] if named else 1
    header_row = table.first_line - 1
    by_cell: dict[tuple[int, int], list[CellFailure]] = defaultdict(list)
    of_rows = []
    for failure in sorted(failures, key=lambda f: f.row_number or 0):
        is_here = failure.table_name == table.name
        field = column_name(failure.field) if failure.field and is_here else ""
        row = failure.row_number if failure.row_number and is_here else header_row
        by_cell[row, columns.get(field, first)].append(failure)
        if row != header_row:
            of_rows.append(failure)
    return PlacedFailures(
        table=table,
        cells={cell: problems(of_cell, "\n") for cell, of_cell in by_cell.items()},
        rows=problems_by_row(of_rows),
        own_column=own,
        last_column=named[-1] if named else 1,
    )
