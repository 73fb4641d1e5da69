"""What a commissioner sets beside the registry: targets to be reached, and breaks in a series.

Two optional files of the registry's folder. Unlike a registry that contradicts itself, a target
that is not complete stops nobody's night: it is refused, with the line and what a target needs, and
the others count. Only a file that is no table at all raises `RegistryError`.

A period is written as in the files: `2025-04` for a month, `2025/26 Q1` for a financial quarter
(Q1 is April to June) and `2025/26` for a financial year (from April).
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from expectations.standard import Registry
from orchestration.facts import Catalogue
from orchestration.registry import RegistryError

TARGETS = "targets.csv"
BREAKS = "breaks.csv"
GOAL_FILES = (TARGETS, BREAKS)
TARGET_COLUMNS = (
    "indicator_id", "area_type", "area_code", "baseline_period", "target_value", "due_date",
)  # fmt: skip
# May stand in the header of targets.csv; it must then agree with how the period is written.
PERIOD_TYPE = "baseline_period_type"
BREAK_COLUMNS = ("indicator_id", "area_code", "month", "reason")
MONTHS_OF = {"month": 1, "quarter": 3, "financial_year": 12}
# More of a cell than this is not repeated in a message.
QUOTED_AT_MOST = 40
# A target's smallest and largest value by the indicator's statistic; None is no limit.
LARGEST = {"proportion": 100.0, "count": None, "rate": None, "ratio": None}
SMART = (
    "A target must be SMART: specific (an indicator and an area), measurable (a value), achievable "
    "(a value that the indicator can have), relevant (an indicator of the catalogue) and "
    "time-bound (a baseline period, and a later day on which it is due)."
)

T = TypeVar("T")


class _RefusedError(Exception):
    """A row cannot stand; the message says why."""


@dataclass(frozen=True)
class Target:
    """A row of targets.csv: complete where `message` is None, refused otherwise.

    `line` is where it stands in the file. `message` says what is wrong; whatever of the row could
    be read is there, and the rest None. Values are in the indicator's unit; the baseline is that
    of the period of `period_type` which begins on `baseline_start` and ends on `baseline_end`.
    """

    line: int
    indicator_id: str | None
    area_type: str | None
    area_code: str | None
    period_type: str | None
    baseline_start: date | None
    baseline_end: date | None
    target_value: float | None
    due_date: date | None
    message: str | None


@dataclass(frozen=True)
class Break:
    """From `month` (its first day) on, an indicator's series is another one, for that `reason`.
    `area_code` None means every area."""

    indicator_id: str
    area_code: str | None
    month: date
    reason: str


@dataclass(frozen=True)
class Goals:
    """What stands in the two files; `refused_breaks` are messages."""

    targets: tuple[Target, ...] = ()
    breaks: tuple[Break, ...] = ()
    refused_breaks: tuple[str, ...] = ()

    @property
    def refusals(self) -> tuple[str, ...]:
        """A message for each row of either file that is refused, in the order of the files."""
        return tuple(t.message for t in self.targets if t.message) + self.refused_breaks


def load_goals(folder: Path, registry: Registry, catalogue: Catalogue) -> Goals:
    """The targets and breaks in `folder`; none where there are no such files.

    Raises RegistryError where a file cannot be read as a table.
    """
    areas = _areas(registry)
    targets: list[Target] = []
    taken: dict[tuple[object, ...], int] = {}
    for line, row in _rows(folder / TARGETS, TARGET_COLUMNS, (PERIOD_TYPE,)):
        target = _target(line, row, areas, catalogue)
        if target.message is None:
            key = (target.indicator_id, target.area_type, target.area_code, target.due_date)
            if key in taken:
                target = _refused(target, f"line {taken[key]} sets a target for the same day")
            else:
                taken[key] = line
        targets.append(target)
    breaks: list[Break] = []
    refused = []
    for line, row in _rows(folder / BREAKS, BREAK_COLUMNS, ()):
        try:
            found = _break(row, areas, catalogue)
            if any(_same_break(found, other) for other in breaks):
                raise _RefusedError("the same break stands above")
            breaks.append(found)
        except _RefusedError as error:
            refused.append(
                f"{BREAKS} line {line} is refused: {error}. A break needs an indicator, a month "
                "written YYYY-MM and a reason."
            )
    return Goals(tuple(targets), tuple(breaks), tuple(refused))


def _areas(registry: Registry) -> dict[str, set[str]]:
    """The codes of the areas of each type, the providers among them."""
    found: dict[str, set[str]] = {"provider": set(registry.providers)}
    for area in registry.areas.values():
        found.setdefault(area.area_type, set()).add(area.area_code)
    return found


def _target(
    line: int, row: dict[str, str], areas: dict[str, set[str]], catalogue: Catalogue
) -> Target:
    """The target of a row, every fault of the row in its message."""
    faults: list[str] = []

    def read(how: Callable[[], T]) -> T | None:
        try:
            return how()
        except _RefusedError as error:
            faults.append(str(error))
            return None

    if row.get("") is not None:
        faults.append("the row has more cells than the header")
    indicator_id = read(lambda: _indicator(row, catalogue))
    area_type = read(lambda: _known("area_type", row["area_type"], areas))
    area_code = read(lambda: _area_code(row, area_type, areas))
    period = read(lambda: _baseline(row))
    value = read(lambda: _value(row["target_value"], indicator_id, catalogue))
    due = read(lambda: _day("due_date", row["due_date"]))
    period_type, start, end = period or (None, None, None)
    if due and end and due <= end:
        faults.append(f"due_date {due} is not after the baseline, which ends on {end}")
    target = Target(
        line, indicator_id, area_type, area_code, period_type, start, end, value, due, None
    )
    return _refused(target, "; ".join(faults)) if faults else target


def _refused(target: Target, why: str) -> Target:
    message = f"{TARGETS} line {target.line} is refused: {why}. {SMART}"
    return Target(**{**vars(target), "message": message})


def _break(row: dict[str, str], areas: dict[str, set[str]], catalogue: Catalogue) -> Break:
    indicator_id = _indicator(row, catalogue)
    code = row["area_code"]
    if code and not any(code in codes for codes in areas.values()):
        raise _RefusedError(f"area_code {_quoted(code)} is no area of the registry")
    period_type, month, _ = _period("month", row["month"])
    if period_type != "month":
        raise _RefusedError(f"month {_quoted(row['month'])} is no month written YYYY-MM")
    if not row["reason"]:
        raise _RefusedError("there is no reason")
    return Break(indicator_id, code or None, month, row["reason"])


def _same_break(one: Break, other: Break) -> bool:
    return (one.indicator_id, one.area_code, one.month) == (
        other.indicator_id, other.area_code, other.month,
    )  # fmt: skip


def _quoted(text: str) -> str:
    return repr(text if len(text) <= QUOTED_AT_MOST else text[:QUOTED_AT_MOST] + "...")


def _there(column: str, text: str) -> str:
    if not text:
        raise _RefusedError(f"there is no {column}")
    return text


def _indicator(row: dict[str, str], catalogue: Catalogue) -> str:
    code = _there("indicator_id", row["indicator_id"])
    if code not in catalogue.indicators:
        raise _RefusedError(f"indicator_id {_quoted(code)} is not in the catalogue")
    return code


def _known(column: str, text: str, known: dict[str, set[str]]) -> str:
    if _there(column, text) not in known:
        options = ", ".join(sorted(known))
        raise _RefusedError(f"{column} {_quoted(text)} is not one of {options}")
    return text


def _area_code(row: dict[str, str], area_type: str | None, areas: dict[str, set[str]]) -> str:
    code = _there("area_code", row["area_code"])
    wanted = [area_type] if area_type else areas
    if not any(code in areas[kind] for kind in wanted):
        raise _RefusedError(
            f"area_code {_quoted(code)} is no {area_type or 'area'} of the registry"
        )
    return code


def _baseline(row: dict[str, str]) -> tuple[str, date, date]:
    found = _period("baseline_period", row["baseline_period"])
    said = row[PERIOD_TYPE]
    if said and said != found[0]:
        raise _RefusedError(
            f"{PERIOD_TYPE} is {_quoted(said)}, but baseline_period is written as a {found[0]}"
        )
    return found


def _period(column: str, text: str) -> tuple[str, date, date]:
    """The kind of period, its first and its last day."""
    _there(column, text)
    if month := re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text):
        return _span("month", int(month[1]), int(month[2]))
    year = re.fullmatch(r"(\d{4})/(\d{2})(?: Q([1-4]))?", text)
    if year is None or int(year[2]) != (int(year[1]) + 1) % 100:
        raise _RefusedError(
            f"{column} {_quoted(text)} is no period written 2025-04, 2025/26 Q1 or 2025/26"
        )
    if year[3] is None:
        return _span("financial_year", int(year[1]), 4)
    quarter = int(year[3])
    return _span("quarter", int(year[1]) + (quarter == 4), (3 * quarter) % 12 + 1)


def _span(period_type: str, year: int, month: int) -> tuple[str, date, date]:
    try:
        start = date(year, month, 1)
        years, left = divmod(month - 1 + MONTHS_OF[period_type], 12)
        return period_type, start, date(year + years, left + 1, 1) - timedelta(days=1)
    except ValueError:
        raise _RefusedError(f"the year {year} is none") from None


def _value(text: str, indicator_id: str | None, catalogue: Catalogue) -> float:
    """A number that the indicator can have; plain decimals only, so that no sign is misread."""
    if not re.fullmatch(r"-?\d+(\.\d+)?", _there("target_value", text)):
        raise _RefusedError(f"target_value {_quoted(text)} is no number such as 12 or 12.5")
    value = float(text)
    statistic = catalogue.indicators[indicator_id].statistic if indicator_id else None
    largest = LARGEST[statistic] if statistic else None
    if not math.isfinite(value) or value < 0 or (largest is not None and value > largest):
        limit = "0 or more" if largest is None else f"from 0 to {largest:g}"
        raise _RefusedError(f"target_value {_quoted(text)} cannot be: expected {limit}")
    return value


def _day(column: str, text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", _there(column, text)):
        raise _RefusedError(f"{column} {_quoted(text)} is no day written YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _RefusedError(f"{column} {_quoted(text)} is no day of the calendar") from None


def _rows(
    path: Path, columns: tuple[str, ...], optional: tuple[str, ...]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row that is not blank, with its line. A column that is not there is empty; what stands
    beyond the header is under the name ''."""
    if not path.exists():
        return
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, OSError):
        raise RegistryError(f"{path.name} cannot be read as UTF-8 text") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if not set(header) & set(columns):
            raise RegistryError(
                f"{path.name}: the first line must name the columns {', '.join(columns)}"
            )
        if twice := {name for name in header if name in columns and header.count(name) > 1}:
            raise RegistryError(f"{path.name}: the column {min(twice)} stands twice")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            row = dict.fromkeys((*columns, *optional), "")
            row |= {
                name: cell.strip() for name, cell in zip(header, cells, strict=False) if name in row
            }
            if len(cells) > len(header):
                row[""] = ",".join(cells[len(header) :])
            yield reader.line_num, row
    except csv.Error as error:
        raise RegistryError(
            f"{path.name} line {reader.line_num} cannot be read as CSV: {error}"
        ) from None
