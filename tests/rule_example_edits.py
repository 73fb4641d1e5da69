"""The examples of rules, carried out: changes to the example return, written as a person would.

A line of an example is `TABLE: CHANGE`, where CHANGE is one of

    field = value, ...            puts values into the first row; `(empty)` leaves a cell empty, and
                                  a value that holds a comma stands in double quotes
    add row field = value, ...    a further row, like the first but for these values
    40 rows                       so many rows: those that are there, then more like the first, each
                                  with an identifier of its own
    leave out row 2               also: leave out column NAME, leave out table, no rows
    add column NAME               also: add table, for a table that is not the standard's

`TABLE row 2: ...` and `TABLE rows 3 to 9: ...` speak of other rows than the first; there, `one cell
more` and `one empty cell more` are changes too. Before the table may stand a month (`2025-04 ...`),
for the return of that month, or `earlier`, for another file of the same month, received before.
`file: a PDF` and `inbox: BR02` change the file and where it was put; `nothing changed` is that.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.facts import standard
from tests.judging_months import return_of_month
from tests.return_files import CLEAN, ReturnFiles

MONTH = "2025-05"
EARLIER = "earlier"
LINE = re.compile(
    r"(?:(?P<which>\d{4}-\d{2}|earlier) )?(?P<table>\w+)"
    r"(?: rows? (?P<first>\d+)(?: to (?P<last>\d+))?)?: (?P<change>.+)"
)
CELL = re.compile(r'(\w+) = ("[^"]*"|[^,]*)(?:, |$)')


@dataclass
class EditedReturn(ReturnFiles):
    """A return whose tables may lack columns or rows, and whose rows may have stray cells."""

    inbox: str = "AB01"
    form: str = "a folder of CSV files"
    columns: dict[str, list[str]] = field(
        default_factory=lambda: {table: list(rows[0]) for table, rows in CLEAN.items()}
    )
    stray: dict[tuple[str, int], str] = field(default_factory=dict)

    def csv_texts(self, delimiter: str = ",") -> dict[str, str]:
        texts = {}
        for table, rows in self.tables.items():
            text = io.StringIO()
            writer = csv.writer(text, delimiter=delimiter)
            writer.writerow(self.columns[table])
            for number, row in enumerate(rows):
                more = [self.stray[table, number]] if (table, number) in self.stray else []
                writer.writerow([row.get(column, "") for column in self.columns[table]] + more)
            texts[f"{table}.csv"] = text.getvalue()
        return texts

    def write(self, place: Path) -> Path:
        """Writes the return in its own form, under the name `place` and what that adds to it."""
        place.parent.mkdir(parents=True, exist_ok=True)
        match self.form:
            case "a folder of CSV files":
                return self.write_folder(place)
            case "a zip of CSV files":
                return self.write_zip(place.with_suffix(".zip"))
            case "a PDF":
                path = place.with_suffix(".pdf")
                path.write_bytes(b"%PDF-1.7\n")
                return path
        raise ValueError(f"no file is {self.form!r}")


def edited(lines: Iterable[str]) -> dict[str, EditedReturn]:
    """The returns that an example speaks of, in the order in which they are received: those of
    other months by month, an `earlier` one, and the one that is judged, under its own month.

    Raises ValueError where a line cannot be understood.
    """
    returns = {MONTH: EditedReturn()}
    for line in lines:
        if line == "nothing changed":
            continue
        read = LINE.fullmatch(line)
        if read is None:
            raise ValueError(f"not a change of a return: {line!r}")
        which = read["which"] or MONTH
        if which not in returns:
            tables = ReturnFiles().tables if which == EARLIER else return_of_month(which).tables
            returns[which] = EditedReturn(tables)
        first = int(read["first"] or 1)
        rows = range(first - 1, int(read["last"] or first))
        if read["table"] == "file":
            returns[which].form = read["change"]
        elif read["table"] == "inbox":
            returns[which].inbox = read["change"]
        else:
            _change(returns[which], read["table"], rows, read["change"])
    order = sorted(returns, key=lambda which: (which == MONTH, which == EARLIER, which))
    return {which: returns[which] for which in order}


def _change(files: EditedReturn, table: str, rows: range, change: str) -> None:
    match change.split():
        case ["add", "table"]:
            files.tables[table], files.columns[table] = [{"note": "by hand"}], ["note"]
        case ["leave", "out", "table"]:
            del files.tables[table]
        case ["no", "rows"]:
            files.tables[table] = []
        case [number, "rows"] if number.isdigit():
            _grow(files, table, int(number))
        case ["leave", "out", "row", number]:
            del files.tables[table][int(number) - 1]
        case ["leave", "out", "column", column]:
            files.columns[table].remove(column)
        case ["add", "column", column]:
            files.columns[table].append(column)
        case ["one", *empty, "cell", "more"] if empty in ([], ["empty"]):
            for row in rows:
                files.stray[table, row] = "" if empty else "stray"
        case ["add", "row", *_]:
            files.add(table, **_cells(files, table, change.removeprefix("add row ")))
        case _:
            cells = _cells(files, table, change)
            for row in rows:
                files.set(table, row, **cells)


def _cells(files: EditedReturn, table: str, text: str) -> dict[str, str]:
    """The cells of `field = value, ...`."""
    found = list(CELL.finditer(text))
    if "".join(cell[0] for cell in found) != text or not found:
        raise ValueError(f"not a change of {table}: {text!r}")
    cells = {cell[1]: cell[2].strip('"').replace("(empty)", "") for cell in found}
    if unknown := set(cells) - set(files.columns[table]):
        raise ValueError(f"{table} has no column {', '.join(unknown)}")
    return cells


def _grow(files: EditedReturn, table: str, number: int) -> None:
    key = standard().tables[table].keys[0].name
    stem = files.tables[table][0][key].rstrip("0123456789")
    there = files.tables[table][:number]
    more = [there[0] | {key: f"{stem}{count}"} for count in range(len(there) + 1, number + 1)]
    files.tables[table] = there + more
