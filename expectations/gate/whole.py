"""What is asked of all rows of published_indicators at once, from a few columns summed up.

Here belongs what makes `WholeTable`'s frames from whole tables, for callers that have only those,
and what gives whichever of the two there is. How a caller sums them up elsewhere is its own affair.
"""

from __future__ import annotations

from pandas import DataFrame

from expectations.gate import personal
from expectations.gate.frames import RETURNS, days
from expectations.gate.interface import GateTables
from expectations.gate.relations import PERIOD_AND_AREA

PUBLISHED = "published_indicators"
COUNTED_BY = ["indicator_id", "area_type", "area_code", "status"]
# A release's name may be made of digits; it is held to be this release's by its own check.
NOT_LOOKED_INTO = frozenset({"release_id"})


def counts_of(frame: DataFrame) -> DataFrame:
    """The number of rows and the newest period of each indicator, area and status."""
    some = frame[COUNTED_BY].assign(newest=days(frame["period_start"]))
    grouped = some.groupby(COUNTED_BY, observed=True, dropna=False, sort=False)["newest"]
    return grouped.agg(rows="size", newest="max").reset_index()


def places_of(rows: DataFrame) -> DataFrame:
    """Each different period, area and numbers of returns; `rows` is from `frames.published`."""
    return rows[[*PERIOD_AND_AREA, *RETURNS]].drop_duplicates(ignore_index=True)


def counts_now(tables: GateTables) -> DataFrame:
    return tables.whole.counts if tables.whole else counts_of(tables.published_indicators)


def counts_then(tables: GateTables, then: DataFrame) -> DataFrame:
    """Of the last release, `then` being its rows."""
    return tables.whole.counts_then if tables.whole else counts_of(then)


def places(tables: GateTables, rows: DataFrame) -> DataFrame:
    """Of the whole table, `rows` being what of it is given, from `frames.published`."""
    if tables.whole is None:
        return places_of(rows)
    there = tables.whole.places
    return there.assign(period_start=days(there["period_start"]))


def texts(tables: GateTables) -> DataFrame:
    """Each different text of published_indicators."""
    if tables.whole is not None:
        return tables.whole.texts
    return personal.distinct_texts(tables.published_indicators, PUBLISHED, NOT_LOOKED_INTO)
