"""Warnings for the operator, as asset checks that block nothing: is the site up to date, and have
the returns come?"""

from dagster import AssetCheckKey, AssetCheckResult, AssetCheckSeverity, asset_check

from orchestration.assets.publish import RELEASE
from orchestration.freshness import overdue_returns, stale_site
from orchestration.night import night
from orchestration.operation import operation
from orchestration.passing_faults import step

WATCHED = (
    AssetCheckKey(RELEASE, "site_is_fresh"),
    AssetCheckKey(RELEASE, "returns_have_come"),
)


@asset_check(asset=RELEASE, name="site_is_fresh")
def site_is_fresh() -> AssetCheckResult:
    """The last refresh that ended well is not too long ago."""
    said = stale_site(night().settings, operation())
    return AssetCheckResult(
        passed=said is None,
        severity=AssetCheckSeverity.WARN,
        metadata={"what": said or "up to date"},
    )


@asset_check(asset=RELEASE, name="returns_have_come")
def returns_have_come() -> AssetCheckResult:
    """No provider's return is overdue."""
    settings = night().settings
    with step(settings):
        overdue = overdue_returns(settings, operation())
    return AssetCheckResult(
        passed=not overdue,
        severity=AssetCheckSeverity.WARN,
        metadata={
            "overdue": len(overdue),
            "which": ", ".join(f"{provider} {month}" for provider, month in overdue) or "none",
        },
    )
