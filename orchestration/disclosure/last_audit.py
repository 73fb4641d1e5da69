"""What the last night's audit found, in the warehouse: what of it is found again is taken from
there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from expectations.rules.sql import literal, literals

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation
    from pandas import DataFrame

    from orchestration.disclosure.claims import Family

# As `PUT_BY_FOR_AREAS` of `orchestration/transform/kept_models.py` has it put by.
TABLE = "intermediate.last_int_disclosure_audit"


@dataclass(frozen=True)
class LastFindings:
    """The last audit's findings, in the database behind `connection`."""

    connection: DuckDBPyConnection
    rows: DuckDBPyRelation

    def beside(self, anew: DataFrame, families: Sequence[Family]) -> DuckDBPyRelation:
        """What was found anew, with the last findings of these families: a row for each finding,
        in the columns of both."""
        of_families = " or ".join(
            f"(period_start >= {literal(str(family.year))}::date "
            f"and period_start < {literal(str(family.year))}::date + interval 1 year "
            f"and subject in ({literals(family.names)}))"
            for family in families
        )
        columns = ", ".join(
            f"cast({column} as {kind}) as {column}"
            for column, kind in zip(self.rows.columns, self.rows.types, strict=True)
        )
        return self.rows.filter(of_families).union(self.connection.from_df(anew).project(columns))


def last_findings(connection: DuckDBPyConnection) -> LastFindings | None:
    """What the last night found, or None where there was none, or it is not known."""
    try:
        rows = connection.table(TABLE)
    except duckdb.CatalogException:
        return None
    return LastFindings(connection, rows)
