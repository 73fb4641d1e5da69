"""What a report is made of, read from the warehouse: one connection, all providers.

Everything about rows is counted by the database, so that a return of a million failures costs no
more than one of ten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import TracebackType

from expectations.rules.sql import literal, literals
from expectations.rules.stated_rules import FAILURE_COLUMNS
from expectations.standard import SEVERITIES, Registry
from orchestration.transform.warehouse import read

FIRST_ROWS = 10
MONTHS_OF_NUMBERS = 24
# Of a file put into the wrong inbox nothing is shown but that it names another provider, or that
# its manifest is not usable.
OF_ANOTHERS = ("return.provider_code.inbox", "return.manifest.single")
# Of these, a table has one group for all of its columns.
OF_COLUMNS = ("return.column.known", "return.column.present")
CELL_COLUMNS = (
    "indicator_id", "period_type", "period_start", "breakdown_type", "breakdown_value",
    "numerator", "denominator", "value", "lower_ci", "upper_ci", "is_provisional",
)  # fmt: skip


@dataclass(frozen=True)
class Submission:
    """One return received. period: `YYYY-MM`, or None where it could not be told; received_at: UTC.

    state: `in_effect`, `superseded` or `rejected`. tables: (received, excluded) rows by table.
    is_anothers: it names another registered provider than the inbox it was put in. digest: of its
    failures.
    """

    judgement_id: str
    provider_code: str
    period: str | None
    submission_no: int | None
    source_name: str
    received_at: datetime
    state: str
    rows_received: int
    rows_excluded: int
    is_anothers: bool
    digest: str
    tables: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def month(self) -> date | None:
        """The first day of the month that it covers."""
        return date.fromisoformat(f"{self.period}-01") if self.period else None

    @property
    def is_accepted(self) -> bool:
        return self.state != "rejected"

    @property
    def rows_counted(self) -> int:
        return self.rows_received - self.rows_excluded

    @property
    def folder(self) -> str:
        """The name of its folder in the report."""
        number = self.submission_no if self.submission_no is not None else "x"
        return f"{self.period or 'unknown'}-{number}-{self.judgement_id}"


@dataclass(frozen=True)
class FirstRow:
    """A row that fails, as it is shown: row_number is None where the whole return fails."""

    row_number: int | None
    field: str | None
    value: str | None
    message: str


@dataclass(frozen=True)
class FailureGroup:
    """The failures of one rule, in one table and field, of one submission.

    rows: how many rows fail; values: how many different values were found; messages: how many
    different sentences tell of them, whatever value they quote; first: the first of them.
    """

    rule: str
    table: str | None
    field: str | None
    severity: str
    count: int
    rows: int
    values: int
    messages: int
    first: tuple[FirstRow, ...]


@dataclass(frozen=True)
class Change:
    """How often a rule failed in two submissions, by rule, table and field; `still` counts the
    failures that are in both."""

    rule: str
    table: str | None
    field: str | None
    before: int
    now: int
    still: int

    @property
    def new(self) -> int:
        return self.now - self.still

    @property
    def mended(self) -> int:
        return self.before - self.still


@dataclass(frozen=True)
class Cell:
    """One of the provider's own exact numbers, of everyone."""

    indicator_id: str
    period_type: str
    period_start: date
    numerator: float
    denominator: float | None
    value: float | None
    lower: float | None
    upper: float | None
    is_provisional: bool


@dataclass(frozen=True)
class ProviderRecord:
    """What is known of one provider. submissions: the oldest first; missing: the months of which no
    return came at all. values_digest: of its numbers."""

    code: str
    name: str | None
    submissions: tuple[Submission, ...]
    missing: tuple[date, ...]
    values_digest: str


class Warehouse:
    """The warehouse as reports read it; a context manager."""

    def __init__(self, path: Path) -> None:
        """Opens the warehouse at `path` read-only; raises duckdb.Error where it cannot be read."""
        self.connection = read(path)
        as_at = self.connection.execute("select as_at from intake.refresh").fetchone()
        assert as_at is not None
        self.as_at: date = as_at[0]
        self._lay_out()

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.connection.close()

    def _lay_out(self) -> None:
        self.connection.execute(
            "create temp table own_submissions as select submissions.*, "
            "case when in_effect.judgement_id is not null then 'in_effect' "
            "when submissions.is_accepted then 'superseded' else 'rejected' end as state, "
            "submissions.names_another as is_anothers "
            "from intake.submissions as submissions "
            "left join intermediate.int_returns_in_effect as in_effect using (judgement_id)"
        )
        rank = f"list_position([{literals(SEVERITIES)}], failures.severity)"
        self.connection.execute(
            f"create temp view shown_failures as select failures.*, {rank} as severity_rank "
            "from intake.failures as failures inner join own_submissions using (judgement_id) "
            f"where not own_submissions.is_anothers or failures.rule in ({literals(OF_ANOTHERS)})"
        )
        first = self.as_at.year * 12 + self.as_at.month - 1 - MONTHS_OF_NUMBERS
        months = "case period_type when 'month' then 1 when 'quarter' then 3 else 12 end"
        self.connection.execute(
            "create temp view own_values as select area_code as provider_code, "
            f"{', '.join(CELL_COLUMNS)} from marts.indicator_values where area_type = 'provider' "
            "and breakdown_type = 'all' "
            f"and year(period_start) * 12 + month(period_start) - 1 + {months} > {first}"
        )

    def providers(self, registry: Registry) -> list[ProviderRecord]:
        """Every provider of the registry, and every other inbox that something was put in."""
        tables: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
        for judgement, table, received, excluded in self.connection.execute(
            "select judgement_id, table_name, rows_received, rows_excluded from intake.table_rows"
        ).fetchall():
            tables[judgement][table] = (received, excluded)
        digests = dict(
            self.connection.execute(
                f"select judgement_id, {_digest('shown_failures')} from shown_failures "
                "group by judgement_id"
            ).fetchall()
        )
        submissions: dict[str, list[Submission]] = defaultdict(list)
        for row in self.connection.execute(
            "select judgement_id, provider_code, period, submission_no, source_name, received_at, "
            "state, rows_received, rows_excluded, is_anothers from own_submissions "
            "order by received_at, submission_no nulls first, source_name, judgement_id"
        ).fetchall():
            digest, sent_tables = digests.get(row[0], ""), tables.get(row[0], {})
            sent = Submission(*(*row, digest, sent_tables))
            submissions[row[1]].append(sent)
        missing: dict[str, list[date]] = defaultdict(list)
        for code, period in self.connection.execute(
            "select provider_code, period from marts.return_status where state = 'missing' "
            "order by period"
        ).fetchall():
            missing[code].append(date.fromisoformat(f"{period}-01"))
        values = dict(
            self.connection.execute(
                f"select provider_code, {_digest('own_values')} from own_values "
                "group by provider_code"
            ).fetchall()
        )
        names = {code: known.provider_name for code, known in registry.providers.items()}
        return [
            ProviderRecord(
                code=code,
                name=names.get(code),
                submissions=tuple(submissions.get(code, ())),
                missing=tuple(missing.get(code, ())),
                values_digest=values.get(code, ""),
            )
            for code in sorted(set(names) | set(submissions))
        ]

    def gather(self, codes: Iterable[str]) -> None:
        """Brings together what is asked of these providers by the methods below, in their order."""
        self.connection.execute("create or replace temp table wanted (provider_code varchar)")
        self.connection.execute("insert into wanted select unnest($1)", [sorted(codes)])
        # Sorted, so that what one provider has lies in one place and is found at once.
        self.connection.execute(
            "create or replace temp table own_failures as select shown_failures.* "
            "from shown_failures inner join wanted using (provider_code) "
            "order by provider_code, judgement_id, severity_rank, table_name nulls first, rule, "
            "row_number nulls first"
        )
        # Which table or column is unknown is told in the group of all that are.
        table = "if(rule = 'return.table.known', null, table_name)"
        column = f"if(rule in ({literals(OF_COLUMNS)}), null, field)"
        self.connection.execute(
            f"create or replace temp view grouped as select *, {table} as of_table, "
            f"{column} as of_field from own_failures"
        )
        self.connection.execute(
            "create or replace temp table own_values_wanted as select own_values.* "
            "from own_values inner join wanted using (provider_code) order by provider_code, "
            "period_start desc, period_type, breakdown_type, breakdown_value, indicator_id"
        )

    def groups(
        self, provider: str, judgements: Sequence[str]
    ) -> dict[str, tuple[FailureGroup, ...]]:
        """The failures of these submissions of a provider, by judgement_id."""
        wanted = [provider, list(judgements)]
        which = "provider_code = $1 and judgement_id in (select unnest($2))"
        first: dict[tuple[object, ...], list[FirstRow]] = defaultdict(list)
        for judgement, rule, table, column, *row in self.connection.execute(
            "select judgement_id, rule, of_table, of_field, row_number, field, value, message "
            f"from grouped where {which} qualify row_number() over ("
            "partition by judgement_id, rule, of_table, of_field "
            f"order by row_number nulls first, message) <= {FIRST_ROWS} "
            "order by row_number nulls first, message",
            wanted,
        ).fetchall():
            first[judgement, rule, table, column].append(FirstRow(*row))
        found: dict[str, list[FailureGroup]] = {judgement: [] for judgement in judgements}
        said = "replace(message, coalesce('\"' || value || '\"', ''), '')"
        for judgement, rule, table, column, *counted in self.connection.execute(
            "select judgement_id, rule, of_table, of_field, min(severity), count(*), "
            f"count(distinct row_number), count(distinct value), count(distinct {said}) "
            f"from grouped where {which} group by all order by all",
            wanted,
        ).fetchall():
            rows = tuple(first[judgement, rule, table, column])
            severity, count, failing, values, messages = counted
            group = FailureGroup(
                rule, table, column, severity, count, failing, values, messages, rows
            )
            found[judgement].append(group)
        return {judgement: tuple(groups) for judgement, groups in found.items()}

    def changes(
        self, provider: str, pairs: Sequence[tuple[str, str, bool]]
    ) -> dict[str, list[Change]]:
        """What changed between submissions of a provider, by the later one's judgement_id.

        A pair is (later, earlier, whether the found values are compared): between two submissions
        of one month the same wrong value is the same failure, between two months any is.
        """
        found: dict[str, list[Change]] = defaultdict(list)
        for judgement, rule, table, column, before, now, still in self.connection.execute(
            "with pairs as (select unnest($2) as later, unnest($3) as earlier, "
            "unnest($4) as by_value), "
            "own as (select * from grouped where provider_code = $1), "
            "now as (select later, rule, of_table, of_field, if(by_value, value, null) as seen, "
            "count(*) as n from own inner join pairs on judgement_id = later group by all), "
            "before as (select later, rule, of_table, of_field, if(by_value, value, null) as seen, "
            "count(*) as n from own inner join pairs on judgement_id = earlier group by all), "
            "met as (select coalesce(now.later, before.later) as later, "
            "coalesce(now.rule, before.rule) as rule, "
            "coalesce(now.of_table, before.of_table) as of_table, "
            "coalesce(now.of_field, before.of_field) as of_field, "
            "coalesce(before.n, 0) as was, coalesce(now.n, 0) as is_now from now "
            "full join before on now.later = before.later and now.rule = before.rule "
            "and now.of_table is not distinct from before.of_table "
            "and now.of_field is not distinct from before.of_field "
            "and now.seen is not distinct from before.seen) "
            "select later, rule, of_table, of_field, sum(was)::bigint, sum(is_now)::bigint, "
            "sum(least(was, is_now))::bigint from met group by all order by all",
            [provider, *(list(column) for column in zip(*pairs, strict=True))],
        ).fetchall():
            found[judgement].append(Change(rule, table, column, before, now, still))
        return found

    def cells(self, provider: str) -> list[Cell]:
        """The provider's own numbers of everyone, the latest periods first."""
        rows = self.connection.execute(
            "select indicator_id, period_type, period_start, numerator, denominator, value, "
            "lower_ci, upper_ci, is_provisional from own_values_wanted "
            "where provider_code = $1 order by period_start desc",
            [provider],
        ).fetchall()
        return [Cell(*row) for row in rows]

    def failures(self, judgement_id: str, provider: str) -> list[tuple[object, ...]]:
        """Each failure of a submission: table_name, row_number, field, rule, severity, message."""
        return self.connection.execute(
            "select table_name, row_number, field, rule, severity, message from own_failures "
            "where provider_code = $1 and judgement_id = $2",
            [provider, judgement_id],
        ).fetchall()

    def write_failures(self, provider: str, path: Path, safe: Callable[[str], str]) -> None:
        """Writes failures.csv: every failure, the worst and the latest received first.

        `safe` gives the SQL that makes a cell of text safe to open in a spreadsheet.
        """
        shown = ", ".join(
            f"own_failures.{column}"
            if column in ("submission_no", "row_number")
            else f"{safe('own_failures.' + column)} as {column}"
            for column in FAILURE_COLUMNS
        )
        self.connection.execute(
            f"copy (select {shown} from own_failures inner join own_submissions "
            f"using (judgement_id) where own_failures.provider_code = {literal(provider)} "
            "order by severity_rank, received_at desc, own_failures.table_name nulls first, rule, "
            f"row_number) to {literal(str(path))} (format csv, header true)"
        )

    def write_cells(self, provider: str, path: Path) -> None:
        """Writes own_indicators.csv: every number of the provider, as exact as it is known."""
        self.connection.execute(
            f"copy (select {', '.join(CELL_COLUMNS)} from own_values_wanted where provider_code = "
            f"{literal(provider)}) to {literal(str(path))} (format csv, header true)"
        )


def _digest(rows: str) -> str:
    """SQL for a digest of a group of rows, whatever their order."""
    return f"count(*) || '-' || sum(hash({rows})::hugeint)"
