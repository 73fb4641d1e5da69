"""Tells what could say who a person is: by a column's name, or by what a text holds."""

from __future__ import annotations

import re

import duckdb
import pandas as pd
from pandas import DataFrame, Series

from expectations.rules import personal_data as rule

# A name that ends in _id or _key names a record; only these name something that is no person's.
PUBLIC_IDENTIFIERS = frozenset({"indicator_id", "measure_id", "release_id"})
_PERSONAL_NAME = re.compile(
    r"(^|_)(id|key)$|nhs_?n|birth|postcode|surname|forename|(first|last|family|given)_name"
)
_LINK_KEY = r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{64}(?![0-9A-Fa-f])"
_TEN_DIGITS = r"(?<![0-9])([0-9]{3})[ -]?([0-9]{3})[ -]?([0-9]{4})(?![0-9])"
_WEIGHTS = range(10, 1, -1)


def is_like_an_identifier(column: str, known: frozenset[str] = frozenset()) -> bool:
    """Whether a column's name is that of a person's identifier or of one of their records.

    `known` are further names to refuse. Upper and lower case are the same.
    """
    name = column.strip().lower()
    if name in PUBLIC_IDENTIFIERS:
        return False
    return name in {other.lower() for other in known} or bool(_PERSONAL_NAME.search(name))


def holds_link_key(texts: Series) -> Series:
    """For each text whether a run of exactly 64 hex digits stands in it; the texts' own index."""
    # Texts as plain objects: an Arrow-backed string column has no look-behind.
    return texts.astype(object).str.contains(_LINK_KEY, regex=True, na=False).astype(bool)


def holds_nhs_number(texts: Series) -> Series:
    """For each text whether ten digits with a right NHS check digit stand in it, together or as
    3-3-4 with spaces or hyphens; the texts' own index."""
    found = Series(False, index=texts.index)
    parts = texts.astype(object).str.extractall(_TEN_DIGITS)
    if parts.empty:
        return found
    digits = (parts[0] + parts[1] + parts[2]).astype(object)
    total = sum(digits.str[place].astype(int) * weight for place, weight in enumerate(_WEIGHTS))
    # A remainder that asks for the check digit 10 belongs to no number; 11 is written 0.
    right = (11 - total % 11) % 11 == digits.str[9].astype(int)
    found.loc[right[right].index.get_level_values(0).unique()] = True
    return found


def holds_personal_data(texts: Series) -> Series:
    """For each text whether the standard's rule on personal data refuses it; the texts' own index.

    It is the rule by which returns are judged, put once more to what is about to be published.
    """
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select {rule.holds_personal_data('t')} from (select unnest($1::varchar[]) as t)",
            [list(texts)],
        ).fetchall()
    return Series([bool(row[0]) for row in found], index=texts.index, dtype=bool)


def holds_hidden_characters(texts: Series) -> Series:
    """For each text whether a character stands in it that is not seen; the texts' own index."""
    hidden = re.compile(rule.HIDDEN_CHARACTERS_PYTHON)
    return Series([bool(hidden.search(text)) for text in texts], index=texts.index, dtype=bool)


def _different(values: Series) -> Series:
    """Each different value as a text, in the order in which they first stand there."""
    # Most are repeated, so that it is quicker to see which they are before they are made texts.
    return Series(values.dropna().unique()).astype(str).drop_duplicates()


def distinct_texts(frame: DataFrame, table: str, leave_out: frozenset[str]) -> DataFrame:
    """Each different text of a frame once for each column, as `where` (`table.column`) and `text`.

    Only columns that hold texts; those in `leave_out` not at all.
    """
    found = [
        DataFrame({"where": f"{table}.{column}", "text": _different(values)})
        for column, values in frame.items()
        if column not in leave_out
        and (
            pd.api.types.is_object_dtype(values)
            or pd.api.types.is_string_dtype(values)
            or isinstance(values.dtype, pd.CategoricalDtype)
        )
    ]
    if not found:
        return DataFrame({"where": [], "text": []}, dtype=object)
    return pd.concat(found, ignore_index=True)
