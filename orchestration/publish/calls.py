"""What a component is and what it may know: shared by the modules that make components.

Which components there are stands in `components`. What the larger ones make of their data stands in
modules of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

from orchestration.publish import tables, verdicts, words
from orchestration.publish.errors import PublishError
from orchestration.publish.markup import Tag
from orchestration.publish.queries import Rows
from orchestration.publish.tables import Column

CELL_COLUMNS = (
    "indicator_id",
    "period_type",
    "period_start",
    "area_code",
    "numerator",
    "denominator",
    "value",
    "lower_ci",
    "upper_ci",
    "status",
    "is_provisional",
    "returns_expected",
    "returns_in_effect",
)


@dataclass(frozen=True)
class Takes:
    """What an attribute may be; `choices` are the words a `choice` may be."""

    kind: Literal["data", "column", "text", "format", "flag", "number", "choice"]
    required: bool = False
    choices: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What may stand there, for the author of a page."""
        if self.kind == "choice":
            return f"one of {', '.join(self.choices)}"
        return {
            "data": "a query of the page, in braces",
            "column": "a column of the data",
            "text": "words, in quotes",
            "format": "how numbers and dates are printed",
            "flag": "on where it stands",
            "number": "a whole number",
        }[self.kind]


@dataclass
class Context:
    """What components of one page may know of it, and where they leave their charts.

    `href` turns a page of the site, given as its Markdown file, into an address from this page and
    raises KeyError where there is no such page; `file_href` does it for a file below the site's
    root. `own` is the page's own place, without an ending, and `files` are made beside it, each
    naming the release.
    """

    page: str
    rows: dict[str, Rows]
    entries: dict[str, words.Entry]
    indicator_names: dict[str, str]
    area_names: dict[str, str]
    href: Callable[[str], str]
    file_href: Callable[[str], str]
    own: str
    release_id: str
    files: dict[str, str] = field(default_factory=dict)
    specifications: dict[str, str] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    def new_id(self, kind: str) -> str:
        """An id that no other element of the page has."""
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return f"{kind}-{self._numbers[kind]}"

    def new_name(self, query: str) -> str:
        """A name for a table of that query which no other table of the page has: `rows`, `rows-2`.

        It stays when the figures change, for it stands in addresses.
        """
        number = self._numbers[f"name {query}"] = self._numbers.get(f"name {query}", 0) + 1
        return query if number == 1 else f"{query}-{number}"

    def row_file(self, query: str, rows: str) -> str:
        """Leave the rows of a table, as CSV; the answer is their address from this page.

        A file is named after the page and the query, so its address stays when the figures change;
        where one query has several tables that differ, those after the first have numbers.
        """
        name, number = f"{ROW_FILES}/{self.own}/{query}.csv", 1
        while self.files.setdefault(name, rows) != rows:
            number += 1
            name = f"{ROW_FILES}/{self.own}/{query}-{number}.csv"
        return self.file_href(name)

    def chart(self, specification: str) -> str:
        """Ask for a drawing; the answer is the name under which it will be found."""
        name = sha256(specification.encode()).hexdigest()[:24]
        self.specifications[name] = specification
        return name


@dataclass(frozen=True)
class Call:
    """A component as used: its attributes, checked, and the columns it encloses."""

    tag: Tag
    values: dict[str, Any]
    columns: tuple[Column, ...]
    context: Context

    def error(self, message: str) -> PublishError:
        return PublishError(f"<{self.tag.name}>: {message}", self.context.page, self.tag.line)

    @property
    def records(self) -> list[dict[str, Any]]:
        rows: Rows = self.values["data"]
        return rows.records()

    def cell(self, record: dict[str, Any], attribute: str) -> Any:
        """The cell in the column that the attribute names; None where it was left out."""
        column = self.values.get(attribute)
        return None if column is None else record[column]

    def href(self, page: str) -> str:
        try:
            return self.context.href(page)
        except KeyError:
            raise self.error(f"there is no page {page}") from None

    def show(self, value: object, format_name: str | None) -> str:
        try:
            return tables.show(value, format_name)
        except ValueError as error:
            raise self.error(f"fmt={format_name}: {error}") from None


@dataclass(frozen=True)
class Component:
    """A component: what it takes, what it may enclose, and the function that makes its HTML.

    With `content` `markdown` the function gives what comes before and after the content, parted by
    `CONTENT`. `needs` are columns that its data must have. An `inline` one stands within a line.
    """

    make: Callable[[Call], str]
    takes: dict[str, Takes]
    content: Literal["nothing", "markdown", "columns"] = "nothing"
    needs: tuple[str, ...] = ()
    inline: bool = False


CONTENT = "\ue004"
CHART_OPENS, CHART_CLOSES = "\ue005", "\ue006"
# Where the rows of each table lie as a file.
ROW_FILES = "data/tables"
DATA = Takes("data", required=True)
COLUMN = Takes("column", required=True)
FROM_CELL = {"status": Takes("column"), "provisional": Takes("column")}
COLUMN_TAKES = {
    "id": COLUMN,
    "title": Takes("text"),
    "fmt": Takes("format"),
    "to": Takes("column"),
    "of": Takes("column"),
    "link": Takes("column"),
    "words": Takes("flag"),
    "verdict": Takes("choice", choices=tuple(verdicts.SIGNS)),
    **FROM_CELL,
}
CHART_TAKES = {
    "data": DATA,
    "x": COLUMN,
    "y": COLUMN,
    "series": Takes("column"),
    "title": Takes("text", required=True),
    "subtitle": Takes("text"),
    "xAxisTitle": Takes("text"),
    "yAxisTitle": Takes("text"),
    "fmt": Takes("format"),
    "lower": Takes("column"),
    "upper": Takes("column"),
    **FROM_CELL,
}
