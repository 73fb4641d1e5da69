"""From inbox to lake, as assets."""

from collections.abc import Iterator

from dagster import AssetExecutionContext, AssetKey, MaterializeResult, asset

from orchestration.last_refresh import note_ending
from orchestration.night import night
from orchestration.operation import operation
from orchestration.passing_faults import step
from orchestration.private import keep_private
from orchestration.release_store import published_release

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
    settings = tonight.settings
    with step(settings):
        tonight.check_clock()
        keep_private(settings)
        looked_at = tonight.receive(operation().inbox_still_seconds, context.log.info)
        context.log.info(f"{looked_at} returns are new or changed")
        if tonight.is_published():
            context.log.info("nothing has changed since the last release")
        elif tonight.is_taken_back():
            context.log.info(f"{tonight.release_id} was taken back, and nothing has changed")
        else:
            in_all = len(tonight.received())
            yield MaterializeResult(
                metadata={"new_or_changed": looked_at, "received_in_all": in_all}
            )
            return
        up = published_release(settings)
        note_ending(settings, up.release_id if up else None, "nothing new")


@asset(
    key=JUDGED,
    deps=[RECEIVED],
    group_name="intake",
    kinds={"duckdb", "parquet"},
    required_resource_keys={"lock"},
)
def judged_returns(context: AssetExecutionContext) -> MaterializeResult[None]:
    """Every return judged by every rule; the rows of accepted submissions in the lake."""
    tonight = night()
    with step(tonight.settings):
        judged = tonight.judge(context.log.info)
        receipts, refused = tonight.receipts()
    accepted = [r for r in receipts if r.accepted and r.return_id not in refused]
    return MaterializeResult(
        metadata={
            "judged_tonight": judged,
            "accepted_in_all": len(accepted),
            "rejected_in_all": len(receipts) - len(accepted),
            "rows_accepted_in_all": sum(r.rows_received - r.rows_excluded for r in accepted),
        }
    )
