"""Dagster's definitions: the assets, the gate, the nightly job, its schedule and the inbox sensor.

Loads in `dagster dev`, `dagster-webserver` and `dagster-daemon`. The settings come from the
environment (`OUTCOMES_RETURNS`, `OUTCOMES_REGISTRY`, `OUTCOMES_BUILD`, `OUTCOMES_AS_AT`).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from dagster import (
    AssetSelection,
    DefaultScheduleStatus,
    DefaultSensorStatus,
    Definitions,
    InitLoggerContext,
    InitResourceContext,
    RunFailureSensorContext,
    RunRequest,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    SensorEvaluationContext,
    SkipReason,
    colored_console_logger,
    define_asset_job,
    in_process_executor,
    logger,
    resource,
    run_failure_sensor,
    schedule,
    sensor,
)

from orchestration.assets.freshness import WATCHED, returns_have_come, site_is_fresh
from orchestration.assets.gate import gate
from orchestration.assets.intake import judged_returns, received_returns
from orchestration.assets.publish import release
from orchestration.assets.reports import provider_reports
from orchestration.assets.revisions import revisions
from orchestration.assets.transform import dbt_models, dbt_resource, warehouse_sources
from orchestration.event_log import PROGRESS, failure_words, first_line, follow, is_lock_held
from orchestration.lock import is_refreshing, refresh_lock
from orchestration.night import night
from orchestration.operation import nightly_at, operation
from orchestration.refresh import (
    ASKED_BY,
    COMMAND,
    end_broken_off,
    refused_checks,
    tell_of_failure,
)
from orchestration.settings import Settings, settings_from_environment

# A run takes the lock within so long of its start.
STARTS_WITHIN = timedelta(minutes=5)

# DuckDB has one writer, and so has a refresh: one process, one step after the other.
nightly_refresh = define_asset_job(
    "nightly_refresh",
    selection=AssetSelection.all() - AssetSelection.checks(*WATCHED),
    description="Returns in, indicator site out.",
    executor_def=in_process_executor,
    # Dagster's own lines would say everything twice, and not as we say it.
    config={"loggers": {"progress": {}}},
)

watch = define_asset_job(
    "watch",
    selection=AssetSelection.checks(*WATCHED),
    description="Is the site up to date, and have the returns come? Warns, and changes nothing.",
    executor_def=in_process_executor,
)


@schedule(
    name="nightly",
    job=nightly_refresh,
    cron_schedule=nightly_at(),
    execution_timezone="Europe/London",
    default_status=DefaultScheduleStatus.RUNNING,
)
def nightly(_: ScheduleEvaluationContext) -> RunRequest | SkipReason:
    """The refresh of each night, unless one is under way."""
    settings = settings_from_environment()
    if is_refreshing(settings.build):
        return SkipReason("a refresh is under way already")
    return RunRequest(tags=_tags("schedule", settings))


watching = ScheduleDefinition(
    name="watching",
    job=watch,
    cron_schedule="0 7 * * *",
    execution_timezone="Europe/London",
    default_status=DefaultScheduleStatus.RUNNING,
)


@sensor(
    job=nightly_refresh,
    minimum_interval_seconds=operation().inbox_look_seconds,
    default_status=DefaultSensorStatus.RUNNING,
)
def inbox(context: SensorEvaluationContext) -> RunRequest | SkipReason:
    """A refresh as soon as the inbox holds something that the site does not."""
    tonight = night()
    if is_refreshing(tonight.settings.build):
        return SkipReason("a refresh is under way")
    # Nobody holds the lock: a run that still counts as started was killed, and would bar others.
    end_broken_off(context.instance, datetime.now(UTC) - STARTS_WITHIN)
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
    return RunRequest(run_key=key, tags=_tags("sensor", tonight.settings))


@run_failure_sensor(monitored_jobs=[nightly_refresh], default_status=DefaultSensorStatus.RUNNING)
def failed_night(context: RunFailureSensorContext) -> None:
    """One message for each night that failed; the command sends its own."""
    if context.dagster_run.tags.get(ASKED_BY) == COMMAND:
        return
    ending = context.failure_event.event_specific_data
    if is_lock_held(getattr(ending, "error", None)):
        # Whoever holds it began later than this was asked for, and takes in the same.
        context.log.info("another refresh was under way; no message is sent")
        return
    failures = context.get_step_failure_events()
    reasons = [
        f"{event.step_key}: {failure_words(event.step_failure_data.error)}" for event in failures
    ]
    refused = refused_checks(context.instance, context.dagster_run.run_id)
    if not reasons and not refused:
        reasons = [first_line(context.failure_event.message)]
    tell_of_failure(
        settings_from_environment(), bool(refused), refused or reasons, context.log.warning
    )


def _tags(asked_by: str, settings: Settings) -> dict[str, str]:
    """The tags of a run: what asked for it, and the day that it is told as at."""
    return {ASKED_BY: asked_by, "outcomes/as_at": settings.as_at.isoformat()}


@resource(description="One refresh of a build folder at a time.")
@contextmanager
def lock(_: InitResourceContext) -> Iterator[None]:
    """Held from before the first step of a refresh until after its last."""
    with refresh_lock(settings_from_environment().build):
        yield


@logger  # what a run logs, handed to the command line that runs it
def progress(_: InitLoggerContext) -> logging.Logger:
    """The logger that `orchestration.refresh` listens to."""
    told = logging.getLogger(PROGRESS)
    told.setLevel(logging.DEBUG)
    told.propagate = False
    if operation().log_file:
        follow(operation().log_file)
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
    asset_checks=[gate, site_is_fresh, returns_have_come],
    jobs=[nightly_refresh, watch],
    schedules=[nightly, watching],
    sensors=[inbox, failed_night],
    loggers={"console": colored_console_logger, "progress": progress},
    resources={"dbt": dbt_resource, "lock": lock},
    executor=in_process_executor,
)
