"""Judging: returns as received in, failures and typed rows out.

The rules are in `expectations.rules`; here they are run, over a batch of returns at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import duckdb

from expectations.rules.return_rules import (
    Failure,
    Manifest,
    SentTable,
    failure,
    identity_failures,
    manifest_failures,
    month_end,
    provider_of,
    shape_failures,
    share_failures,
)
from expectations.rules.sql import name
from expectations.rules.table_judgement import TableJudgement, table_judgement
from expectations.standard import MANIFEST, Provider, Registry, Standard
from orchestration.facts import EXAMPLE_RETURN
from orchestration.intake.load import load_text_tables
from orchestration.intake.read import read_return
from orchestration.intake.text_tables import TextTable, Unreadable
from orchestration.rows import insert_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class ReturnToJudge:
    """A return, where it lies, and the inbox that it was put in; None where it is in none yet."""

    path: Path
    inbox: str | None


_NONE: Mapping[int, str] = MappingProxyType({})
EXAMPLE = ReturnToJudge(EXAMPLE_RETURN, None)


@dataclass
class Judgement:
    """What was found out about one return.

    provider_code is the inbox's, as the registry spells it; period and submission_no are None where
    they could not be told. names_another: whether its manifest, whatever else is wrong with it,
    names another registered provider. `rows` gives (received, excluded) by table. `identified`: the
    manifest is usable, and names this provider. Failures of rows are in the batch's table
    `failures`.
    """

    return_no: int
    provider_code: str
    period: date | None = None
    submission_no: int | None = None
    identified: bool = False
    names_another: bool = False
    failures: list[Failure] = field(default_factory=list)
    rows: dict[str, tuple[int, int]] = field(default_factory=dict)
    warnings: int = 0
    rejected: bool = False


def judge(
    connection: DuckDBPyConnection,
    returns: Sequence[ReturnToJudge],
    rules: CompiledRules,
    registry: Registry,
    as_at: date,
    aside: Path,
    unreadable: Mapping[int, str] = _NONE,
    note: Callable[[int | None], None] = lambda _: None,
) -> list[Judgement]:
    """Judges `returns` together, each as if alone; return_no is a return's place among them.

    Leaves in `connection`, for every table of the standard, judged_<table> (see `table_judgement`),
    columns_sent (return_no, table_name, field), and the table `failures`: return_no, table_name,
    row_number, field, rule, severity, value, message. A return that cannot be opened has one
    failure, and no rows. So has one that cannot be judged, in a way not met before: it costs the
    others nothing. Those that are `unreadable` are not opened, and told to be so for that reason.
    `note` is told of each return before it is read, and None once all are. Raises what was raised
    where the example return cannot be judged either.
    """
    try:
        return _judge(connection, returns, unreadable, rules, registry, as_at, aside, note)
    except Exception:

        def problem(numbers: Sequence[int]) -> str | None:
            """What is raised by these returns, judged without the others."""
            note(None)
            return _problem(
                connection, [returns[number] for number in numbers], rules, registry, as_at, aside
            )

        if _problem(connection, [EXAMPLE], rules, registry, as_at, aside):
            raise
        read = [number for number in range(len(returns)) if number not in unreadable]
        damaged = {
            number: f"it is damaged in a way not met before ({error})"
            for number, error in _damaged(read, problem).items()
        }
        if not damaged:
            raise
        told = {**unreadable, **damaged}
        return _judge(connection, returns, told, rules, registry, as_at, aside, note)


def _problem(
    connection: DuckDBPyConnection,
    returns: Sequence[ReturnToJudge],
    rules: CompiledRules,
    registry: Registry,
    as_at: date,
    aside: Path,
) -> str | None:
    """What is raised where these returns are judged in a database of their own, which may take as
    much as the one that they were judged in."""
    bounds = connection.execute(
        "select name, value from duckdb_settings() "
        "where name in ('memory_limit', 'threads', 'temp_directory') and value is not null"
    ).fetchall()
    config = dict(bounds)
    try:
        with duckdb.connect(config=config) as alone:
            _judge(alone, returns, _NONE, rules, registry, as_at, aside, lambda _: None)
    except Exception as error:
        return type(error).__name__
    return None


def _damaged(
    numbers: Sequence[int], problem: Callable[[Sequence[int]], str | None]
) -> dict[int, str]:
    """Which of the returns cannot be judged, and what is raised, found by halves: one bad return
    among hundreds costs some two judgings of them all."""
    error = problem(numbers) if numbers else None
    if error is None:
        return {}
    if len(numbers) == 1:
        return {numbers[0]: error}
    middle = len(numbers) // 2
    return _damaged(numbers[:middle], problem) | _damaged(numbers[middle:], problem)


def _judge(
    connection: DuckDBPyConnection,
    returns: Sequence[ReturnToJudge],
    unreadable: Mapping[int, str],
    rules: CompiledRules,
    registry: Registry,
    as_at: date,
    aside: Path,
    note: Callable[[int | None], None],
) -> list[Judgement]:
    """As `judge`, but that it raises whatever is met."""
    standard = rules.standard
    judgements: list[Judgement] = []
    sent: list[tuple[int, TextTable]] = []
    for return_no, received in enumerate(returns):
        provider = provider_of(registry, received.inbox)
        code = provider.provider_code if provider else received.inbox or ""
        judgement = Judgement(return_no, code)
        judgements.append(judgement)
        try:
            if return_no in unreadable:
                raise Unreadable(unreadable[return_no])
            note(return_no)
            tables = read_return(received.path, standard)
        except Unreadable as reason:
            judgement.failures.append(failure(standard, "return.file.readable", found=str(reason)))
            continue
        sent += [(return_no, table) for table in tables]
    note(None)
    aside.mkdir(parents=True, exist_ok=True)
    # There is no file to keep in step; tidying up in between would cost a sixth of the judging.
    connection.execute("set checkpoint_threshold = '1TB'")
    load_text_tables(connection, standard, sent, aside)
    # The text is in the database now; it need not be in memory twice.
    sent = [(return_no, replace(table, body=b"")) for return_no, table in sent]
    _register_services(connection, registry)
    connection.execute(_EMPTY_FAILURES)

    by_return: dict[int, list[SentTable]] = {}
    for return_no, table in sent:
        by_return.setdefault(return_no, []).append(_as_sent(table))
    _note_columns(connection, standard, by_return)
    _hold(connection, [(j.return_no, None, None, False, False, False) for j in judgements])
    connection.execute(rules.tables[MANIFEST].judge)
    inboxes = [received.inbox for received in returns]
    _judge_identity(connection, judgements, inboxes, by_return, standard, registry, as_at)
    others = [judged for table, judged in rules.tables.items() if table != MANIFEST]
    for judged in others:
        has_rows = _has_rows(connection, f"text_{judged.table.name}")
        connection.execute(judged.judge if has_rows else judged.without_rows)
    for judged in rules.tables.values():
        for comparison in judged.compare:
            connection.execute(comparison)
        # Mostly there is nothing to tell of a table, and planning how to takes as long as judging.
        if _has_rows(connection, f"judged_{judged.table.name}", "failed <> 0"):
            connection.execute(f"insert into failures {judged.failures}")
    _count_rows(connection, judgements, standard)
    for judgement in judgements:
        if judgement.return_no in by_return:
            judgement.failures += share_failures(standard, judgement.rows)
    _tell_failures(connection, judgements)
    return judgements


def _has_rows(connection: DuckDBPyConnection, table: str, condition: str = "true") -> bool:
    query = f"select 1 from {name(table)} where {condition} limit 1"
    return connection.execute(query).fetchone() is not None


_EMPTY_FAILURES = """
create or replace table failures (
    return_no integer, table_name varchar, row_number bigint, field varchar, rule varchar,
    severity varchar, value varchar, message varchar
)
"""


@dataclass(frozen=True)
class CompiledRules:
    """The standard, and the SQL that judges each of its tables, in the order of judging."""

    standard: Standard
    tables: dict[str, TableJudgement]


def compile_rules(standard: Standard) -> CompiledRules:
    """The standard's rules as SQL: done once, for any number of returns."""
    tables = {
        table: table_judgement(standard.tables[table], standard) for table in _order(standard)
    }
    return CompiledRules(standard, tables)


def _order(standard: Standard) -> tuple[str, ...]:
    """The manifest, then people, then what refers to people, then what refers to episodes."""
    first = (MANIFEST, "people", "person_groups", "episodes")
    return first + tuple(table for table in standard.tables if table not in first)


def _as_sent(table: TextTable) -> SentTable:
    columns = tuple(zip(table.columns, table.header, strict=True))
    return SentTable(table.name, table.source, columns, table.header_place)


def _register_services(connection: DuckDBPyConnection, registry: Registry) -> None:
    connection.execute(
        "create or replace table registered_services (service_code varchar, lower_code varchar, "
        "provider_code varchar, open_from date, open_to date)"
    )
    rows = [
        (s.service_code, s.service_code.lower(), s.provider_code, s.open_from, s.open_to)
        for s in registry.services.values()
    ]
    insert_rows(connection, "registered_services", rows)


def _note_columns(
    connection: DuckDBPyConnection, standard: Standard, sent: dict[int, list[SentTable]]
) -> None:
    """Makes columns_sent: which of the standard's columns each return has."""
    connection.execute(
        "create or replace table columns_sent "
        "(return_no integer, table_name varchar, field varchar)"
    )
    rows = [
        (return_no, table.name, column)
        for return_no, tables in sent.items()
        for table in tables
        if table.name in standard.tables
        for column in dict.fromkeys(column for column, _ in table.columns)
        if standard.tables[table.name].has(column)
    ]
    insert_rows(connection, "columns_sent", rows)


def _hold(
    connection: DuckDBPyConnection,
    returns: Iterable[tuple[int, str | None, date | None, bool, bool, bool]],
) -> None:
    """Makes returns_in_hand, one row a return: (return_no, provider, month, and whether there are
    identifiable people, episodes and groups)."""
    connection.execute(
        "create or replace table returns_in_hand (return_no integer, submitting_provider varchar, "
        "month_start date, month_end date, has_people boolean, has_episodes boolean, "
        "has_groups boolean)"
    )
    rows = [
        (number, provider, month, month_end(month) if month else None, *there)
        for number, provider, month, *there in returns
    ]
    insert_rows(connection, "returns_in_hand", rows)


def _judge_identity(
    connection: DuckDBPyConnection,
    judgements: list[Judgement],
    inboxes: Sequence[str | None],
    sent: dict[int, list[SentTable]],
    standard: Standard,
    registry: Registry,
    as_at: date,
) -> None:
    """Tells whose return, of which month, each is, by its manifest, and what is missing from it."""
    manifests: dict[int, list[tuple[object, ...]]] = {}
    for row in connection.execute(
        "select return_no, is_excluded, provider_code, period, submission_no, standard_version "
        "from judged_return order by return_no, row_number"
    ).fetchall():
        manifests.setdefault(row[0], []).append(row[1:])
    in_hand = []
    for judgement in judgements:
        tables = sent.get(judgement.return_no)
        if tables is None:
            continue
        judgement.failures += shape_failures(standard, tables)
        rows = manifests.get(judgement.return_no, [])
        judgement.failures += manifest_failures(
            standard, len(rows), sum(bool(row[0]) for row in rows)
        )
        inbox = inboxes[judgement.return_no]
        # In no inbox, and with a manifest that does not tell, it is nobody's; and no rule asks.
        submitting = judgement.provider_code if inbox is not None else None
        judgement.names_another = any(
            _is_another(provider_of(registry, row[1]), inbox)  # type: ignore[arg-type]
            for row in rows
        )
        if len(rows) == 1 and not rows[0][0]:
            # A manifest row with an error is as good as none.
            manifest = Manifest(*rows[0][1:])  # type: ignore[arg-type]
            judgement.period = manifest.period
            judgement.submission_no = manifest.submission_no
            judgement.failures += identity_failures(standard, registry, manifest, inbox, as_at)
            named = provider_of(registry, manifest.provider_code)
            submitting = named.provider_code if named else submitting
            code = (manifest.provider_code or "").lower()
            judgement.identified = code == judgement.provider_code.lower()
        columns = {table.name: {column for column, _ in table.columns} for table in tables}
        in_hand.append(
            (
                judgement.return_no,
                submitting,
                judgement.period,
                "person_id" in columns.get("people", set()),
                "episode_id" in columns.get("episodes", set()),
                {"person_id", "inclusion_group"} <= columns.get("person_groups", set()),
            )
        )
    _hold(connection, in_hand)


def _is_another(named: Provider | None, inbox: str | None) -> bool:
    return named is not None and inbox is not None and named.provider_code.lower() != inbox.lower()


def _count_rows(
    connection: DuckDBPyConnection, judgements: list[Judgement], standard: Standard
) -> None:
    counts = " union all ".join(
        f"select '{table}' as table_name, return_no, count(*) as received, "
        f"count(*) filter (is_excluded) as excluded from {name('judged_' + table)} "
        "group by return_no"
        for table in standard.tables
    )
    for table, return_no, received, excluded in connection.execute(counts).fetchall():
        judgements[return_no].rows[table] = (received, excluded)


def _tell_failures(connection: DuckDBPyConnection, judgements: list[Judgement]) -> None:
    """Adds the failures of whole returns to the table, and counts what was found of each."""
    rows = [
        (j.return_no, f.table_name, f.row_number, f.field, f.rule, f.severity, f.value, f.message)
        for j in judgements
        for f in j.failures
    ]
    insert_rows(connection, "failures", rows)
    for return_no, warnings, rejects in connection.execute(
        "select return_no, count(*) filter (severity = 'warning'), "
        "count(*) filter (severity = 'reject') from failures group by return_no"
    ).fetchall():
        judgements[return_no].warnings = warnings
        judgements[return_no].rejected = rejects > 0
