"""Writing SQL text: literals and names, quoted."""

from __future__ import annotations

from collections.abc import Iterable


def literal(text: str) -> str:
    """A string as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Strings as a comma-separated list of SQL literals."""
    return ", ".join(literal(text) for text in texts)


def name(identifier: str) -> str:
    """A table's or column's name, quoted: some of the standard's are words of SQL."""
    return '"' + identifier.replace('"', '""') + '"'
