"""Tables of a query's rows as HTML, with the sign of a status wherever a number is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orchestration.publish import verdicts, words
from orchestration.publish.markup import text

Record = dict[str, Any]
# Rows: what is shorter is seen at a glance.
FILTERED_FROM = 20
# Characters: a text cell that is longer is a sentence, which needs room to be read.
SENTENCE_FROM = 60
UNSEEN = "nhsuk-u-visually-hidden"


@dataclass(frozen=True)
class Column:
    """One column: which cells it shows and how.

    `to` makes it a range from `id` to `to`, `of` a share of that column; `link` names the column
    with the page to lead to; `status` and `provisional` name the columns that say why a number is
    missing and whether it can change; with `in_words` the status is written out beside its sign.
    `verdict` is the kind of word (`verdicts.SIGNS`) that the cells are codes of.
    """

    id: str
    title: str
    format: str | None = None
    to: str | None = None
    of: str | None = None
    link: str | None = None
    status: str | None = None
    provisional: str | None = None
    in_words: bool = False
    verdict: str | None = None


def heading(column: str) -> str:
    """A heading from a column's name, for a table whose author gave none."""
    return column.replace("_", " ").capitalize()


def is_number(value: object) -> bool:
    """Whether a cell is set as a number (a truth value is not)."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def holds_sentences(column: Column, records: Sequence[Record]) -> bool:
    """Whether any cell of a column is too long for the few words of a name."""
    return column.verdict is None and any(
        isinstance(record[column.id], str) and len(record[column.id]) > SENTENCE_FROM
        for record in records
    )


def show(value: object, format_name: str | None) -> str:
    """A cell as plain text: in its format, else as it is (numbers: no more than two decimals)."""
    if format_name is not None:
        return words.FORMATS[format_name](value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return words.number(value, 0)
    if isinstance(value, float | Decimal):
        return words.number(value, 2)
    return str(value)


def unseen(said: str) -> str:
    """Words for a screen reader alone."""
    return f'<span class="{UNSEEN}">{text(said)}</span>'


def sign(status: str, in_words: bool) -> str:
    """A status as its sign, with its words to be read or to be heard."""
    label = words.status_label(status).lower()
    spoken = f" {text(label)}" if in_words else f" {unseen(label)}"
    return f'<span class="sign">{text(words.SIGNS[status])}</span>{spoken}'


def provisional_sign() -> str:
    """The sign of a provisional figure, to stand after it."""
    spoken = unseen("provisional")
    return f' <span class="sign">{text(words.PROVISIONAL_SIGN)}</span> {spoken}'


def _cell(column: Column, record: Record, href: Callable[[str], str]) -> str:
    value = record[column.id]
    second = column.to or column.of
    if value is None or (second and record[second] is None):
        status = record[column.status] if column.status else None
        if status in words.SIGNS:
            return sign(status, column.in_words)
        return f'<span aria-hidden="true">–</span>{unseen("none")}'
    if column.verdict:
        return verdicts.html(column.verdict, str(value))
    shown = text(show(value, column.format))
    if second:
        joined = "to" if column.to else "of"
        shown += f" {joined} {text(show(record[second], column.format))}"
    if column.link and record[column.link]:
        shown = f'<a href="{text(href(record[column.link]))}">{shown}</a>'
    if column.provisional and record[column.provisional]:
        shown += provisional_sign()
    return shown


def key(columns: Sequence[Column], records: Sequence[Record]) -> list[str]:
    """What the signs of a table mean, one entry for each that occurs in it."""
    statuses = {
        record[column.status]
        for column in columns
        for record in records
        if column.status and record[column.id] is None
    }
    said = [
        f"{sign_} {words.status_label(status).lower()}"
        for status, sign_ in words.SIGNS.items()
        if status in statuses
    ]
    if any(
        c.provisional and r[c.provisional] and r[c.id] is not None for c in columns for r in records
    ):
        said.append(f"{words.PROVISIONAL_SIGN} provisional")
    return said


def table(
    columns: Sequence[Column],
    records: Sequence[Record],
    href: Callable[[str], str],
    *,
    caption: str,
    element_id: str,
    hidden_caption: bool = False,
    name: str = "",
) -> str:
    """A table in a container of its own that scrolls sideways, so that the page never does.

    The first column names the row. `href` turns a page of the site into an address. A long table
    has room above it for a filter, whose words `theme/site.js` keeps in the address under `name`.
    """
    if not records:
        return f"<p>{text(caption)}: there is nothing to show.</p>"

    def css_of(column: Column) -> str:
        if all(r[column.id] is None or is_number(r[column.id]) for r in records):
            return ' class="n"'
        return ' class="said"' if holds_sentences(column, records) else ""

    classes = {column.id: css_of(column) for column in columns}

    def css(column: Column) -> str:
        return classes[column.id]

    head = "".join(f'<th scope="col"{css(c)}>{text(c.title)}</th>' for c in columns)
    body = []
    for record in records:
        cells = [f'<th scope="row"{css(columns[0])}>{_cell(columns[0], record, href)}</th>']
        cells += [f"<td{css(c)}>{_cell(c, record, href)}</td>" for c in columns[1:]]
        body.append(f"<tr>{''.join(cells)}</tr>")
    # The title stands outside: within, it would be as wide as the table and not as the screen. A
    # container that can scroll must be reachable by keyboard, and then it needs a name too.
    css_class = UNSEEN if hidden_caption else "caption"
    said = key(columns, records)
    named = f' data-rows="{text(name)}"' if name else ""
    return (
        f'<p class="{css_class}" id="{element_id}">{text(caption)}</p>'
        + ('<div class="filter"></div>' if name and len(records) >= FILTERED_FROM else "")
        + f'<div class="scroll" role="region" aria-labelledby="{element_id}" tabindex="0">'
        f'<table aria-labelledby="{element_id}"{named}>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
        + (f'<p class="key">{text("; ".join(said))}</p>' if said else "")
    )
