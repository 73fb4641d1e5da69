"""Reading what the audit looks at from the warehouse: a family of subjects at a time, the largest
first, so that no more is held than is being audited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from duckdb import DuckDBPyRelation

from expectations.rules.sql import literals
from orchestration.disclosure.cells import CELL
from orchestration.disclosure.linked import Link, families
from orchestration.disclosure.part import Part
from orchestration.disclosure.protect import Policy
from orchestration.disclosure.sums import Subject

# Texts that a few values are drawn from, so that each row needs no more than a number for one.
TEXTS = ["subject", *(column for column in CELL if column != "period_start")]
# `least` and `most` are functions of SQL, and no names of columns there.
NAMES_IN_SQL = {"least": "at_least", "most": "at_most"}
NUMBERS = ("exact", "hidden_least", "hidden_most", "last_least", "last_most")


def parts(claims: DuckDBPyRelation, links: Sequence[Link], policy: Policy) -> Iterator[Part]:
    """The families of each financial year that have a small hidden count, the most claims first.

    `claims` has the columns of `int_count_claims`.
    """
    small = f"exact between 1 and {policy.smallest - 1} and not is_shown"
    kinds = claims.aggregate(
        "financial_year, subject, over_areas, over_time, count(*) as claims, "
        f"bool_or({small}) as has_small"
    )
    by_year: dict[date, dict[str, tuple[Subject, int, bool]]] = {}
    for year, name, over_areas, over_time, count, has_small in kinds.order("all").fetchall():
        subject = Subject(name, over_areas, over_time)
        by_year.setdefault(year, {})[name] = (subject, count, has_small)
    found = [
        (sum(subjects[name][1] for name in family), year, family)
        for year, subjects in by_year.items()
        for family in families(list(subjects), links)
        if any(subjects[name][2] for name in family)
    ]
    as_read = claims.project(_columns(claims)) if found else claims
    for _, year, family in sorted(found, key=lambda of: -of[0]):
        of_part = f"financial_year = '{year}' and subject in ({literals(family)})"
        rows = as_read.filter(of_part).order(", ".join(("subject", *CELL))).df()
        rows = rows.drop(columns="financial_year")
        yield Part([by_year[year][name][0] for name in family], links, rows)


def _columns(claims: DuckDBPyRelation) -> str:
    """The columns of a part in SQL, with texts as one of the values that there are."""
    lists = ", ".join(f"list_sort(list(distinct {column}))" for column in TEXTS)
    values = dict(zip(TEXTS, claims.aggregate(lists).fetchall()[0], strict=True))
    return ", ".join(
        [
            *(f"cast({text} as enum ({literals(values[text])})) as {text}" for text in TEXTS),
            *("financial_year", "period_start", "is_shown"),
            *(f"cast({number} as double) as {number}" for number in NUMBERS),
            *(f"{in_sql} as {name}" for name, in_sql in NAMES_IN_SQL.items()),
        ]
    )
