"""`outcomes check`: one return judged as the refresh would judge it, before it is sent.

Nothing is written but what is printed, and nothing heavy is imported: a provider's laptop has the
answer in a second or two. What only the commissioner can know, the returns of the months before and
the files received already, cannot be judged here, and the answer says so.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from expectations.rules.history_rules import HISTORY_RULES
from expectations.rules.return_rules import Failure, month_name
from expectations.standard import MANIFEST, SEVERITIES, Registry, Standard
from orchestration.intake.judge import Judgement, ReturnToJudge, compile_rules, judge

NUMBER_TAKEN = "return.submission_no.new"
INBOX = "return.provider_code.inbox"


@dataclass(frozen=True)
class RuleFailures:
    """One rule that failed, for one table and field, with how many failures there are."""

    rule: str
    severity: str
    table_name: str | None
    field: str | None
    failures: tuple[Failure, ...]
    count: int


@dataclass(frozen=True)
class Checked:
    """What the refresh would find. `rows` gives (received, excluded) by table; `groups` are the
    failures by rule, worst first; `not_judged`, the rules that need more than this one return."""

    source_name: str
    accepted: bool
    provider_code: str | None
    period: str | None
    submission_no: int | None
    rows: dict[str, tuple[int, int]]
    groups: tuple[RuleFailures, ...]
    not_judged: tuple[str, ...]

    @property
    def failures(self) -> list[Failure]:
        """Every failure, worst first."""
        return [failure for group in self.groups for failure in group.failures]


def check(
    path: Path, provider: str | None, standard: Standard, registry: Registry, as_at: date
) -> Checked:
    """Judges the return at `path` as if it lay in the inbox of `provider`.

    Without `provider`, the inbox is taken to be the right one. A return that cannot be opened is no
    error here but a judgement: `return.file.readable`.
    """
    with (
        duckdb.connect() as connection,
        tempfile.TemporaryDirectory(prefix="outcomes-check-") as aside,
    ):
        (judgement,) = judge(
            connection,
            [ReturnToJudge(path, provider)],
            compile_rules(standard),
            registry,
            as_at,
            Path(aside),
        )
        named = connection.execute(
            "select any_value(provider_code) from judged_return having count(*) = 1"
        ).fetchone()
        groups = _groups(connection)
    not_judged = [NUMBER_TAKEN, *HISTORY_RULES]
    if provider is None:
        not_judged.insert(0, INBOX)
    return Checked(
        source_name=path.resolve().name,
        accepted=not any(group.severity == "reject" for group in groups),
        provider_code=judgement.provider_code or (named[0] if named else None),
        period=month_name(judgement.period) if judgement.period else None,
        submission_no=judgement.submission_no,
        rows=_rows(judgement, standard),
        groups=groups,
        not_judged=tuple(not_judged),
    )


def _rows(judgement: Judgement, standard: Standard) -> dict[str, tuple[int, int]]:
    return {table: judgement.rows[table] for table in standard.tables if table in judgement.rows}


def _groups(connection: duckdb.DuckDBPyConnection) -> tuple[RuleFailures, ...]:
    """The failures by rule, table and field: the worst severity first, then what may be the cause
    of others, then the most frequent. A manifest row with an error rejects the whole return."""
    order = list(SEVERITIES)
    rows = connection.execute(
        "select rule, severity, table_name, field, row_number, value, message from failures "
        # What follows from another row's error comes after the errors that it may follow from.
        f"order by if(table_name = '{MANIFEST}' and row_number is not null, 0, "
        f"list_position({order}, severity)), ends_with(rule, '.reference'), "
        "count(*) over (partition by rule, table_name, field) desc, rule, table_name, field, "
        "row_number, value"
    ).fetchall()
    by_rule: dict[tuple[str, str, str | None, str | None], list[Failure]] = {}
    for rule, severity, table, field, row_number, value, message in rows:
        by_rule.setdefault((rule, severity, table, field), []).append(
            Failure(rule, severity, message, table, row_number, field, value)
        )
    return tuple(RuleFailures(*key, tuple(found), len(found)) for key, found in by_rule.items())
