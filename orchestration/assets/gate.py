"""The gate, as blocking asset checks: one for each suite of `expectations.gate`."""

import gc
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetCheckSpec,
    AssetKey,
    multi_asset_check,
)
from dagster import AssetCheckSeverity as Severity

from expectations.gate import check_names, run_gate
from orchestration.assets.revisions import REVISIONS
from orchestration.night import night
from orchestration.passing_faults import step
from orchestration.private import make_private
from orchestration.publish import draft
from orchestration.publish.before_the_gate import (
    gate_facts,
    gate_tables,
    let_through,
    release_in_warehouse,
    to_be_noted,
)
from orchestration.transform.unique_keys import require_looked_at

# The table that each suite speaks of; the others speak of all, and stand at what is published.
TABLE_OF_SUITE = {
    "return_status": AssetKey(["marts", "return_status"]),
    "validation_failures": AssetKey(["marts", "validation_failures"]),
    "returns": AssetKey(["marts", "published_returns"]),
    "reconciliation": AssetKey(["marts", "reconciliation"]),
    "comparisons": AssetKey(["marts", "published_comparisons"]),
    "funnels": AssetKey(["marts", "published_funnels"]),
    "funnel_limits": AssetKey(["marts", "published_funnel_limits"]),
    "changes": AssetKey(["marts", "published_changes"]),
    "change_verdicts": AssetKey(["marts", "published_change_verdicts"]),
    "targets": AssetKey(["marts", "published_targets"]),
    "inequalities": AssetKey(["marts", "published_inequalities"]),
    "coverage": AssetKey(["marts", "published_coverage"]),
    "disclosure_audit": AssetKey(["marts", "disclosure_audit"]),
    "narratives": AssetKey(["marts", "published_narratives"]),
    "revisions": REVISIONS,
}
PUBLISHED = AssetKey(["marts", "published_indicators"])
GATED = (
    PUBLISHED,
    AssetKey(["marts", "published_catalogue"]),
    AssetKey(["marts", "published_areas"]),
    *TABLE_OF_SUITE.values(),
)


@contextmanager
def _what_is_there_left_alone() -> Iterator[None]:
    """Python looks for garbage among what comes to be within, and not among all that was there.

    Great Expectations makes so many objects that it would look through every module again and
    again, a tenth of the gate's time.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@multi_asset_check(
    name="gate",
    required_resource_keys={"lock"},
    specs=[
        AssetCheckSpec(
            name=suite,
            asset=TABLE_OF_SUITE.get(suite, PUBLISHED),
            additional_deps=[key for key in GATED if key != TABLE_OF_SUITE.get(suite, PUBLISHED)],
            blocking=True,
        )
        for suite in check_names()
    ],
)
def gate(context: AssetCheckExecutionContext) -> Iterator[AssetCheckResult]:
    """May this be published? Its own report, for the operator, lies in `build/gate`."""
    tonight = night()
    report = tonight.settings.gate
    with step(tonight.settings):
        shutil.rmtree(report, ignore_errors=True)
        make_private(report)
        require_looked_at(tonight.settings)
        release_id = release_in_warehouse(tonight.settings)
        # Made meanwhile, aside: whether it is ever put up is said here.
        draft.begin(tonight.settings, release_id)
        note = to_be_noted(tonight.settings)
        with _what_is_there_left_alone():
            results = run_gate(gate_tables(tonight.settings), gate_facts(release_id), report)
        if all(result.success for result in results):
            let_through(tonight.settings, note)
        else:
            draft.drop(tonight.settings)
    for suite in check_names():
        failed = [r for r in results if r.suite == suite and not r.success]
        for result in failed:
            context.log.warning(f"{suite}: {result.expectation} Found: {result.found}")
        yield AssetCheckResult(
            check_name=suite,
            asset_key=TABLE_OF_SUITE.get(suite, PUBLISHED),
            passed=not failed,
            severity=Severity.ERROR,
            metadata={
                "expectations": sum(r.suite == suite for r in results),
                "failed": len(failed),
                "what_failed": "\n".join(f"{r.expectation} {r.found}" for r in failed) or "nothing",
            },
        )
