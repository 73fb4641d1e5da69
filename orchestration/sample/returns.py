"""One return out of the tables of all: its rows, its manifest and its whims."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from expectations.standard import MANIFEST, Field, Standard, Table
from orchestration.sample.draws import BoolArray, IntArray, stream
from orchestration.sample.situations import Sending, Twist
from orchestration.sample.styles import LARGE, in_form
from orchestration.sample.tables import Cells
from orchestration.sample.writing import Cell, Sheet

# What goes missing, empty or unknown in returns with a twist.
COLUMN_FORGOTTEN = ("contacts", "attendance")
FIELD_EMPTY = ("contacts", "purpose")
FEW = 0.3
MOST_OF_THE_MONTH = 0.7
COLUMN_TOO_MANY = "local_reference"
TABLE_TOO_MANY = "staff_rota"
EPISODES_FORGOTTEN = 2


# The share of a return's contacts that is sent at least.
CONTACTS_KEPT = {
    Twist.FEW_CONTACTS: FEW,
    Twist.CUT_SHORT: MOST_OF_THE_MONTH,
    Twist.EPISODES_DROPPED: 0.7,
}


@dataclass(frozen=True)
class Shelf:
    """Tables of all returns, with the place of each return's first row."""

    tables: Mapping[str, Cells]
    edges: Mapping[str, IntArray]

    @classmethod
    def of(cls, tables: Mapping[str, Cells], returns: int) -> Shelf:
        """The shelf of tables sorted by return, of that many returns."""
        places = np.arange(returns + 1)
        edges = {name: np.searchsorted(cells.returns, places) for name, cells in tables.items()}
        return cls(tables, edges)

    def rows(self, table: str, place: int) -> slice:
        """The rows of one return."""
        edges = self.edges[table]
        return slice(int(edges[place]), int(edges[place + 1]))

    def size(self, place: int) -> int:
        """How many rows a return has in all its tables."""
        return sum(int(edges[place + 1] - edges[place]) for edges in self.edges.values())


def sheets_of(seed: int, standard: Standard, shelf: Shelf, sending: Sending) -> list[Sheet]:
    """The tables of one sending, the manifest first."""
    dropped = _dropped(shelf, sending)
    sheets = []
    for table in standard.tables.values():
        if table.name == MANIFEST:
            sheets.append(_manifest(standard, table, sending))
            continue
        sheet = _sheet(shelf, table, sending, dropped)
        if len(sheet) or sending.style.empty_tables or table.mandatory:
            sheets.append(sheet)
    if sending.style.whims and sending.twist is Twist.NONE:
        rng = stream(seed, f"whims of {sending.place}")
        if rng.random() < sending.style.whims:
            sheets = _with_whims(rng, sheets)
    return [*sheets, *_extra_sheets(standard, sending)]


def _fields(table: Table, sending: Sending) -> tuple[Field, ...]:
    left_out = set(sending.style.left_out)
    if sending.twist is Twist.MISSING_COLUMN:
        left_out.add(".".join(COLUMN_FORGOTTEN))
    return tuple(field for field in table.fields if f"{table.name}.{field.name}" not in left_out)


def _manifest(standard: Standard, table: Table, sending: Sending) -> Sheet:
    real = sending.style.month_as_date and sending.style.form == "xlsx"
    cells: dict[str, Cell] = {
        "provider_code": sending.code,
        "period": sending.month if real else f"{sending.month:%Y-%m}",
        "submission_no": sending.submission_no,
        "standard_version": standard.codes["standard_version"][-1].code,
        "prepared_on": sending.when.date() - timedelta(days=sending.place % 2),
    }
    fields = _fields(table, sending)
    return Sheet(table.name, fields, [[cells.get(field.name)] for field in fields], {})


def _sheet(shelf: Shelf, table: Table, sending: Sending, dropped: IntArray) -> Sheet:
    cells = shelf.tables[table.name]
    rows = shelf.rows(table.name, sending.place)
    fields = _fields(table, sending)
    columns = [cells.columns[field.name][rows] for field in fields]
    kept = _kept(cells, table, rows, sending, dropped)
    ragged: dict[int, int] = {}
    if kept is not None:
        columns = [column[kept] for column in columns]
    elif sending.style.form != "xlsx":
        places, how = cells.ragged
        here = slice(*np.searchsorted(places, [rows.start, rows.stop]))
        ragged = dict(zip(places[here] - rows.start, how[here], strict=True))
    lists: list[list[Cell]] = [column.tolist() for column in columns]
    if sending.twist is Twist.EMPTY_FIELD and table.name == FIELD_EMPTY[0]:
        place = [field.name for field in fields].index(FIELD_EMPTY[1])
        lists[place] = [None] * len(lists[place])
    if sending.twist is Twist.UNKNOWN_COLUMN and table.name == FIELD_EMPTY[0]:
        fields = (*fields, replace(fields[-1], name=COLUMN_TOO_MANY, type="text"))
        lists.append(["see system"] * len(lists[0]))
    return Sheet(table.name, fields, lists, ragged)


def _kept(
    cells: Cells, table: Table, rows: slice, sending: Sending, dropped: IntArray
) -> BoolArray | None:
    """The rows that are sent of a return that was cut; None for all of them."""
    n = rows.stop - rows.start
    if len(dropped) and "episode" in cells.links:
        return np.isin(cells.links["episode"][rows], dropped, invert=True)
    if table.name == "contacts" and sending.twist is Twist.FEW_CONTACTS:
        return np.asarray(np.arange(n) < n * FEW)
    if table.name == "contacts" and sending.twist is Twist.CUT_SHORT:
        return np.asarray(np.arange(n) < n * MOST_OF_THE_MONTH)
    return None


def _dropped(shelf: Shelf, sending: Sending) -> IntArray:
    """Episodes, open since before the month, that the return forgets."""
    if sending.twist is not Twist.EPISODES_DROPPED:
        return np.zeros(0, dtype=np.int64)
    before = shelf.tables["episodes"].links["episode"][shelf.rows("episodes", sending.place - 1)]
    now = shelf.tables["episodes"].links["episode"][shelf.rows("episodes", sending.place)]
    return np.intersect1d(before, now)[:EPISODES_FORGOTTEN]


def _extra_sheets(standard: Standard, sending: Sending) -> list[Sheet]:
    if sending.twist is not Twist.UNKNOWN_TABLE:
        return []
    text = standard.tables["narratives"].field("text")
    fields = (replace(text, name="week"), replace(text, name="shift"))
    return [Sheet(TABLE_TOO_MANY, fields, [["first", "second"], ["early", "late"]], {})]


def _with_whims(rng: np.random.Generator, sheets: list[Sheet]) -> list[Sheet]:
    """One table with its codes in other case, and one with spaces around its codes."""
    filled = [place for place, sheet in enumerate(sheets) if len(sheet) and place]
    if not filled:
        return sheets
    result = list(sheets)
    loud, loose = (int(each) for each in rng.choice(filled, 2))
    result[loud] = _changed(result[loud], str.swapcase)
    result[loose] = _changed(result[loose], "{} ".format)
    return result


def _changed(sheet: Sheet, change: Callable[[str], str]) -> Sheet:
    """The sheet with its codes changed."""
    columns = []
    for field, column in zip(sheet.fields, sheet.columns, strict=True):
        if field.code_list:
            shown = {each: change(each) if isinstance(each, str) else each for each in set(column)}
            columns.append(list(map(shown.__getitem__, column)))
        else:
            columns.append(column)
    return replace(sheet, columns=columns)


def in_fitting_form(sending: Sending, size: int) -> Sending:
    """The sending as CSV files where it would make too large a workbook."""
    if sending.style.form != "xlsx" or size <= LARGE:
        return sending
    name = sending.name.removesuffix(".xlsx") + ".zip"
    return replace(sending, style=in_form(sending.style, "zip"), name=name)
