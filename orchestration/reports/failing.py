"""What failed, in the order in which mending it is of most use, and what it does to the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from expectations.rules.stated_rules import how_to_mend, stated_rule
from expectations.standard import MANIFEST, SEVERITIES, Rule, Standard
from orchestration.facts import Catalogue, Indicator
from orchestration.reports.records import Change, FailureGroup, FirstRow, Submission
from orchestration.reports.severities import DOES, SEVERITY

UNREADABLE = "return.file.readable"
EXCLUDED_SHARE = "return.rows.excluded_share"
# What only divides a number, and is therefore no measure's to read.
DIVIDES = {
    "people.birth_year": "age_band",
    "people.gender": "gender",
    "people.ethnic_category": "ethnic_group",
    "person_groups.person_id": "inclusion_group",
    "person_groups.inclusion_group": "inclusion_group",
}


@dataclass(frozen=True)
class Failing:
    """A group of failures with all that is said of it.

    stated: its row of rules.csv. share: of the table's rows, 0 to 1, or None where that says
    nothing. shifted: the indicators that it changes (or blocks, where it rejects the return).
    divided: the breakdowns that it changes without changing a total. follows: the table whose
    left-out rows explain it. drags: rows of other tables that are left out because of this table's.
    """

    group: FailureGroup
    stated: Rule
    mend: str
    of_rows: int | None
    share: float | None
    shifted: tuple[Indicator, ...]
    divided: tuple[str, ...]
    follows: str | None
    drags: int
    anchor: str

    @property
    def severity(self) -> str:
        return SEVERITY[self.group.severity]

    @property
    def does(self) -> str:
        return DOES[self.group.severity]

    @property
    def where(self) -> str:
        """The table and field, in words: `contact_date in contacts`."""
        table, field = self.group.table, self.group.field
        if self.stated.level == "return" and self.stated.rule.startswith("return."):
            return f"The return as a whole ({table})" if table else "The return as a whole"
        if table is None:
            return "The return as a whole"
        return f"{field} in {table}" if field else table

    @property
    def one_message(self) -> bool:
        """Whether one sentence tells of all its rows."""
        return self.group.messages == 1 and self.group.rows > 0

    @property
    def first(self) -> tuple[FirstRow, ...]:
        return self.group.first


def ranked(
    groups: Iterable[FailureGroup], sent: Submission, standard: Standard, shifts: Shifts
) -> list[Failing]:
    """The groups, worst first: by severity, causes before what follows from them, then by how many
    indicators they shift times the share of rows, then by how many rows."""
    groups = list(groups)
    follows = {id(group): _follows(group, sent, standard) for group in groups}
    drags: dict[str, int] = {}
    for group in groups:
        table = follows[id(group)]
        if table:
            drags[table] = drags.get(table, 0) + group.rows
    weighed = []
    for group in groups:
        received = sent.tables.get(group.table or "", (0, 0))[0]
        share = group.rows / received if group.rows and received else None
        shifted = shifts.by(group)
        consequence = follows[id(group)]
        weight = len(shifted) * (1.0 if share is None else share)
        # What people explain explains what follows from episodes, and is told before it.
        depth = list(standard.tables).index(consequence) if consequence else -1
        # A manifest row with an error is as good as none, and rejects the whole return.
        of_manifest = group.table == MANIFEST and bool(group.rows)
        rank = -1 if of_manifest else SEVERITIES.index(group.severity)
        place = (rank, depth, -weight, -group.count)
        weighed.append((place, group, received, share, shifted, consequence))
    weighed.sort(key=lambda one: (one[0], one[1].table or "", one[1].rule, one[1].field or ""))
    found = []
    for number, (_, group, received, share, shifted, consequence) in enumerate(weighed, 1):
        is_cause = group.severity == "error" and consequence is None
        found.append(
            Failing(
                group=group,
                stated=stated_rule(standard, group.rule),
                mend=how_to_mend(standard, group.rule, group.table, group.field),
                of_rows=received if share is not None else None,
                share=share,
                shifted=shifted,
                divided=_divided(group) if not shifted else (),
                follows=consequence,
                drags=drags.get(group.table or "", 0) if is_cause else 0,
                anchor=f"failure-{number}",
            )
        )
    return found


class Shifts:
    """Which indicators a failure changes, by what the measures of the catalogue read."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.every = tuple(catalogue.indicators.values())
        self._by_read: dict[str, tuple[Indicator, ...]] = {}
        measures = catalogue.measures
        for indicator in self.every:
            sides = [indicator.numerator, indicator.denominator]
            reads = {read for side in sides if side for read in measures[side].reads}
            for read in reads | {read.partition(".")[0] for read in reads}:
                self._by_read[read] = (*self._by_read.get(read, ()), indicator)

    def by(self, group: FailureGroup) -> tuple[Indicator, ...]:
        """The indicators that a failure changes.

        A rejected return has none of its rows in any number. A row with an error is out of every
        number that reads its table. A row that counts has its place; in doubt are the numbers that
        read the field, or the table where the whole of it is spoken of.
        """
        if group.severity == "reject":
            return self.every
        if group.table in (None, MANIFEST):
            return ()
        whole = group.severity == "error" or group.field is None
        return self._by_read.get(str(group.table) if whole else f"{group.table}.{group.field}", ())


def _divided(group: FailureGroup) -> tuple[str, ...]:
    if group.severity == "error":
        found = {DIVIDES[field] for field in DIVIDES if field.startswith(f"{group.table}.")}
    elif group.rule == "people.person_groups.present":
        found = {"inclusion_group"}
    else:
        found = {DIVIDES.get(f"{group.table}.{group.field}", "")} - {""}
    return tuple(sorted(found))


def _follows(group: FailureGroup, sent: Submission, standard: Standard) -> str | None:
    """The table that a reference leads to, where its left-out rows can explain the failure: no more
    different rows are missed than are left out there."""
    if not group.rule.endswith(".reference") or group.table not in standard.tables:
        return None
    table = standard.tables[group.table]
    if group.field is None or not table.has(group.field):
        return None
    target = str(table.field(group.field).references).partition(".")[0]
    _, excluded = sent.tables.get(target, (0, 0))
    return target if 0 < group.values <= excluded else None


def root_of_share(failing: Sequence[Failing], table: str, standard: Standard) -> Failing | None:
    """What leaves the most rows out of a table: its own errors, or those of the tables that its
    rows refer to."""
    tables, known = {table}, [table]
    for name in known:
        for field in standard.tables[name].fields:
            target = str(field.references or "").partition(".")[0]
            if target in standard.tables and target not in tables:
                tables.add(target)
                known.append(target)
    causes = [
        one
        for one in failing
        if one.group.severity == "error" and one.follows is None and one.group.table in tables
    ]
    return max(causes, key=lambda one: one.group.rows + one.drags, default=None)


@dataclass(frozen=True)
class Since:
    """What changed since the submission before, or why that cannot be told."""

    before: Submission
    same_month: bool
    changes: tuple[Change, ...]
    not_judged: tuple[Change, ...]
    cannot: str

    def counted(self, kind: str) -> int:
        """How many failures are `new`, `still` there or `mended`."""
        return sum(int(getattr(change, kind)) for change in self.changes)


def submission_before(sent: Submission, all_sent: Sequence[Submission]) -> Submission | None:
    """The one received last before it of the same month; else of the month before, the one that
    counts, or the one received last."""
    month = sent.month
    if month is None:
        return None
    # A file that names another provider was put in the wrong place, and is nobody's before.
    all_sent = [one for one in all_sent if one is sent or not one.is_anothers]
    earlier = all_sent[: all_sent.index(sent)]
    same = [one for one in earlier if one.period == sent.period]
    if same:
        return same[-1]
    if month == date.min:
        return None
    before = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    of_month = [one for one in all_sent if one.month == before]
    counting = [one for one in of_month if one.state == "in_effect"]
    return (counting or of_month)[-1] if of_month else None


def since(
    sent: Submission, before: Submission, changes: Sequence[Change], rules: set[str]
) -> Since:
    """What is new, still there and mended. `rules` are those that fail in either submission.

    Where a table came with no rows this time, what failed in it was not judged, and is not mended.
    """
    cannot = ""
    if sent.is_anothers or before.is_anothers:
        cannot = "one of the two names another provider"
    elif UNREADABLE in rules:
        cannot = "one of the two files could not be read"
    judged: list[Change] = []
    unjudged: list[Change] = []
    for change in changes:
        gone = change.table is not None and not sent.tables.get(change.table, (0, 0))[0]
        row_level = not change.rule.startswith("return.")
        (unjudged if gone and row_level and not change.now else judged).append(change)
    order = sorted(judged, key=lambda one: (-one.new, -one.still, -one.mended, one.rule))
    return Since(before, sent.period == before.period, tuple(order), tuple(unjudged), cannot)
