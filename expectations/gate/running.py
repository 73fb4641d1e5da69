"""Asks Great Expectations: one suite or the whole gate, with the operator's report.

Great Expectations is imported only here, and only once a suite runs: it takes seconds to load.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pandas import DataFrame

from expectations.gate import report
from expectations.gate.checks import EXACT_COLUMNS, Check, Suite
from expectations.gate.interface import CheckResult, GateError, GateFacts, GateTables
from expectations.gate.suites import SUITES

if TYPE_CHECKING:
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.data_context.data_context.abstract_data_context import (
        AbstractDataContext,
    )

# Counts of what is unexpected, and not one of the values: the tables may say things of people.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
NAMED_AT_MOST = 5
NO_LABEL = "none"
LET_THROUGH = "are as they were let through"
UNJUDGED = "not judged: {table} does not have the columns it takes"


@dataclass(frozen=True)
class Asker:
    """Great Expectations, made ready: its context, and whatever whole frame it is given."""

    context: AbstractDataContext
    batch: BatchDefinition[Any]


def check_names() -> tuple[str, ...]:
    """The suites' names, in the order in which the gate runs them."""
    return tuple(suite.name for suite in SUITES)


def sentences(name: str, facts: GateFacts) -> tuple[str, ...]:
    """The expectations of one suite, in words; raises KeyError where there is no such suite."""
    return tuple(check.sentence for check in _all_checks(_suite(name), facts))


def run_suite(
    name: str, tables: GateTables, facts: GateFacts, docs: Path | None = None
) -> list[CheckResult]:
    """Judges one suite and gives one result for each of its expectations, in order.

    Writes its report to the folder `docs/<name>/`, if `docs` is given. Raises KeyError where there
    is no such suite, GateError where a check could not be carried out.
    """
    suite = _suite(name)
    return _run([suite], tables, facts, docs / name if docs else None)


def run_gate(tables: GateTables, facts: GateFacts, docs_folder: Path) -> list[CheckResult]:
    """Judges every suite and writes one report of all of them to `docs_folder`.

    An earlier report in that folder is taken away first, so that none is ever read as this one's.
    Raises GateError where a check could not be carried out; then there is no report.
    """
    return _run(SUITES, tables, facts, docs_folder)


def _suite(name: str) -> Suite:
    return {suite.name: suite for suite in SUITES}[name]


def _all_checks(suite: Suite, facts: GateFacts) -> list[Check]:
    own = suite.column_check(facts)
    return [*([own] if own else []), *suite.checks(facts)]


def _run(
    suites: Iterable[Suite], tables: GateTables, facts: GateFacts, docs_folder: Path | None
) -> list[CheckResult]:
    if docs_folder is not None:
        report.clear(docs_folder)
    context = _context(docs_folder)
    asker = Asker(context, _whole_frames(context))
    results = [result for suite in suites for result in _run_one(asker, suite, tables, facts)]
    if docs_folder is not None:
        context.build_data_docs()
        report.finish(docs_folder, results, facts.release_id, _how_much(tables))
    return results


def _how_much(tables: GateTables) -> str:
    """How much of published_indicators was judged, in a sentence."""
    given = len(tables.published_indicators)
    if tables.whole is None:
        return f"All {given:,} rows of published_indicators were judged."
    return (
        f"Of published_indicators {given:,} rows were judged; "
        f"{tables.whole.let_through_before:,} more {LET_THROUGH} in the last release."
    )


def _run_one(asker: Asker, suite: Suite, tables: GateTables, facts: GateFacts) -> list[CheckResult]:
    """One suite's results. A table without the columns it should have is bad data, not a broken
    check: what cannot be judged for it is refused, and says so."""
    reason = suite.nothing_to_judge(tables)
    if reason:
        return [
            CheckResult(suite.name, each.sentence, True, reason)
            for each in _all_checks(suite, facts)
        ]
    found: list[CheckResult] = []
    own = suite.column_check(facts)
    if own and suite.table:
        # The columns alone: there is no need to read the rows twice.
        header = {own.frame: getattr(tables, suite.table).head(0)}
        found += _judge(asker, suite, [own], header, facts, let_through=0)
    unfit = _unfit(suite, tables, facts)
    if unfit:
        return found + [
            CheckResult(suite.name, each.sentence, False, UNJUDGED.format(table=unfit))
            for each in suite.checks(facts)
        ]
    try:
        frames = suite.frames(tables, facts)
    except Exception as error:
        raise GateError(f"{suite.name}: the tables could not be laid out") from error
    let_through = tables.whole.let_through_before if tables.whole else 0
    return found + _judge(asker, suite, suite.checks(facts), frames, facts, let_through)


def _unfit(suite: Suite, tables: GateTables, facts: GateFacts) -> str | None:
    """The first table that lacks a column that the suite cannot do without, or has one twice."""
    needs = dict(suite.needs)
    if suite.table:
        needs[suite.table] = suite.columns(facts)
    for table, columns in needs.items():
        there = getattr(tables, table).columns
        if not there.is_unique or not set(columns) <= set(there):
            return table
    return None


def _context(docs_folder: Path | None) -> AbstractDataContext:
    """A context that lives in memory, sends nothing anywhere and draws no progress bars."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    return gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(),
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
            data_docs_sites=report.site(docs_folder) if docs_folder else {},
        ),
    )


def _whole_frames(context: AbstractDataContext) -> BatchDefinition[Any]:
    """Whole frames, each of which is handed over when it is looked at. One definition for all,
    since Great Expectations writes its whole configuration anew with each that is added."""
    name = "tables"
    source = context.data_sources.add_pandas(name)
    return source.add_dataframe_asset(name).add_batch_definition_whole_dataframe(name)


def _judge(
    asker: Asker,
    suite: Suite,
    checks: list[Check],
    frames: dict[str, DataFrame],
    facts: GateFacts,
    let_through: int,
) -> list[CheckResult]:
    """The results of the checks, in their order. All checks of one frame are asked at once, since
    they share most of what has to be computed. `let_through` rows are not given."""
    found: dict[str, CheckResult] = {}
    for name in dict.fromkeys(check.frame for check in checks):
        mine = [check for check in checks if check.frame == name]
        title = suite.name if name == suite.name else f"{suite.name}_{name}"
        for check, result in _ask(asker, title, mine, frames[name], facts.release_id):
            found[check.sentence] = CheckResult(
                suite=suite.name,
                expectation=check.sentence,
                success=bool(result.success),
                found=_found(check, bool(result.success), result.result, frames[name])
                + _let_through(let_through if name in suite.frames_of_rows else 0),
            )
    return [found[check.sentence] for check in checks]


def _ask(
    asker: Asker,
    title: str,
    checks: list[Check],
    frame: DataFrame,
    release_id: str,
) -> list[tuple[Check, Any]]:
    """Each check with Great Expectations' result; raises GateError where one broke down."""
    import great_expectations as gx
    from great_expectations.core.run_identifier import RunIdentifier

    expected = gx.ExpectationSuite(title, expectations=[_expectation(check) for check in checks])
    validation = asker.context.validation_definitions.add(
        gx.ValidationDefinition(
            name=title, data=asker.batch, suite=asker.context.suites.add(expected)
        )
    )
    if not any(check.expectation == EXACT_COLUMNS for check in checks):
        # What no check looks at would only be carried along.
        needed = {column for check in checks for column in check.columns}
        frame = frame[[column for column in frame.columns if column in needed]]
    answer = validation.run(
        batch_parameters={"dataframe": frame},
        result_format=RESULT_FORMAT,
        run_id=RunIdentifier(run_name=release_id, run_time=datetime.now(UTC)),
    )
    # The answers come back in an order of their own.
    by_sentence = {
        each.expectation_config.description: each
        for each in answer.results
        if each.expectation_config
    }
    for check in checks:
        _raise_if_broken(title, check, by_sentence[check.sentence])
    return [(check, by_sentence[check.sentence]) for check in checks]


def _expectation(check: Check) -> Any:
    """The Great Expectations expectation of a check, with its sentence as the description."""
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    given = dict(check.arguments)
    if check.where:
        column, relation, value = check.where
        given["row_condition"] = (
            Column(column) == value if relation == "==" else Column(column) != value
        )
    return getattr(gxe, check.expectation)(description=check.sentence, **given)


def _raise_if_broken(title: str, check: Check, result: Any) -> None:
    """Great Expectations answers an error inside an expectation with `success = False`, as if the
    data were bad. An error of one may come back with others that share a computation with it."""
    info = result.exception_info or {}
    reports = [info] if "raised_exception" in info else list(info.values())
    broken = [each for each in reports if each.get("raised_exception")]
    if broken:
        raise GateError(
            f"{title}: could not judge '{check.sentence}': "
            f"{_where_and_what(broken[0].get('exception_traceback') or '')}"
        )


def _where_and_what(traceback: str) -> str:
    """The kind of the first of a chain of errors, and the line it arose on. Not its message, which
    may quote a cell."""
    first = re.split(r"^The above exception was|^During handling of", traceback, flags=re.MULTILINE)
    kinds = re.findall(r"^([A-Za-z_][\w.]*(?:Error|Exception))\b", first[0], re.MULTILINE)
    lines = re.findall(r'^\s*File "([^"]+)", line (\d+)', first[0], re.MULTILINE)
    kind = kinds[-1] if kinds else "an error"
    return f"{kind} at {lines[-1][0]}, line {lines[-1][1]}" if lines else kind


def _found(check: Check, success: bool, result: dict[str, Any], frame: DataFrame) -> str:
    """What was found, in a few words: counts, and labels where the check allows them."""
    if check.expectation == EXACT_COLUMNS:
        return _found_columns(check.arguments["column_list"], list(frame.columns))
    if "unexpected_count" not in result:
        return f"{result['observed_value']:,} {check.counted}"
    total, broken = result["element_count"], result["unexpected_count"]
    if success:
        return f"all of {total:,} {check.counted}" if total else f"no {check.counted}"
    return f"{broken:,} of {total:,} {check.counted}{_named(check, frame)}"


def _let_through(number: int) -> str:
    """That so many more rows were let through before, where there are any."""
    return f"; {number:,} more {LET_THROUGH}" if number else ""


def _named(check: Check, frame: DataFrame) -> str:
    """The first few labels of what broke the check, where it allows any to be told."""
    if check.naming is None:
        return ""
    broken = frame.loc[frame[check.arguments["column"]], check.naming]
    names = list(dict.fromkeys(broken.dropna().astype(str)))
    # What should have a label, and has none, is broken too.
    names += [NO_LABEL] if broken.isna().any() else []
    more = ", ..." if len(names) > NAMED_AT_MOST else ""
    return f" ({', '.join(names[:NAMED_AT_MOST])}{more})"


def _found_columns(expected: list[str], there: list[str]) -> str:
    missing = [column for column in expected if column not in there]
    extra = len([column for column in there if column not in expected])
    if missing or extra or len(there) != len(expected):
        named = f" ({', '.join(missing)})" if missing else ""
        return f"{len(there)} columns: {len(missing)} missing{named}, {extra} not expected"
    return f"{len(there)} columns" + ("" if there == expected else " in another order")
