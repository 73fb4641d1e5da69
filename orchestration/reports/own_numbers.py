"""Where the provider's own numbers stand: exact, for its own eyes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from orchestration.facts import Catalogue, Indicator
from orchestration.publish import words
from orchestration.reports.records import Cell

# In the order of the columns of the table.
PERIOD_TYPES = ("month", "quarter", "financial_year")


@dataclass(frozen=True)
class Number:
    """One number as it is printed: `value` large, `counts` and `interval` small; `exact` as it is
    known. Where there is none, `value` says why."""

    period: str
    value: str
    counts: str
    interval: str
    exact: str
    is_provisional: bool
    is_empty: bool


@dataclass(frozen=True)
class Row:
    """An indicator's numbers, one for each period."""

    indicator: Indicator
    unit: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class OwnNumbers:
    """The numbers of the latest month that counts, and of the quarter and year it lies in."""

    periods: tuple[str, ...]
    domains: tuple[tuple[str, tuple[Row, ...]], ...]
    any_provisional: bool


def own_numbers(
    latest: date | None, cells: Sequence[Cell], catalogue: Catalogue
) -> OwnNumbers | None:
    """The provider's numbers as at its `latest` month that counts; None where none does."""
    if latest is None:
        return None
    starts = {kind: _start(kind, latest) for kind in PERIOD_TYPES}
    known = {
        (c.indicator_id, c.period_type): c for c in cells if starts[c.period_type] == c.period_start
    }
    labels = {kind: words.period_label(kind, start) for kind, start in starts.items()}
    domains = []
    for domain, label in catalogue.domains.items():
        rows = []
        for indicator in catalogue.indicators.values():
            if indicator.domain != domain:
                continue
            numbers = tuple(
                _number(indicator, known.get((indicator.indicator_id, kind)), labels[kind])
                for kind in PERIOD_TYPES
            )
            unit = words.unit_after(indicator.statistic, indicator.unit)
            rows.append(Row(indicator, unit, numbers))
        domains.append((label, tuple(rows)))
    provisional = any(
        number.is_provisional for _, rows in domains for row in rows for number in row.numbers
    )
    return OwnNumbers(tuple(labels.values()), tuple(domains), provisional)


def _start(kind: str, month: date) -> date:
    """The first day of the month, quarter or financial year (from April) that holds the month."""
    if kind == "quarter":
        return date(month.year, (month.month - 1) // 3 * 3 + 1, 1)
    if kind == "financial_year":
        return date(month.year - (month.month < 4), 4, 1)
    return month


def _number(indicator: Indicator, cell: Cell | None, period: str) -> Number:
    show = _format(indicator)
    if cell is None or cell.value is None:
        if indicator.statistic == "count":
            return Number(period, "0", "", "", "0", False, False)
        none = f"No {indicator.denominator_words}"
        provisional = cell is not None and cell.is_provisional
        return Number(period, none, "", "", "", provisional, True)
    counts = ""
    if cell.denominator is not None:
        joined = "out of" if indicator.statistic == "proportion" else "for"
        above = f"{'£' if indicator.unit.startswith('pounds') else ''}{_count(cell.numerator)}"
        counts = f"{above} {joined} {_count(cell.denominator)}"
    interval = ""
    if cell.lower is not None and cell.upper is not None:
        interval = f"{show(cell.lower)} to {show(cell.upper)}"
    return Number(
        period, show(cell.value), counts, interval, repr(cell.value), cell.is_provisional, False
    )


def _format(indicator: Indicator) -> words.Format:
    """How a value is printed: two decimals, and whole where it is a count of whole things."""
    if indicator.statistic == "proportion":
        return lambda value: words.FORMATS["num2"](value) + "%"
    if indicator.statistic == "ratio" and indicator.unit.startswith("pounds"):
        return words.FORMATS["gbp2"]
    if indicator.statistic == "count":
        return _count
    return words.FORMATS["num2"]


def _count(value: object) -> str:
    """A count, which is whole, or a sum or limit, which need not be."""
    assert isinstance(value, int | float)
    return words.number(value, 0 if float(value).is_integer() else 2)
