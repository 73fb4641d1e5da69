"""A warehouse for tests: from a folder of returns to dbt's marts, as the nightly refresh makes it,
without Dagster, gate or site."""

from __future__ import annotations

import os
import subprocess
from datetime import date
from pathlib import Path

from orchestration.night import Night
from orchestration.publish.revisions import write_revisions
from orchestration.settings import Settings
from orchestration.transform.dbt import DBT, dbt_environment


def build_warehouse(returns: Path, registry: Path, build: Path, as_at: date) -> Path:
    """The warehouse of the returns in `returns`/<provider_code>/, with every model built and every
    data test passed; gives the path of the DuckDB file."""
    settings = lay_out_sources(returns, registry, build, as_at)
    run_dbt(settings, "build", "--exclude", "resource_type:unit_test")
    return settings.warehouse


def build_empty_warehouse(registry: Path, build: Path, as_at: date) -> Settings:
    """A warehouse of no returns, whose every relation is there and has no rows, seeds excepted."""
    returns = build / "returns"
    returns.mkdir(parents=True)
    settings = lay_out_sources(returns, registry, build, as_at)
    run_dbt(settings, "build", "--empty", "--exclude", "resource_type:test resource_type:unit_test")
    write_revisions(settings, "empty")
    return settings


def lay_out_sources(returns: Path, registry: Path, build: Path, as_at: date) -> Settings:
    """Receives and judges what lies in `returns`, and lays out what dbt reads."""
    settings = Settings(returns, registry, build, as_at)
    night = Night(settings)
    night.receive()
    night.judge(lambda _: None)
    night.lay_out_sources(lambda _: None)
    return settings


def run_dbt(settings: Settings, *arguments: str) -> str:
    """Runs dbt on the warehouse of `settings`; gives what it said. A failure fails the test."""
    done = subprocess.run(
        [DBT, "--no-use-colors", *arguments],
        env=os.environ | dbt_environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"dbt {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}"
    return done.stdout
