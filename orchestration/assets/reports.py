"""The providers' own reports, as an asset: after the gate, and before the release."""

from dagster import AssetExecutionContext, AssetKey, MaterializeResult, asset

from orchestration.assets.gate import GATED
from orchestration.night import night
from orchestration.passing_faults import step

REPORTS = AssetKey("provider_reports")


@asset(
    key=REPORTS, deps=GATED, group_name="publish", kinds={"html"}, required_resource_keys={"lock"}
)
def provider_reports(context: AssetExecutionContext) -> MaterializeResult[None]:
    """For each provider a folder of its own: what failed, how to mend it, its files back."""
    tonight = night()
    with step(tonight.settings):
        written = tonight.write_reports(context.log.info)
    return MaterializeResult(metadata={"reports_written": written})
