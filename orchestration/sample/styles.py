"""How each provider writes its returns: form, dates, headers, encoding and other habits.

Everything here is allowed by the standard. A provider keeps to one style; now and then a return
comes in another form.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from expectations.standard import Field

Form = Literal["folder", "zip", "xlsx"]

# A workbook of more rows than this is slow to open, and providers that large send CSV files.
LARGE = 30_000
# Python's own names of months follow the machine's language.
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)


@dataclass(frozen=True)
class Style:
    """One way of writing returns. `dates` are ISO, day first, or real dates (in a workbook);
    `name` may hold {code}, {month} and {words} (a month written in full). `left_out` names optional
    fields that the provider's system does not have; `whims` is the share of returns in which some
    codes are in other case or some cells have spaces around them."""

    form: Form
    name: str = "{code}_{month}"
    dates: Literal["iso", "day_first", "real"] = "iso"
    header: Literal["plain", "title", "upper", "hyphens", "spaced"] = "plain"
    encoding: str = "utf-8"
    delimiter: str = ","
    line_end: str = "\r\n"
    blank_first: bool = False
    empty_tables: bool = True
    inner_folder: str = ""
    litter: bool = False
    thousands: bool = False
    month_as_date: bool = False
    codes_as_numbers: bool = False
    left_out: frozenset[str] = frozenset()
    whims: float = 0.06


STYLES: tuple[Style, ...] = (
    Style("folder", name="{month}", line_end="\n", whims=0),
    Style("xlsx", name="{month} return", dates="real", header="title"),
    Style("zip", dates="day_first", encoding="cp1252", left_out=frozenset({"return.prepared_on"})),
    Style(
        "xlsx",
        name="{code} inclusion return {words}",
        dates="real",
        header="spaced",
        month_as_date=True,
        codes_as_numbers=True,
        empty_tables=False,
    ),
    Style("zip", dates="day_first", delimiter=";", encoding="utf-8-sig"),
    Style(
        "folder",
        name="return {words}",
        dates="day_first",
        encoding="cp1252",
        header="title",
        empty_tables=False,
    ),
    Style("xlsx", name="{code}-{month}", dates="day_first", header="upper", blank_first=True),
    Style("folder", name="{month}", encoding="utf-8-sig", header="upper", thousands=True),
    Style("zip", header="hyphens", inner_folder="return/", litter=True, empty_tables=False),
    Style("zip", name="{month}_{code}_v1.0", dates="day_first", header="spaced", blank_first=True),
    Style("folder", name="{code} {words}", encoding="utf-16", delimiter="\t", dates="day_first"),
    Style(
        "xlsx",
        name="{words}",
        header="title",
        left_out=frozenset({"case_reviews.agencies_present", "return.prepared_on"}),
        empty_tables=False,
    ),
)


def style_of(provider: int) -> Style:
    """The style of the provider in that place of the registry."""
    return STYLES[provider % len(STYLES)]


def in_form(style: Style, form: Form) -> Style:
    """The style, sent in that form for once; real dates are for workbooks only."""
    dates = "iso" if style.dates == "real" and form != "xlsx" else style.dates
    return replace(style, form=form, dates=dates)


def other_form(style: Style) -> Form:
    """The form in which a provider of that style sends a return now and then."""
    others: dict[Form, Form] = {"folder": "zip", "zip": "xlsx", "xlsx": "folder"}
    return others[style.form]


def return_name(style: Style, code: str, month: date, again: str = "") -> str:
    """The name of a return, with its extension; `again` tells a later one from an earlier."""
    words = f"{MONTHS[month.month - 1]} {month.year}"
    name = style.name.format(code=code, month=f"{month:%Y-%m}", words=words)
    return name + again + {"folder": "", "zip": ".zip", "xlsx": ".xlsx"}[style.form]


def header_cell(style: Style, field: Field) -> str:
    """A field's name as this provider writes it."""
    words = field.name.replace("_", " ")
    return {
        "plain": field.name,
        "title": words.capitalize(),
        "upper": field.name.upper(),
        "hyphens": field.name.replace("_", "-"),
        "spaced": f" {words.title()} ",
    }[style.header]


def table_name(style: Style, table: str) -> str:
    """A table's name as this provider writes it on a file or sheet."""
    return table.capitalize() if style.header in ("title", "spaced") else table
