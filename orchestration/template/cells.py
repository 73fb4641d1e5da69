"""What the column of one field takes: its number format, its validation, and the words for both."""

from __future__ import annotations

from datetime import date
from typing import Any

from expectations.rules.conversions import TYPE_IN_WORDS
from expectations.standard import Code, Field, Standard

# Excel's own limits for the parts of a data validation.
MOST_LIST_CHARACTERS = 255
MOST_MESSAGE_CHARACTERS = 255

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
ID_CHARACTERS = 64
LINK_KEY_CHARACTERS = 64
MONTH_CHARACTERS = len("2025-05")

# As text a cell keeps what is typed: no leading zero is lost, no long number gets an exponent, no
# month turns into a day.
TEXT_FORMAT = "@"
NUMBER_FORMATS = {"date": "yyyy-mm-dd", "integer": "0", "decimal": "General"}


def number_format(field: Field) -> str:
    """The number format of the field's column, as Excel writes it."""
    return NUMBER_FORMATS.get(field.type, TEXT_FORMAT)


def codes_of(field: Field, standard: Standard) -> tuple[Code, ...]:
    """The codes that the field may hold; none where it has no list."""
    return standard.codes[field.code_list] if field.code_list else ()


def drop_down(field: Field, standard: Standard) -> list[str] | None:
    """The codes to choose from, or None where there are none or they are too long to be offered.

    Excel takes at most 255 characters of a list unless the list stands in cells, and cells on a
    sheet of their own would be told as an unknown table in every return.
    """
    codes = [code.code for code in codes_of(field, standard)]
    fits = len(",".join(codes)) <= MOST_LIST_CHARACTERS
    return codes if codes and fits else None


def validation(field: Field, standard: Standard) -> dict[str, Any]:
    """The field's data validation, as XlsxWriter takes it, without its range.

    Where only the judge can tell whether a value is right, anything may be typed, and there is
    still a message that says what is expected.
    """
    criteria = _criteria(field, standard)
    return (criteria or {"validate": "any"}) | {
        "input_title": field.name,
        "input_message": _shortened(_prompt(field, standard)),
        "error_title": field.name,
        "error_message": _shortened(f"{field.name} takes {_takes(field, standard)}."),
    }


def _criteria(field: Field, standard: Standard) -> dict[str, Any] | None:
    """What is checked when a value is typed; None where only the judge can tell."""
    codes = drop_down(field, standard)
    if codes is not None:
        return {"validate": "list", "source": codes}
    match field.type:
        case "date":
            return _between("date", FIRST_DAY, LAST_DAY)
        case "month":
            return _between("length", MONTH_CHARACTERS, MONTH_CHARACTERS)
        case "integer" | "decimal":
            return _between(field.type, *_bounds(field, standard))
        case "id":
            return _between("length", 1, ID_CHARACTERS)
        case "link_key":
            return _between("length", LINK_KEY_CHARACTERS, LINK_KEY_CHARACTERS)
        case "text" if field.maximum is not None:
            return _between("length", 0, field.maximum)
    return None


def _between(what: str, least: int | date | None, most: int | date | None) -> dict[str, Any] | None:
    if least is not None and most is not None:
        return {"validate": what, "criteria": "between", "minimum": least, "maximum": most}
    if least is not None:
        return {"validate": what, "criteria": ">=", "value": least}
    return {"validate": what, "criteria": "<=", "value": most} if most is not None else None


def _bounds(field: Field, standard: Standard) -> tuple[int | None, int | None]:
    """A number's least and most. A score's own range depends on its measure; all scores lie within
    the widest of them."""
    if not is_score(field):
        return field.minimum, field.maximum
    measures = standard.assessment_measures.values()
    return min(m.minimum for m in measures), max(m.maximum for m in measures)


def is_score(field: Field) -> bool:
    """Whether the field is the score of an assessment, whose range depends on the measure."""
    return (field.table, field.name) == ("assessments", "score")


def score_ranges(standard: Standard) -> list[str]:
    """A line for each assessment measure: its code, its range and its unit."""
    return [
        f"{m.measure}: {m.minimum} to {m.maximum} ({m.unit})"
        for m in standard.assessment_measures.values()
    ]


def _takes(field: Field, standard: Standard) -> str:
    """What the field takes, as the end of a sentence."""
    codes = codes_of(field, standard)
    if codes:
        return codes[0].code if len(codes) == 1 else f"one of the {len(codes)} codes of its list"
    if field.type == "code":
        return "a code from the commissioner's register"
    if field.type == "text" and field.maximum is not None:
        return f"text of at most {field.maximum:,} characters"
    words = TYPE_IN_WORDS[field.type]
    if field.type not in ("integer", "decimal"):
        return words
    least, most = _bounds(field, standard)
    if is_score(field):
        return f"{words}; its range depends on the measure, as the note on the heading says"
    if least is not None and most is not None:
        return f"{words}, from {_number(least)} to {_number(most)}"
    return f"{words}, {_number(least)} or more" if least is not None else words


def _number(number: int) -> str:
    """Digits in threes, but a year as a year."""
    return f"{number:,}" if number >= 10_000 else str(number)


def _prompt(field: Field, standard: Standard) -> str:
    """The message beside a cell that is about to be filled in."""
    must = "Must be filled in." if field.required else "May be left empty."
    parts = [f"{field.description}.", must, f"Takes {_takes(field, standard)}."]
    if codes_of(field, standard) and drop_down(field, standard) is None:
        parts.append('The list is in the note on the heading, and on the sheet "codes".')
    return " ".join(parts)


def _shortened(text: str) -> str:
    if len(text) <= MOST_MESSAGE_CHARACTERS:
        return text
    return text[: MOST_MESSAGE_CHARACTERS - 3] + "..."


def note(field: Field, standard: Standard) -> str:
    """The note on the field's heading: what it is, what it takes, its codes with their labels."""
    lines = [
        "REQUIRED" if field.required else "OPTIONAL: leave it empty where you do not know it",
        f"{field.description}.",
        f"Takes {_takes(field, standard)}.",
    ]
    if field.references:
        table, _, column = field.references.partition(".")
        where = "the register of services" if table == "services" else f"the sheet {table}"
        lines.append(f"It must be a {column} of {where}.")
    lines += [f"{code.code}: {code.label}" for code in codes_of(field, standard)]
    if is_score(field):
        lines += score_ranges(standard)
    return "\n".join(lines)
