"""Where things lie: the four settings of a refresh, and the paths of the build folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
# What all releases so far tell of each count, beside the public folder of the release that is up.
TOLD_COUNTS = "told_counts.parquet"
# What the gate noted of a release that it let through, beside it.
LET_THROUGH = "let_through.json"


class SettingsError(Exception):
    """A setting cannot be used; the message says which, what was found and what was expected."""


@dataclass(frozen=True)
class Settings:
    """The inbox, the registry, the build folder, and the day as at which everything is told."""

    returns: Path
    registry: Path
    build: Path
    as_at: date
    # Whether somebody named the day, or the clock gave it.
    is_day_given: bool = True

    @property
    def environment(self) -> dict[str, str]:
        """These settings as variables of the environment, for `settings_from_environment`."""
        return {
            "OUTCOMES_RETURNS": str(self.returns),
            "OUTCOMES_REGISTRY": str(self.registry),
            "OUTCOMES_BUILD": str(self.build),
            "OUTCOMES_AS_AT": self.as_at.isoformat(),
        }

    @property
    def received(self) -> Path:
        """Returns as they were received, one folder each."""
        return self.build / "received"

    @property
    def ledger(self) -> Path:
        """What was found out about each return: receipts and failures."""
        return self.build / "ledger"

    @property
    def lake(self) -> Path:
        """Typed rows of accepted submissions, as Parquet."""
        return self.build / "lake"

    @property
    def warehouse(self) -> Path:
        """The dbt project's database."""
        return self.build / "warehouse.duckdb"

    @property
    def inputs(self) -> Path:
        """What the warehouse's tables are made of: which returns, and a copy of the registry."""
        return self.build / "inputs"

    @property
    def releases(self) -> Path:
        """Whole releases of the site."""
        return self.build / "releases"

    @property
    def public(self) -> Path:
        """The published site: a link to one release."""
        return self.build / "public"

    @property
    def provider_access(self) -> Path:
        """The accounts by which providers read their reports: names and hashes, for nginx."""
        return self.build / "provider-access"

    @property
    def drawings(self) -> Path:
        """The charts of the last release as they were drawn."""
        return self.build / "drawings.json"

    @property
    def gate(self) -> Path:
        """The gate's own report."""
        return self.build / "gate"

    @property
    def damaged(self) -> Path:
        """What was found damaged and set aside, for the operator to look at."""
        return self.build / "damaged"

    @property
    def errors(self) -> Path:
        """Errors that were not foreseen, as a whole: they can quote rows."""
        return self.build / "errors"

    @property
    def last_refresh(self) -> Path:
        """When the last refresh ended well."""
        return self.build / "last_refresh.json"

    @property
    def audit(self) -> Path:
        """What the last audit of hidden counts answered, so that only what changed is audited."""
        return self.build / "audit"

    @property
    def aside(self) -> Path:
        """Work that is not finished, and may be removed at any time."""
        return self.build / "aside"


def settings_from_environment() -> Settings:
    """The settings as `OUTCOMES_RETURNS`, `_REGISTRY`, `_BUILD` and `_AS_AT` give them.

    Raises SettingsError where OUTCOMES_AS_AT is no day.
    """
    as_at = os.environ.get("OUTCOMES_AS_AT")
    try:
        day = date.fromisoformat(as_at) if as_at else date.today()
    except ValueError:
        raise SettingsError(
            f"OUTCOMES_AS_AT is {as_at!r}, expected a day written YYYY-MM-DD"
        ) from None
    return Settings(
        returns=Path(os.environ.get("OUTCOMES_RETURNS", "returns")).absolute(),
        registry=Path(os.environ.get("OUTCOMES_REGISTRY", "registry")).absolute(),
        build=Path(os.environ.get("OUTCOMES_BUILD", "build")).absolute(),
        as_at=day,
        is_day_given=bool(as_at),
    )
