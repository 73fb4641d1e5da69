"""The release, as an asset: nothing is published but what passed the gate."""

from dagster import AssetKey, MaterializeResult, asset

from orchestration.assets.gate import GATED
from orchestration.assets.reports import REPORTS
from orchestration.last_refresh import note_ending
from orchestration.night import night
from orchestration.passing_faults import step
from orchestration.publish.before_the_gate import release_in_warehouse
from orchestration.publish.releases import publish

RELEASE = AssetKey("release")


@asset(
    key=RELEASE,
    # The reports come first: once the release is up, nothing is new, and they would not be made up.
    deps=[*GATED, REPORTS],
    group_name="publish",
    kinds={"html"},
    required_resource_keys={"lock"},
)
def release() -> MaterializeResult[None]:
    """The site and its data files, put up in one step."""
    tonight = night()
    with step(tonight.settings):
        published = publish(tonight.settings, release_in_warehouse(tonight.settings))
        note_ending(tonight.settings, published.release_id, "published")
    return MaterializeResult(
        metadata={
            "release_id": published.release_id,
            "releases_kept": published.releases_kept,
        }
    )
