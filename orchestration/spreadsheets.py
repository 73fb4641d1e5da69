"""Text that a spreadsheet program must not take for a formula.

A cell of a CSV file that begins with one of a few characters is computed when the file is opened,
quoted or not. OWASP, "CSV Injection" (owasp.org/www-community/attacks/CSV_Injection), names the
characters, the wide forms that East Asian keyboards type among them, and the remedy: an apostrophe
before the text. A plain number keeps its sign: it computes nothing, and an apostrophe would spoil
it.
"""

from __future__ import annotations

import re

from expectations.rules.sql import literal

FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"
# With or without a sign, thousands separated by commas or not. Of ASCII alone, so that Python's
# expressions and DuckDB's (RE2) mean the same.
PLAIN_NUMBER = r"[+-]?[0-9][0-9,]*(\.[0-9]+)? *"

_starts = frozenset(FORMULA_STARTS)
_plain_number = re.compile(PLAIN_NUMBER)


def safe_cell(text: str) -> str:
    """`text`, with an apostrophe before it where a spreadsheet would take it for a formula."""
    return "'" + text if begins_formula(text) else text


def begins_formula(text: str) -> bool:
    """Whether a spreadsheet would take a cell of this text for a formula."""
    return text[:1] in _starts and _plain_number.fullmatch(text) is None


def safe_cell_sql(expression: str) -> str:
    """`safe_cell` of a varchar `expression` as DuckDB's SQL; NULL stays NULL. The expression stands
    in it four times, so give a column's name."""
    starts = ", ".join(
        f"chr({ord(start)})" if start.isspace() else literal(start) for start in FORMULA_STARTS
    )
    return (
        f"case when left({expression}, 1) in ({starts}) "
        f"and not regexp_full_match({expression}, {literal(PLAIN_NUMBER)}) "
        f"then '''' || {expression} else {expression} end"
    )


def as_written(cell: str) -> str:
    """The text that `safe_cell` made this cell from."""
    return cell[1:] if cell[:1] == "'" and begins_formula(cell[1:]) else cell
