"""Reading what the audit looks at from the warehouse: a family of subjects at a time, the largest
first, so that no more is held than is being audited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from duckdb import DuckDBPyRelation

from expectations.rules.sql import literals
from orchestration.disclosure.cells import CELL
from orchestration.disclosure.linked import Link, families
from orchestration.disclosure.part import Part
from orchestration.disclosure.sums import Subject

# Texts that a few values are drawn from, so that each row needs no more than a number for one.
TEXTS = ["subject", *(column for column in CELL if column != "period_start")]
# `least` and `most` are functions of SQL, and no names of columns there.
NAMES_IN_SQL = {"least": "at_least", "most": "at_most"}
NUMBERS = ("exact", "hidden_least", "hidden_most", "last_least", "last_most")


@dataclass(frozen=True)
class Family:
    """Subjects that bound each other, in one financial year: how many counts of them there are, and
    whether anything of these has changed since the last night."""

    year: date
    subjects: tuple[Subject, ...]
    claims: int
    is_changed: bool

    @property
    def names(self) -> list[str]:
        """The names of the subjects."""
        return [subject.name for subject in self.subjects]

    @property
    def key(self) -> str:
        """A text that says which family and year it is."""
        return f"{self.year} {', '.join(self.names)}"


def families_to_audit(by_year: DuckDBPyRelation, links: Sequence[Link]) -> list[Family]:
    """The families of each financial year that have a small hidden count, the most claims first.

    `by_year` has the columns of `int_claims_by_year_changes`.
    """
    rows = by_year.project(
        "financial_year, subject, over_areas, over_time, claims, hidden_counts > 0, is_changed"
    )
    years: dict[date, dict[str, tuple[Subject, int, bool, bool]]] = {}
    for year, name, over_areas, over_time, count, has_small, is_changed in rows.order(
        "all"
    ).fetchall():
        subject = Subject(name, over_areas, over_time)
        years.setdefault(year, {})[name] = (subject, count, has_small, is_changed)
    found = []
    for year, subjects in years.items():
        for names in families(list(subjects), links):
            own, counts, small, changed = zip(*(subjects[name] for name in names), strict=True)
            if any(small):
                found.append(Family(year, own, sum(counts), any(changed)))
    return sorted(found, key=lambda family: -family.claims)


def parts(
    claims: DuckDBPyRelation, wanted: Sequence[Family], links: Sequence[Link]
) -> Iterator[Part]:
    """The parts of those families, in their order.

    `claims` has the columns of `int_told_claims`.
    """
    if not wanted:
        return
    years = literals(sorted({str(family.year) for family in wanted}))
    names = literals(sorted({name for family in wanted for name in family.names}))
    columns = _columns(claims.filter(f"financial_year in ({years}) and subject in ({names})"))
    for family in wanted:
        of_part = f"financial_year = '{family.year}' and subject in ({literals(family.names)})"
        rows = claims.filter(of_part).project(columns).order(", ".join(("subject", *CELL))).df()
        yield Part(family.subjects, links, rows.drop(columns="financial_year"), family.key)


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
