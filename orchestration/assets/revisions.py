"""What the release changes in figures that were published before, as an asset: before the gate."""

from dagster import AssetKey, MaterializeResult, asset

from orchestration.night import night
from orchestration.passing_faults import step
from orchestration.publish.before_the_gate import release_in_warehouse
from orchestration.publish.revisions import write_revisions

REVISIONS = AssetKey(["marts", "published_revisions"])
# It reads published_indicators and published_returns too, which the same step of dbt makes. They
# cannot be named: the gate checks them, blocks whatever comes after, and waits for this.
COMPARED = (
    AssetKey(["marts", "published_catalogue"]),
    AssetKey(["intermediate", "int_service_areas"]),
)


@asset(
    key=REVISIONS,
    deps=COMPARED,
    group_name="publish",
    kinds={"duckdb"},
    required_resource_keys={"lock"},
)
def revisions() -> MaterializeResult[None]:
    """Each figure that differs from the last release, and why."""
    settings = night().settings
    with step(settings):
        written = write_revisions(settings, release_in_warehouse(settings))
    return MaterializeResult(metadata={"revisions": written})
