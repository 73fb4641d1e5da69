"""Dagster's definitions: the assets, the gate, the nightly job, its schedule and the inbox sensor.

Loads in `dagster dev`, `dagster-webserver` and `dagster-daemon`. The settings come from the
environment (`OUTCOMES_RETURNS`, `OUTCOMES_REGISTRY`, `OUTCOMES_BUILD`, `OUTCOMES_AS_AT`).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from dagster import (
    AssetSelection,
    DefaultScheduleStatus,
    DefaultSensorStatus,
    Definitions,
    InitLoggerContext,
    InitResourceContext,
    RunRequest,
    ScheduleDefinition,
    SensorEvaluationContext,
    SkipReason,
    colored_console_logger,
    define_asset_job,
    in_process_executor,
    logger,
    resource,
    sensor,
)

from orchestration.assets.gate import gate
from orchestration.assets.intake import judged_returns, received_returns
from orchestration.assets.publish import release
from orchestration.assets.reports import provider_reports
from orchestration.assets.revisions import revisions
from orchestration.assets.transform import dbt_models, dbt_resource, warehouse_sources
from orchestration.lock import refresh_lock
from orchestration.night import night
from orchestration.settings import settings_from_environment

# DuckDB has one writer, and so has a refresh: one process, one step after the other.
nightly_refresh = define_asset_job(
    "nightly_refresh",
    selection=AssetSelection.all(),
    description="Returns in, indicator site out.",
    executor_def=in_process_executor,
)

nightly = ScheduleDefinition(
    name="nightly",
    job=nightly_refresh,
    cron_schedule="0 2 * * *",
    execution_timezone="Europe/London",
    default_status=DefaultScheduleStatus.RUNNING,
)


@sensor(
    job=nightly_refresh, minimum_interval_seconds=60, default_status=DefaultSensorStatus.RUNNING
)
def inbox(context: SensorEvaluationContext) -> RunRequest | SkipReason:
    """A refresh as soon as the inbox holds something that the site does not."""
    tonight = night()
    if not tonight.has_news():
        return SkipReason("the inbox holds nothing new")
    # What lies there is asked for once: a refresh that refuses it is not asked again each minute.
    # And only once it has stood still between two looks: a folder may still be arriving.
    key = tonight.inbox_digest()
    if context.cursor == f"asked {key}":
        return SkipReason("what is new in the inbox was asked for already")
    if context.cursor != f"seen {key}":
        context.update_cursor(f"seen {key}")
        return SkipReason("something new lies in the inbox; it is taken once it stands still")
    context.update_cursor(f"asked {key}")
    return RunRequest(run_key=key)


@resource(description="One refresh of a build folder at a time.")
@contextmanager
def lock(_: InitResourceContext) -> Iterator[None]:
    """Held from before the first step of a refresh until after its last."""
    with refresh_lock(settings_from_environment().build):
        yield


@logger  # what a run logs, handed to the command line that runs it
def progress(_: InitLoggerContext) -> logging.Logger:
    """The logger that `orchestration.refresh` listens to."""
    told = logging.getLogger("outcomes.progress")
    told.setLevel(logging.DEBUG)
    told.propagate = False
    return told


defs = Definitions(
    assets=[
        received_returns,
        judged_returns,
        warehouse_sources,
        dbt_models,
        revisions,
        provider_reports,
        release,
    ],
    asset_checks=[gate],
    jobs=[nightly_refresh],
    schedules=[nightly],
    sensors=[inbox],
    loggers={"console": colored_console_logger, "progress": progress},
    resources={"dbt": dbt_resource, "lock": lock},
    executor=in_process_executor,
)
