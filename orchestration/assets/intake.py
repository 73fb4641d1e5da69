"""From inbox to lake, as assets."""

import shutil
from collections.abc import Iterator

from dagster import AssetExecutionContext, AssetKey, MaterializeResult, asset

from orchestration.assets.night import night
from orchestration.intake.lake import (
    batches,
    judge_batch,
    load_receipts,
    promote,
    refused_for_number,
    standing_receipts,
    to_be_judged,
)

RECEIVED = AssetKey("received_returns")
JUDGED = AssetKey("judged_returns")


@asset(
    key=RECEIVED,
    group_name="intake",
    output_required=False,
    kinds={"file"},
    required_resource_keys={"lock"},
)
def received_returns(context: AssetExecutionContext) -> Iterator[MaterializeResult[None]]:
    """What lies in the inbox, kept as it came. Nothing follows where nothing has changed."""
    tonight = night()
    looked_at = tonight.receive()
    context.log.info(f"{looked_at} returns are new or changed")
    if tonight.is_published():
        context.log.info("nothing has changed since the last release")
        return
    yield MaterializeResult(
        metadata={"new_or_changed": looked_at, "received_in_all": len(tonight.received())}
    )


@asset(key=JUDGED, deps=[RECEIVED], group_name="intake", kinds={"duckdb", "parquet"})
def judged_returns(context: AssetExecutionContext) -> MaterializeResult[None]:
    """Every return judged by every rule; the rows of accepted submissions in the lake."""
    tonight = night()
    settings = tonight.settings
    shutil.rmtree(settings.aside, ignore_errors=True)
    context_digest = tonight.judging_context
    waiting = to_be_judged(
        tonight.received(),
        load_receipts(settings.ledger),
        context_digest,
        settings.as_at,
        settings.lake,
    )
    done = 0
    for batch in batches(waiting):
        judge_batch(
            batch, tonight.rules, tonight.registry, context_digest, settings.as_at,
            settings.aside, settings.ledger,
        )  # fmt: skip
        done += len(batch)
        context.log.info(f"judged {done} of {len(waiting)} returns")
    receipts = standing_receipts(tonight.received(), settings.ledger)
    refused = refused_for_number(receipts)
    promote(settings.aside, receipts, refused, settings.lake)
    accepted = [r for r in receipts if r.accepted and r.return_id not in refused]
    return MaterializeResult(
        metadata={
            "judged_tonight": len(waiting),
            "accepted_in_all": len(accepted),
            "rejected_in_all": len(receipts) - len(accepted),
            "rows_accepted_in_all": sum(r.rows_received - r.rows_excluded for r in accepted),
        }
    )
