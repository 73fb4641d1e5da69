"""Which rows of published_indicators the gate has to judge, where the last release's were judged.

All that a row of it promises concerns the row itself, or the rows of its period and area: its
*place*. So a place whose rows are those of the last release, which the same gate let through, keeps
its promises still. Its rows are told to be the same by their number and by two sums of hashes.

Here belongs what is compared and laid out, in the database and within its bounds. Whether the last
release's rows are those that a gate let through is for `before_the_gate` to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from duckdb import DuckDBPyConnection, DuckDBPyRelation

from expectations.rules.sql import literal, name

TABLE = "marts.published_indicators"
PLACE = ("period_type", "period_start", "area_type", "area_code")
CELL = ("indicator_id", *PLACE, "breakdown_type", "breakdown_value")
RETURNS = ("returns_expected", "returns_in_effect")
# The one column that is another in every release.
RELEASE = "release_id"
COLUMNS = (RELEASE, *CELL, "status", *RETURNS)
# Tables that speak of single cells or places, and the columns by which they do.
SPEAKING = {"marts.published_inequalities": CELL, "marts.published_revisions": PLACE}

# The temporary tables that are laid out: rows now and then, and what is summed up of all of them.
ROWS, ROWS_THEN = "rows_to_judge", "rows_to_judge_then"
COUNTS, COUNTS_THEN, PLACES, TEXTS = "counts_now", "counts_then", "places_now", "texts_now"


def digest(connection: DuckDBPyConnection, source: str) -> list[int]:
    """The number of a table's rows and two sums of hashes, whatever release they are of."""
    columns = connection.sql(f"from {source}").columns
    return _numbers(connection, f"select {_sums(columns)} from {source}")


def can_be_compared(connection: DuckDBPyConnection, last: Path) -> bool:
    """Whether the last release's file has the columns of the table, of the same types, and the
    tables that speak of its cells name them by the same types."""
    now, then = _types(connection.table(TABLE)), _types(connection.read_parquet(str(last)))
    return (
        now == then
        and set(COLUMNS) <= set(now)
        # Two texts may be read as one day; of a date there is but one.
        and str(now["period_start"]) == "DATE"
        and all(
            now[column] == _types(connection.table(table)).get(column)
            for table, columns in SPEAKING.items()
            for column in columns
        )
    )


def lay_out(
    connection: DuckDBPyConnection, last: Path, let_through: object, release_id: str
) -> bool:
    """Makes the temporary tables, where the rows of the last release's file have just the digest
    that was let through, as somebody noted it. Says whether they have."""
    then = f"read_parquet({literal(str(last))})"
    columns = connection.table(TABLE).columns
    for source, into in ((TABLE, "compared_now"), (then, "compared_then")):
        connection.execute(
            f"create temp table {into} as select {_listed(PLACE)}, {_sums(columns)}, "
            f"bool_or({RELEASE} is distinct from {literal(release_id)}) as is_of_another "
            f"from {source} group by {_listed(PLACE)}"
        )
    whole = "select sum(number), sum(added), bit_xor(folded) from compared_then"
    if _numbers(connection, whole) != let_through:
        return False
    # Grouped, since a gap is no place that could be looked up, and is one in which to group.
    connection.execute(
        f"""
        create temp table judged_places as
        select {_listed(PLACE)}, true as is_judged
        from (from compared_now union all from compared_then)
        group by {_listed(PLACE)}
        having
            count(*) <> 2
            or min(number) <> max(number)
            or min(added) <> max(added)
            or min(folded) <> max(folded)
        union
        select {_listed(PLACE)}, true from compared_now where is_of_another
        union
        select {_listed(PLACE)}, true from marts.published_revisions
        """
    )
    for source, into in ((TABLE, ROWS), (then, ROWS_THEN)):
        _choose(connection, source, into)
    for source, into in ((TABLE, COUNTS), (then, COUNTS_THEN)):
        connection.execute(
            f"create temp table {into} as select indicator_id, area_type, area_code, status, "
            f'count(*) as "rows", max(period_start) as newest from {source} group by all'
        )
    connection.execute(
        f"create temp table {PLACES} as select distinct {_listed((*PLACE, *RETURNS))} from {TABLE}"
    )
    _list_texts(connection)
    return True


def _choose(connection: DuckDBPyConnection, source: str, into: str) -> None:
    """All rows of the places to be judged; of the others those of everyone, which other tables are
    held against, and those of which inequalities tell. Of a place that has not changed, the same
    are chosen now and then."""
    same_place = " and ".join(f"rows.{each} is not distinct from places.{each}" for each in PLACE)
    same_cell = " and ".join(f"rows.{each} = cells.{each}" for each in CELL)
    connection.execute(
        f"""
        create temp table {into} as
        select rows.*
        from {source} as rows
        left join judged_places as places on {same_place}
        left join (
            select distinct {_listed(CELL)}, true as is_told from marts.published_inequalities
        ) as cells on {same_cell}
        where rows.breakdown_type = 'all' or places.is_judged or cells.is_told
        """
    )


def _list_texts(connection: DuckDBPyConnection) -> None:
    """Each different text of each column of the whole table but the release's name."""
    texts = [
        f'select {literal(f"published_indicators.{column}")} as "where", {name(column)} as text '
        f"from (select distinct {name(column)} from {TABLE}) where {name(column)} is not null"
        for column, kind in _types(connection.table(TABLE)).items()
        if column != RELEASE and kind == "VARCHAR"
    ]
    connection.execute(f"create temp table {TEXTS} as {' union all '.join(texts)}")


def _sums(columns: Iterable[str]) -> str:
    """The number of rows, and two sums over them that do not go by the same hash, nor by the same
    way of adding: two wrongs that make a right in one do not in the other.

    Each hash is hashed again: a row's last column is merely folded into its hash, so that two rows
    could exchange it and the folded sum would stay what it was.
    """
    told = _listed(column for column in columns if column != RELEASE)
    return (
        f"count(*) as number, sum(hash(hash({told}))) as added, "
        f"bit_xor(hash(hash('once more', {told}))) as folded"
    )


def _numbers(connection: DuckDBPyConnection, query: str) -> list[int]:
    """The numbers of the one row that the query gives."""
    # All is fetched: what is left would be in the way of what comes next on this connection.
    ((*numbers,),) = connection.execute(query).fetchall()
    return [int(number or 0) for number in numbers]


def _types(rows: DuckDBPyRelation) -> Mapping[str, str]:
    return {column: str(kind) for column, kind in zip(rows.columns, rows.types, strict=True)}


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(name(column) for column in columns)
