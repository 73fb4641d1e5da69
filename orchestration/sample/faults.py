"""Rows spoilt in the ways in which real returns are.

A fault changes one cell of a row, or the shape of its line. Which faults a table can have follows
from its fields in the standard; a few more are written for one field each. No fault makes a return
as a whole unacceptable: see `situations` for those.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from expectations.standard import Field, Standard, Table
from orchestration.sample.draws import (
    BoolArray,
    FloatArray,
    IntArray,
    ObjArray,
    pick,
    places_within,
    stream,
)
from orchestration.sample.tables import Cells
from orchestration.sample.window import Window, as_dates

# Rows that count for nothing, in people, episodes and contacts: the standard rejects a return in
# which they are more than a tenth, their rows that go with excluded ones counted in.
MOST_EXCLUDED = 0.095
# Of these, what a table's own faults may take; the rest is for what they take along.
OWN_SHARE = {"people": 0.025, "episodes": 0.025, "contacts": 0.045}

BAD_DATES = ("31/02/2025", "2025-13-01", "tbc", "00/00/0000", "spring", "2025-5-1")
BAD_NUMBERS = ("about 3", "n/a", "1e3", "#DIV/0!", "ten", "12 to 15")
BAD_CODES = ("N/A", "see notes", "not asked", "-", "NULL")
BAD_KEYS = ("see file", "#REF!", "to follow", "(none)")
# Numbers, addresses and places that are kept free for examples and belong to nobody.
PERSONAL = (
    "Ring back on 01632 960123 in the afternoon.",
    "Ring back on +44 1632 960 456.",
    "NHS number 999 000 0018 is on the letter.",
    "Write to someone@example.org instead.",
    "Now staying near ZZ99 3VZ with a cousin.",
    "Born on 14 March 1981, as the letter says.",
    "Date of birth 14/03/1981.",
)
SHIFT = timedelta(days=45)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rows:
    """A table and what faults need to know of its rows: the provider, the first and last day of
    the month, the episode's first day, whether the return is CSV, and the row before in the same
    return, or -1."""

    rng: np.random.Generator
    cells: Cells
    provider: IntArray
    first: ObjArray
    last: ObjArray
    began: ObjArray
    is_csv: BoolArray
    before: IntArray

    def filled(self, field: str) -> BoolArray:
        """Whether each row has a value in that field."""
        return np.asarray(self.cells.columns[field] != np.array(None), dtype=bool)

    def one_of(self, values: tuple[object, ...], rows: IntArray) -> ObjArray:
        """One of the values for each row."""
        drawn = np.array(values, dtype=object)
        return np.asarray(drawn[self.rng.integers(0, len(drawn), len(rows))], dtype=object)


@dataclass(frozen=True)
class Fault:
    """One way to spoil a row: what to put into `field` of the rows, and which rows can have it.
    `excludes` says whether the row then counts for nothing."""

    field: str
    cells: Callable[[Rows, IntArray], ObjArray]
    fits: Callable[[Rows], BoolArray] | None = None
    excludes: bool = True


RAGGED = Fault("", lambda rows, places: rows.one_of((1, -1), places), lambda rows: rows.is_csv)


def spoil(
    seed: int,
    standard: Standard,
    window: Window,
    tables: Mapping[str, Cells],
    *,
    is_csv: BoolArray,
    kept: FloatArray,
    share: float,
) -> tuple[dict[str, Cells], int]:
    """The tables with faults in about that share of their rows, and how many rows have one.

    `is_csv` [returns] says in which returns lines can be ragged, `kept` [returns] which share of a
    return's contacts is sent. Of the rows of people, episodes and contacts of each return fewer
    than a tenth are excluded, however large the share.
    """
    chosen: dict[str, tuple[IntArray, IntArray]] = {}
    faults = {name: _faults_of(standard, standard.tables[name]) for name in tables}
    contexts = {
        name: _rows(stream(seed, f"faults in {name}"), window, tables, name, is_csv)
        for name in tables
    }
    for name, rows in contexts.items():
        places = _spread_evenly(rows.rng, len(rows.cells), share)
        fitting = np.array(
            [
                fault.fits(rows)[places] if fault.fits else np.ones(len(places), dtype=bool)
                for fault in faults[name]
            ]
        )
        chosen[name] = (places, pick(rows.rng, fitting.T.astype(np.float64)))
    _leave_enough(tables, faults, chosen, kept)
    spoilt = {name: _with_faults(contexts[name], faults[name], *chosen[name]) for name in tables}
    return spoilt, sum(len(places) for places, _ in chosen.values())


def _spread_evenly(rng: np.random.Generator, n: int, share: float) -> IntArray:
    """About share x n places, evenly apart, so that no return gets many more than its share."""
    count = round(n * share)
    if not count:
        return np.zeros(0, dtype=np.int64)
    places = np.floor((np.arange(count) + rng.random(count)) * (n / count)).astype(np.int64)
    return np.unique(np.minimum(places, n - 1))


def _rows(
    rng: np.random.Generator,
    window: Window,
    tables: Mapping[str, Cells],
    name: str,
    is_csv: BoolArray,
) -> Rows:
    cells = tables[name]
    month = cells.returns % len(window.months)
    first, last = as_dates(window.first), as_dates(window.last)
    began = first[month]
    if "episode" in cells.links and len(cells):
        episodes = tables["episodes"]
        starts = np.empty(int(episodes.links["episode"].max()) + 1, dtype=object)
        starts[episodes.links["episode"]] = episodes.columns["start_date"]
        began = starts[cells.links["episode"]]
    before = np.arange(len(cells)) - 1
    before[places_within(cells.returns) == 0] = -1
    provider = cells.returns // len(window.months)
    return Rows(
        rng, cells, provider, first[month], last[month], began, is_csv[cells.returns], before
    )


def _faults_of(standard: Standard, table: Table) -> list[Fault]:
    """The faults that rows of a table can have."""
    found = [RAGGED]
    for field in table.fields:
        found += _faults_of_field(standard, table, field)
    return found + SPECIAL.get(table.name, [])


def _constant(*values: object) -> Callable[[Rows, IntArray], ObjArray]:
    return lambda rows, places: rows.one_of(values, places)


def _moved(field: str, by: timedelta) -> Callable[[Rows, IntArray], ObjArray]:
    return lambda rows, places: rows.cells.columns[field][places] + by


def _has(field: str) -> Callable[[Rows], BoolArray]:
    return lambda rows: rows.filled(field)


def _has_not(field: str) -> Callable[[Rows], BoolArray]:
    return lambda rows: ~rows.filled(field)


def _faults_of_field(standard: Standard, table: Table, field: Field) -> list[Fault]:
    name = field.name
    found: list[Fault] = []
    if field.required:
        found.append(Fault(name, _constant(None)))
    if field.code_list:
        codes = {code.code.lower() for code in standard.codes[field.code_list]}
        wrong = [each for each in BAD_CODES if each.lower() not in codes]
        found.append(Fault(name, _constant(*wrong)))
    if field.type == "date":
        found.append(Fault(name, _constant(*BAD_DATES)))
    if field.type in ("integer", "decimal"):
        found.append(Fault(name, _constant(*BAD_NUMBERS)))
    if field.maximum is not None and field.type != "text":
        found.append(Fault(name, _constant(field.maximum + 7)))
    if field.minimum is not None:
        found.append(Fault(name, _constant(field.minimum - 1)))
    if field.references == "services.service_code":
        found.append(Fault(name, _service_of_another))
    elif field.references:
        found.append(Fault(name, lambda rows, places: rows.cells.columns[name][places] + "-0"))
    if field.key and table.keys[0] is field and not field.references:
        found.append(Fault(name, _constant(*BAD_KEYS)))
        found.append(
            Fault(
                name,
                lambda rows, places: rows.cells.columns[name][rows.before[places]],
                lambda rows: rows.before >= 0,
            )
        )
    if table.kind == "event" and field.type == "date":
        found.append(Fault(name, _moved(name, SHIFT)))
        found.append(Fault(name, _moved(name, -SHIFT)))
        if table.has("episode_id"):
            found.append(
                Fault(
                    name,
                    lambda rows, places: rows.began[places] - DAY,
                    lambda rows: np.asarray(rows.began > rows.first, dtype=bool),
                )
            )
    return found


def _service_of_another(rows: Rows, places: IntArray) -> ObjArray:
    """A service of another provider, or one that nobody has."""
    far = (places + len(rows.cells) // 2) % len(rows.cells)
    other = rows.provider[far] != rows.provider[places]
    return np.where(other, rows.cells.columns["service_code"][far], "ZZ99-Z")


def _state(start: str, end: str, reason: str) -> list[Fault]:
    """Faults in the days of a state table."""
    return [
        Fault(start, lambda rows, places: rows.last[places] + 3 * DAY),
        Fault(
            end,
            lambda rows, places: rows.cells.columns[start][places] - 4 * DAY,
            _has(end),
        ),
        Fault(end, lambda rows, places: rows.last[places] + 9 * DAY, _has(end), excludes=False),
        Fault(reason, _constant(None), _has(end), excludes=False),
    ]


def _has_neighbour(field: str) -> Callable[[Rows], BoolArray]:
    """Rows that come after one, in the same return, which has a value in that field."""
    return lambda rows: (rows.before >= 0) & rows.filled(field)[rows.before] & rows.filled(field)


def _same_person_before(rows: Rows) -> BoolArray:
    person = rows.cells.links["person"]
    return np.asarray((rows.before >= 0) & (person[rows.before] == person))


def _not_outreach(rows: Rows) -> BoolArray:
    return np.asarray(rows.cells.columns["contact_type"] != "outreach", dtype=bool)


def _with_addition(rows: Rows, places: IntArray) -> ObjArray:
    return np.asarray(rows.cells.columns["text"][places] + " " + rows.one_of(PERSONAL, places))


SPECIAL: dict[str, list[Fault]] = {
    "people": [
        Fault("link_key", _constant("1234abcd", "not given")),
        Fault(
            "link_key",
            lambda rows, places: rows.cells.columns["link_key"][rows.before[places]],
            _has_neighbour("link_key"),
            excludes=False,
        ),
        Fault("birth_year", _constant(2999, 85, 1889)),
    ],
    "episodes": [
        *_state("start_date", "end_date", "end_reason"),
        Fault("end_reason", _constant("other"), _has_not("end_date"), excludes=False),
        Fault(
            "referral_date",
            lambda rows, places: rows.cells.columns["start_date"][places] + 2 * DAY,
            excludes=False,
        ),
    ],
    "contacts": [
        Fault("bedded_down", _constant("Y"), _not_outreach, excludes=False),
        Fault("duration_minutes", _constant(600, 720, 900), excludes=False),
    ],
    "admissions": _state("admitted_date", "discharged_date", "discharge_destination"),
    "assessments": [Fault("score", _constant(-1, 999, 1000.5))],
    "stays": [
        *_state("start_date", "end_date", "end_reason"),
        Fault("start_date", _moved("start_date", -12 * DAY), _same_person_before, excludes=False),
    ],
    "costs": [Fault("amount_gbp", _constant("£1,250.00", "1.250,00"))],
    "narratives": [
        # Often, since narratives are few and this is what matters most about them.
        *[Fault("text", _with_addition)] * 5,
        Fault("text", lambda rows, places: rows.cells.columns["text"][places] * 30),
    ],
}


def _leave_enough(
    tables: Mapping[str, Cells],
    faults: Mapping[str, list[Fault]],
    chosen: dict[str, tuple[IntArray, IntArray]],
    kept: FloatArray,
) -> None:
    """Takes back what would exclude too much of a return, in place.

    A person who does not count takes their episodes along, an episode its contacts; where too much
    falls in spite of each table's own share, it is faults of people and episodes that go.
    """
    for name, share in OWN_SHARE.items():
        cells = tables[name]
        places, which = chosen[name]
        excludes = np.array([fault.excludes for fault in faults[name]])[which]
        own = np.zeros(len(cells), dtype=bool)
        own[places] = excludes
        _take_back(faults, chosen, name, _beyond(cells, own, share))
    lost = _lost(tables, faults, chosen)
    sizes = {
        name: np.bincount(tables[name].returns, minlength=len(kept)).astype(np.float64)
        for name in lost
    }
    sizes["contacts"] *= kept
    too_many = np.any(
        [
            np.bincount(tables[name].returns, weights=rows, minlength=len(kept))
            > MOST_EXCLUDED * sizes[name]
            for name, rows in lost.items()
        ],
        axis=0,
    )
    for name in OWN_SHARE:
        _take_back(faults, chosen, name, too_many[tables[name].returns])


def _beyond(cells: Cells, lost: BoolArray, share: float) -> BoolArray:
    """Which of the lost rows are beyond that share of their return; one may be lost of eleven."""
    size = np.bincount(cells.returns, minlength=1)
    most = np.maximum(np.floor(share * size), np.floor(MOST_EXCLUDED * size).clip(0, 1))
    rows = np.flatnonzero(lost)
    found = np.zeros(len(cells), dtype=bool)
    found[rows] = places_within(cells.returns[rows]) >= most[cells.returns[rows]]
    return found


def _lost(
    tables: Mapping[str, Cells],
    faults: Mapping[str, list[Fault]],
    chosen: Mapping[str, tuple[IntArray, IntArray]],
) -> dict[str, BoolArray]:
    """Which rows of the judged tables would count for nothing."""
    found: dict[str, BoolArray] = {}
    gone = np.zeros(0, dtype=np.int64)
    for name, link in (("people", ""), ("episodes", "person"), ("contacts", "episode")):
        cells = tables[name]
        places, which = chosen[name]
        excludes = np.array([fault.excludes for fault in faults[name]])
        lost = np.zeros(len(cells), dtype=bool)
        lost[places] = excludes[which]
        if link:
            lost |= np.isin(_key(cells, link), gone)
        found[name] = lost
        gone = _key(cells, "person" if name == "people" else "episode")[lost]
    return found


def _key(cells: Cells, link: str) -> IntArray:
    """Return and person, or return and episode, in one number."""
    return cells.returns * 10**10 + cells.links[link]


def _take_back(
    faults: Mapping[str, list[Fault]],
    chosen: dict[str, tuple[IntArray, IntArray]],
    name: str,
    rows: BoolArray,
) -> None:
    """Drops the faults of those rows which would exclude them."""
    places, which = chosen[name]
    excludes = np.array([fault.excludes for fault in faults[name]])[which]
    kept = ~(excludes & rows[places])
    chosen[name] = (places[kept], which[kept])


def _with_faults(rows: Rows, faults: list[Fault], places: IntArray, which: IntArray) -> Cells:
    cells = rows.cells
    columns = dict(cells.columns)
    ragged = cells.ragged
    for number, fault in enumerate(faults):
        here = places[which == number]
        if not len(here):
            continue
        spoilt = fault.cells(rows, here)
        if fault is RAGGED:
            ragged = (here, spoilt.astype(np.int64))
            continue
        if columns[fault.field] is cells.columns[fault.field]:
            columns[fault.field] = cells.columns[fault.field].copy()
        columns[fault.field][here] = spoilt
    return replace(cells, columns=columns, ragged=ragged)
