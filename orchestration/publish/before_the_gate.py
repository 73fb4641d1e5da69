"""What the gate is shown: the finished tables as frames, and the facts it holds them against."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from duckdb import DuckDBPyConnection, DuckDBPyRelation

from expectations.rules.history_rules import rules_by_field
from expectations.rules.sql import literals, name
from expectations.rules.stated_rules import FAILURE_COLUMNS
from expectations.rules.table_judgement import table_judgement
from expectations.standard import SEVERITIES
from orchestration.facts import catalogue, load_disclosure_policy, standard
from orchestration.intake.receive import write_whole
from orchestration.private import close_to_others
from orchestration.publish import changed_rows
from orchestration.publish.data_files import published_columns
from orchestration.release_store import published_release
from orchestration.settings import LET_THROUGH, Settings
from orchestration.state import code_digest
from orchestration.transform.warehouse import read

if TYPE_CHECKING:
    from pandas import DataFrame

    from expectations.gate import GateFacts, GateTables, WholeTable

# What the gate leaves behind where it lets the tables through.
PASSED = "passed.json"
GATED_TABLES = (
    "published_indicators", "published_returns", "published_areas", "published_catalogue",
    "return_status", "validation_failures", "reconciliation",
    "published_comparisons", "published_funnels", "published_funnel_limits", "published_changes",
    "published_change_verdicts", "published_targets", "published_inequalities",
    "published_coverage", "published_narratives", "disclosure_audit",
    "published_revisions",
)  # fmt: skip
# The tables that are made from published_indicators, by their names in the gate.
DERIVED = (
    "comparisons", "funnels", "funnel_limits", "changes", "change_verdicts", "targets",
    "inequalities", "coverage", "revisions",
)  # fmt: skip
# The last release's published_indicators, by its name among the tables.
LAST_RELEASE = "previous"
# Columns of published_indicators, in whichever table they stand.
REPEATED_TEXTS = (
    "release_id", "indicator_id", "domain", "period_type", "area_type", "area_code",
    "breakdown_type", "breakdown_value", "status",
)  # fmt: skip
# What is summed up of all rows where not all are given.
SUMMED_UP = (
    changed_rows.COUNTS, changed_rows.COUNTS_THEN, changed_rows.PLACES, changed_rows.TEXTS,
)  # fmt: skip
STATES = ("in_effect", "superseded", "rejected", "missing")
RETURN_STATUS_COLUMNS = (
    "provider_code", "period", "submission_no", "state", "received_at", "source_name",
    "rows_received", "rows_excluded", "warnings",
)  # fmt: skip


def gate_tables(settings: Settings) -> GateTables:
    """The tables of the warehouse that the gate looks at, and the last release's indicators; of
    both only what is to be judged anew, where the same gate let the last release through.

    Texts that each stand in many rows come as categories, of one list for all tables: that takes
    a third of the memory, and rows of two tables are matched without comparing texts.
    """
    from expectations.gate import PREVIOUS_COLUMNS, GateTables

    with read(settings.warehouse) as connection:
        tables = {table: connection.table(f"marts.{table}") for table in GATED_TABLES}
        last = settings.public / "data" / "indicators.parquet"
        some = _lay_out_changed(settings, connection, last)
        if some:
            tables |= {table: connection.table(table) for table in SUMMED_UP}
            tables["published_indicators"] = connection.table(changed_rows.ROWS)
        if last.exists():
            then = changed_rows.ROWS_THEN
            rows = connection.table(then) if some else connection.read_parquet(str(last))
            wanted = [name(column) for column in rows.columns if column in PREVIOUS_COLUMNS]
            tables[LAST_RELEASE] = rows.select(", ".join(wanted))
        for column in REPEATED_TEXTS:
            _list_values(connection, column, tables.values())

        def frame(table: str) -> DataFrame:
            rows = tables[table]
            columns = [
                f"cast({name(column)} as {name(column)}) as {name(column)}"
                if _repeats(column, rows)
                else name(column)
                for column in rows.columns
            ]
            return rows.select(", ".join(columns)).df()

        published = frame("published_indicators")
        return GateTables(
            published_indicators=published,
            return_status=frame("return_status"),
            validation_failures=frame("validation_failures"),
            returns=frame("published_returns"),
            catalogue=frame("published_catalogue"),
            areas=frame("published_areas"),
            reconciliation=frame("reconciliation"),
            comparisons=frame("published_comparisons"),
            funnels=frame("published_funnels"),
            funnel_limits=frame("published_funnel_limits"),
            changes=frame("published_changes"),
            change_verdicts=frame("published_change_verdicts"),
            targets=frame("published_targets"),
            inequalities=frame("published_inequalities"),
            coverage=frame("published_coverage"),
            revisions=frame("published_revisions"),
            disclosure_audit=frame("disclosure_audit"),
            narratives=frame("published_narratives"),
            previous=frame(LAST_RELEASE) if LAST_RELEASE in tables else None,
            whole=_whole_table(frame, len(published)) if some else None,
        )


def _lay_out_changed(settings: Settings, connection: DuckDBPyConnection, last: Path) -> bool:
    """Lays out the rows of published_indicators that are to be judged, or says that all are.

    Fewer than all are judged only where a gate of the same code, the same facts and the same
    catalogue let through the release that is up, and its file still holds the rows that it let
    through: they keep every promise that a row can break.
    """
    note = _note(settings.public.resolve().parent / LET_THROUGH)
    up = published_release(settings)
    if up is None or note.get("release_id") != up.release_id or not last.exists():
        return False
    if note.get("judged_by") != _judged_by(connection):
        return False
    return changed_rows.can_be_compared(connection, last) and changed_rows.lay_out(
        connection, last, note.get("rows"), release_in_warehouse(settings)
    )


def _whole_table(frame: Callable[[str], DataFrame], given: int) -> WholeTable:
    from expectations.gate import WholeTable

    counts = frame(changed_rows.COUNTS)
    return WholeTable(
        counts=counts,
        counts_then=frame(changed_rows.COUNTS_THEN),
        places=frame(changed_rows.PLACES),
        texts=frame(changed_rows.TEXTS),
        let_through_before=int(counts["rows"].sum()) - given,
    )


def _repeats(column: str, rows: DuckDBPyRelation) -> bool:
    """Whether the rows have that column, and it holds texts of which each stands in many rows."""
    kinds = dict(zip(rows.columns, rows.types, strict=True))
    return column in REPEATED_TEXTS and str(kinds.get(column)) == "VARCHAR"


def _list_values(
    connection: DuckDBPyConnection, column: str, tables: Iterable[DuckDBPyRelation]
) -> None:
    """Makes the type, by the column's own name, of all values that stand in such a column."""
    having = [rows for rows in tables if _repeats(column, rows)]
    values = [
        row[0]
        for rows in having
        for row in rows.select(name(column)).distinct().fetchall()
        if row[0] is not None
    ]
    connection.execute(f"create temp type {name(column)} as enum ({literals(sorted(set(values)))})")


def as_at_in_warehouse(settings: Settings) -> date:
    """The day as at which the warehouse's tables are told."""
    with read(settings.warehouse) as connection:
        row = connection.execute("select as_at from intake.refresh").fetchone()
    if row is None:
        raise LookupError("the warehouse does not say as at which day it was filled")
    day: date = row[0]
    return day


def release_in_warehouse(settings: Settings) -> str:
    """The identifier of the release that the warehouse's tables make.

    It was fixed before anything was computed: what changes in the meantime is the next release's.
    """
    with read(settings.warehouse) as connection:
        row = connection.execute("select release_id from intake.refresh").fetchone()
    if row is None:
        raise LookupError(f"{settings.warehouse} does not say which release it holds")
    return str(row[0])


def gated_digest(settings: Settings) -> str:
    """A digest of the tables that the gate looks at, as they are in the warehouse."""
    with read(settings.warehouse) as connection:
        parts = [
            connection.execute(
                # Hashed twice: else two rows could exchange what stands in their last column.
                f"select count(*), coalesce(bit_xor(hash(hash(t))), 0) from marts.{table} as t"
            ).fetchone()
            for table in GATED_TABLES
        ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def to_be_noted(settings: Settings) -> dict[str, Any]:
    """What there is to note of the warehouse's tables, should the gate let them through. Drawn up
    before the gate looks at them: what comes into them later is not let through."""
    note: dict[str, Any] = _tables_in_warehouse(settings)
    with read(settings.warehouse) as connection:
        note["judged_by"] = _judged_by(connection)
        note["rows"] = changed_rows.digest(connection, changed_rows.TABLE)
    return note


def let_through(settings: Settings, note: dict[str, Any]) -> None:
    """Notes that the gate let these tables through, for `publish` to look for and for the next
    gate; `note` is from `to_be_noted`."""
    settings.gate.mkdir(parents=True, exist_ok=True)
    write_whole(settings.gate / PASSED, json.dumps(note))


def was_let_through(settings: Settings) -> bool:
    """Whether the gate let through just the tables that the warehouse holds now."""
    note = _note(settings.gate / PASSED)
    return bool(note) and _tables_in_warehouse(settings).items() <= note.items()


def keep_note(settings: Settings, folder: Path) -> None:
    """Puts what the gate noted beside the release that is published on it, in its folder before it
    has its name: so no note is ever beside another release than its own."""
    write_whole(folder / LET_THROUGH, json.dumps(_note(settings.gate / PASSED)))
    close_to_others(folder / LET_THROUGH)


def _note(path: Path) -> dict[str, Any]:
    """What a gate noted, or nothing where that cannot be told."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _tables_in_warehouse(settings: Settings) -> dict[str, str]:
    return {"release_id": release_in_warehouse(settings), "tables": gated_digest(settings)}


def _judged_by(connection: DuckDBPyConnection) -> dict[str, Any]:
    """What decides, beside the rows themselves and what is asked anew every night, whether a row
    of published_indicators keeps its promises: the gate's code, its facts, and the catalogue."""
    facts = {
        key: sorted(value) if isinstance(value, frozenset) else value
        for key, value in vars(gate_facts("")).items()
    }
    return {
        "code": code_digest(),
        "facts": hashlib.sha256(repr(facts).encode()).hexdigest(),
        "catalogue": changed_rows.digest(connection, "marts.published_catalogue"),
    }


def gate_facts(release_id: str) -> GateFacts:
    """The facts of the catalogue, the standard and the policy that the gate needs."""
    from expectations.gate import GateFacts

    known, facts, policy = catalogue(), standard(), load_disclosure_policy()
    columns = {
        file: tuple(column["column"] for column in listed)
        for file, listed in published_columns().items()
    }
    return GateFacts(
        release_id=release_id,
        indicator_statistics={i.indicator_id: i.statistic for i in known.indicators.values()},
        indicator_breakdowns={
            i.indicator_id: known.breakdowns_of(i) for i in known.indicators.values()
        },
        money_indicators=frozenset(
            i.indicator_id
            for i in known.indicators.values()
            if not known.measures[i.numerator].concerns_people
        ),
        measures=tuple(known.measures),
        period_types=tuple(known.period_types),
        area_types=tuple(known.area_types),
        breakdown_values=known.breakdown_values,
        statuses=tuple(known.statuses),
        states=STATES,
        severities=SEVERITIES,
        rule_severities=_rule_severities(),
        smallest_shown_count=policy.smallest_shown_count,
        rounding_base=policy.rounding_base,
        least_denominator=policy.least_denominator,
        pounds_base=policy.pounds_base,
        least_possible_counts=policy.least_possible_counts,
        published_columns=columns["indicators"],
        return_status_columns=RETURN_STATUS_COLUMNS,
        validation_failures_columns=FAILURE_COLUMNS,
        returns_columns=columns["returns"],
        derived_columns={table: columns[table] for table in DERIVED},
        derived_codes={
            "comparison": tuple(known.comparisons),
            "position": tuple(known.funnel_positions),
            "variation": tuple(known.variations),
            "verdict": tuple(known.change_verdicts),
            "reason": tuple(known.change_reasons),
            "no_verdict_reason": tuple(known.change_reasons),
            "judgement": tuple(known.judgements),
            "gap_change": tuple(known.gap_changes),
            "finding": tuple(known.coverage_findings),
            "cause": tuple(known.revision_causes),
        },
        narratives_columns=columns["narratives"],
        domains=tuple(known.domains),
        narrative_kinds=tuple(code.code for code in facts.codes["narrative_kind"]),
        narrative_longest=int(facts.tables["narratives"].field("text").maximum or 0),
        identifier_columns=frozenset(
            field.name
            for table in facts.tables.values()
            for field in table.fields
            if field.type in ("id", "link_key")
        ),
    )


def _rule_severities() -> dict[str, str]:
    """Every rule by the name it has in validation_failures, with its severity."""
    facts = standard()
    rules = {
        rule.rule: rule.severity for rule in facts.rules.values() if not rule.rule.startswith("<")
    }
    for table in facts.tables.values():
        for rule in table_judgement(table, facts).rules:
            rules[rule.rule] = rule.severity
    return dict(rules) | rules_by_field(facts)
