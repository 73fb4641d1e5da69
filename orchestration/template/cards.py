"""Text beside the tables: the guide, the code lists and the example, as cards of text.

Every sheet of a return is read as a table, and one that is not the standard's is told to the
provider. A sheet without cells is none, so what is there to be read stands in text boxes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from expectations.standard import MANIFEST, Field, Standard
from orchestration.facts import ExampleReturn
from orchestration.template.cells import codes_of, score_ranges

# In pixels; a line is one of Arial 10.
LINE, CHARACTER = 17, 5.7
MARGIN, TITLE_HEIGHT, PADDING = 20, 30, 16
FONT = {"name": "Arial", "size": 10}
INK, PAPER, DARK = "#1A1A1A", "#FFFFFF", "#1F3B57"


@dataclass(frozen=True)
class Card:
    """A heading, and lines of text below it."""

    title: str
    lines: tuple[str, ...]


def guide_cards(standard: Standard) -> list[Card]:
    """How to fill in the workbook, and what each of its sheets is for."""
    version = standard.codes["standard_version"][-1].code
    mandatory = [table.name for table in standard.tables.values() if table.mandatory]
    return [
        Card(
            f"A return, by version {version} of the standard",
            (
                "This workbook is the return of one provider for one calendar month, sent once the "
                "month has ended.",
                f'Begin with the sheet "{MANIFEST}": one row that says who you are and which month '
                "it is.",
                "Then fill in the other sheets, one row for each thing, from row 2 on. Leave row 1 "
                "as it is.",
                f"{_listed(mandatory)} are looked for in every return; leave a sheet without rows "
                "where you have none.",
            ),
        ),
        Card(
            "Filling in",
            (
                "Headings in bold on dark blue are required in every row; headings in italics on "
                "grey are optional.",
                "Rest the pointer on a heading, or choose a cell, to read what it takes.",
                "A cell with an arrow offers its codes. What each code means stands on the sheet "
                '"codes".',
                "Leave empty what you do not know. N/A, NULL and - count as wrong values.",
                "Dates are days, such as 2025-05-31. The month in the sheet "
                f'"{MANIFEST}" is written 2025-05.',
                "Identifiers are your own. Never send names, NHS numbers, telephone numbers or "
                "addresses.",
                'The sheet "example" shows a row of each table of a return in which all is right.',
            ),
        ),
        Card(
            "Sending",
            (
                "Save the workbook as .xlsx, without a password, and put it in your inbox folder.",
                "To correct a month, send the whole return again with the next submission_no.",
                'The sheets "guide", "codes" and "example" may stay. Type nothing into them, and '
                "add no sheets: what stands in cells is taken for a table, and you would be told "
                "that it is not one of the standard's.",
            ),
        ),
        Card(
            "The sheets",
            tuple(
                f"{table.name}: {table.grain}. {table.description}."
                for table in standard.tables.values()
            ),
        ),
    ]


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def code_cards(standard: Standard) -> list[Card]:
    """Each code list with its labels, under the fields that take it, and the ranges of scores."""
    cards = []
    for fields in _fields_by_list(standard).values():
        title = ", ".join(f"{field.table}.{field.name}" for field in fields)
        codes = codes_of(fields[0], standard)
        cards.append(Card(title, tuple(f"{code.code}: {code.label}" for code in codes)))
    cards.append(Card("assessments.score, by measure", tuple(score_ranges(standard))))
    return cards


def _fields_by_list(standard: Standard) -> dict[str, list[Field]]:
    found: dict[str, list[Field]] = {}
    for table in standard.tables.values():
        for field in table.fields:
            if field.code_list:
                found.setdefault(field.code_list, []).append(field)
    return found


def example_cards(example: ExampleReturn) -> list[Card]:
    """The first row of each table of the example return, a line for each field."""
    return [
        Card(table, tuple(f"{field}: {value or '(empty)'}" for field, value in rows[0].items()))
        for table, rows in example.items()
    ]


def lay_out(sheet: Any, cards: Iterable[Card], columns: int, width: int) -> None:
    """Puts cards on a sheet (of XlsxWriter) in columns of `width` pixels, each below the last of
    the column that is shortest."""
    sheet.hide_gridlines(2)
    heights = [MARGIN] * columns
    for card in cards:
        column = heights.index(min(heights))
        left, top = MARGIN + column * (width + MARGIN), heights[column]
        characters = int((width - PADDING) / CHARACTER)
        title = "\n".join(wrap(card.title, int(characters * 0.85)))
        lines = [part for line in card.lines for part in _wrapped(line, characters)]
        title_height = TITLE_HEIGHT + LINE * title.count("\n")
        body_height = PADDING + LINE * len(lines)
        _box(sheet, title, (left, top, width, title_height), is_title=True)
        _box(sheet, "\n".join(lines), (left, top + title_height, width, body_height))
        heights[column] = top + title_height + body_height + MARGIN


def _wrapped(line: str, characters: int) -> list[str]:
    return wrap(line, characters, subsequent_indent="    ", break_on_hyphens=False) or [""]


def _box(
    sheet: Any, text: str, place: tuple[int, int, int, int], *, is_title: bool = False
) -> None:
    left, top, width, height = place
    ink, paper = (PAPER, DARK) if is_title else (INK, PAPER)
    sheet.insert_textbox(
        0,
        0,
        text,
        {
            "x_offset": left,
            "y_offset": top,
            "width": width,
            "height": height,
            "font": FONT | {"color": ink, "bold": is_title},
            "fill": {"color": paper},
            "line": {"color": DARK},
            "align": {"vertical": "middle" if is_title else "top"},
            "object_position": 3,
        },
    )
