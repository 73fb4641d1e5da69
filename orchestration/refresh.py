"""A refresh from beginning to end: the nightly job, run in this process, and what came of it."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING

import duckdb

from orchestration.event_log import OWN_EVENT, PROGRESS, failure_words, log_event
from orchestration.intake.receive import write_whole
from orchestration.last_refresh import note_ending
from orchestration.lock import refresh_lock
from orchestration.message import failed_night, send
from orchestration.night import Night
from orchestration.operation import operation, operation_settings
from orchestration.publish import draft
from orchestration.release_store import published_release
from orchestration.settings import Settings
from orchestration.transform import dbt

if TYPE_CHECKING:
    from dagster import AssetCheckEvaluation, DagsterInstance, ExecuteInProcessResult

OURS = "# Dagster's own storage, for the history of refreshes. Nothing is sent anywhere.\n"
INSTANCE = f"""\
{OURS}telemetry:
  enabled: false
event_log_storage:
  module: orchestration.run_history
  class: RunHistory
  config:
    base_dir:
      env: DAGSTER_HOME
# One run after the other: there is one warehouse, and one writer.
concurrency:
  runs:
    max_concurrent_runs: 1
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days:
      skipped: 7
      failure: 90
      success: 90
"""


# With less than this, the disk counts as full.
LEAST_FREE_BYTES = 1024 * 1024
# What asked for a run, as a tag of it.
ASKED_BY = "outcomes/asked_by"
COMMAND = "command"
# How Dagster begins what it says of each step after one that failed.
NOT_DONE = "Dependencies for step "


class Outcome(IntEnum):
    """How a refresh ended, as the command's exit status."""

    DONE = 0
    FAILED = 1
    WRONG_USE = 2
    REFUSED = 3
    LOCKED = 4


@dataclass(frozen=True)
class RefreshReport:
    """What a refresh did. `seconds` gives the time of each step; `reasons`, what went wrong;
    `refused_goals`, which targets and breaks of the registry do not count, and why."""

    outcome: Outcome
    release_id: str | None
    has_news: bool
    reasons: tuple[str, ...]
    seconds: dict[str, float]
    refused_goals: tuple[str, ...] = ()


def refresh(settings: Settings, say: Callable[[str], None]) -> RefreshReport:
    """Runs the nightly job where there is anything new; `say` is told of each step.

    Raises LockHeld where another refresh is under way, RegistryError where the registry cannot be
    used, ClockSetBack where the clock gives a day before the last release's. What goes wrong later
    is in the report, and the last release stands.
    """
    with refresh_lock(settings.build):
        tonight = Night(settings)
        # A registry that cannot be used is told before anything is done.
        refused_goals = tonight.goals.refusals
        tonight.check_clock()
        if not tonight.has_news():
            up = published_release(settings)
            note_ending(settings, up.release_id if up else None, "nothing new")
            return RefreshReport(Outcome.DONE, up.release_id if up else None, False, (), {})
        export_settings(settings)
        take_at_once()
        try:
            report = replace(_run_or_tell(tonight, say), refused_goals=refused_goals)
        finally:
            dbt.dismiss(settings)
            draft.drop(settings)
        if report.outcome is not Outcome.DONE:
            tell_of_failure(settings, report.outcome is Outcome.REFUSED, report.reasons, say)
        return report


def tell_of_failure(
    settings: Settings, is_refused: bool, reasons: Iterable[str], say: Callable[[str], None]
) -> None:
    """Sends the message about a night that failed, or that the gate refused."""
    up = published_release(settings)
    kind = "refused" if is_refused else "failed"
    night = failed_night(kind, reasons, up.release_id if up else None)
    log_event(kind, logging.ERROR, reasons=list(night.reasons), standing=night.standing)

    def not_sent(text: str) -> None:
        say(text)
        log_event("message not sent", logging.WARNING, message=text)

    send(night, operation(), not_sent)


def export_settings(settings: Settings) -> None:
    """Makes `settings` those of this process, and Dagster's home the build folder's."""
    home = settings.build / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    # Kept up to date, unless the operator has written another.
    there = home / "dagster.yaml"
    if not there.exists() or (
        there.read_text(encoding="utf-8").startswith(OURS) and there.read_text("utf-8") != INSTANCE
    ):
        write_whole(there, INSTANCE)
    os.environ |= settings.environment | {
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }


def take_at_once() -> None:
    """Whoever gives the command has put the returns there: nothing is waited for, unless the
    operator has set for how long a return must have stood still."""
    (still,) = (one for one in operation_settings() if one.name == "inbox_still_seconds")
    if not os.environ.get(still.variable, "").strip():
        os.environ[still.variable] = "0"


def _run_or_tell(tonight: Night, say: Callable[[str], None]) -> RefreshReport:
    """`_run`; where Dagster's own storage cannot be written, that is the reason of the failure."""
    # Of Dagster's storage, which is SQLite through SQLAlchemy.
    from sqlalchemy.exc import DBAPIError

    try:
        return _run(tonight, say)
    except DBAPIError as error:
        reason = f"the history of runs in {tonight.settings.build / 'dagster'}: {error.orig}"
    except OSError as error:
        reason = f"{error.strerror}: {tonight.settings.build}"
    return RefreshReport(Outcome.FAILED, None, True, tuple(_with_space(tonight, [reason])), {})


def _with_space(tonight: Night, reasons: list[str]) -> list[str]:
    """The reasons, and that the disk is full where it is: few programs say so by themselves."""
    free = shutil.disk_usage(tonight.settings.build).free
    if reasons and free < LEAST_FREE_BYTES:
        reasons = [f"No space left on device: {tonight.settings.build} has {free} bytes", *reasons]
    return reasons


def _run(tonight: Night, say: Callable[[str], None]) -> RefreshReport:
    say("starting Dagster and dbt")
    started = time.monotonic()
    # It reads its project while Dagster is imported and the returns are judged.
    dbt.prepare(tonight.settings)
    from dagster import DagsterInstance

    from orchestration.definitions import defs

    seconds = {"start": time.monotonic() - started}
    progress = Progress(say)
    logging.getLogger(PROGRESS).addHandler(progress)
    # Dagster's own account goes where the operator can find it, not over the progress.
    account = tonight.settings.build / "dagster" / "console.txt"
    with (
        DagsterInstance.get() as instance,
        account.open("w", encoding="utf-8") as file,
        redirect_stdout(file),
    ):
        end_broken_off(instance)
        result = defs.resolve_job_def("nightly_refresh").execute_in_process(
            instance=instance,
            raise_on_error=False,
            tags={ASKED_BY: COMMAND, "outcomes/as_at": tonight.settings.as_at.isoformat()},
        )
    logging.getLogger(PROGRESS).removeHandler(progress)
    seconds |= {
        event.step_key: event.step_success_data.duration_ms / 1000
        for event in result.all_events
        if event.is_step_success and event.step_key
    }
    refused = _refusals(result.get_asset_check_evaluations())
    reasons = refused or _with_space(tonight, _failures(result))
    if refused:
        outcome = Outcome.REFUSED
    else:
        outcome = Outcome.DONE if result.success else Outcome.FAILED
    if outcome is Outcome.DONE and "release" not in seconds:
        # What was new is still arriving, and nothing was put up.
        up = published_release(tonight.settings)
        return RefreshReport(outcome, up.release_id if up else None, False, (), seconds)
    return RefreshReport(outcome, _computed(tonight.settings), True, tuple(reasons), seconds)


def end_broken_off(instance: DagsterInstance, started_before: datetime | None = None) -> None:
    """Tells Dagster that runs which were killed have failed; to be called where nobody holds the
    lock, or this process does. Nobody else can tell: a killed process writes nothing.

    `started_before` leaves out runs that may be about to take the lock.
    """
    from dagster import DagsterRunStatus, RunsFilter

    started = RunsFilter(statuses=[DagsterRunStatus.STARTED], updated_before=started_before)
    for run in instance.get_runs(started):
        instance.report_run_failed(run, "The process ended before the run did.")


def _computed(settings: Settings) -> str | None:
    """The release that the warehouse's sources make, or None where it did not get so far."""
    from orchestration.publish.before_the_gate import release_in_warehouse

    try:
        return release_in_warehouse(settings)
    except (duckdb.Error, LookupError):
        return None


def refused_checks(instance: DagsterInstance, run_id: str) -> list[str]:
    """What the gate refused in a run, suite by suite."""
    from dagster import DagsterEventType

    logs = instance.all_logs(run_id, of_type=DagsterEventType.ASSET_CHECK_EVALUATION)
    events = [log.dagster_event for log in logs if log.dagster_event is not None]
    return _refusals(event.asset_check_evaluation_data for event in events)


def _refusals(evaluations: Iterable[AssetCheckEvaluation]) -> list[str]:
    """What the gate refused, suite by suite."""
    return [
        f"{one.check_name}: {one.metadata['what_failed'].value}"
        for one in evaluations
        if one.blocking and not one.passed and "what_failed" in one.metadata
    ]


def _failures(result: ExecuteInProcessResult) -> list[str]:
    """The error of each step that failed, in one line each."""
    return [
        f"{event.step_key}: {failure_words(event.step_failure_data.error)}"
        for event in result.all_events
        if event.is_step_failure
    ]


class Progress(logging.Handler):
    """Turns what Dagster logs of a run into lines for a person: each step, and what it says."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__()
        self.say = say
        self.is_broken_off = False

    @staticmethod
    def _least(step: str | None) -> int:
        """From which level on a step's messages are passed on; dbt talks of itself at length."""
        return logging.WARNING if step == "dbt_models" else logging.INFO

    def emit(self, record: logging.LogRecord) -> None:
        """Told of every event and message of the run."""
        meta = getattr(record, "dagster_meta", {})
        event = meta.get("dagster_event")
        if event is not None and event.is_step_start:
            self.say(f"{event.step_key} ...")
        elif event is not None and event.is_step_up_for_retry:
            pause = event.step_retry_data.seconds_to_wait or 0
            self.say(f"  it failed for what can pass by itself; tried again in {pause:.0f} s")
        elif hasattr(record, OWN_EVENT):
            return  # said to a person in other words
        elif event is None and record.levelno >= self._least(meta.get("step_key")):
            message = meta.get("orig_message", record.getMessage())
            if not message.startswith(NOT_DONE):
                self.say(f"  {message}")
            elif not self.is_broken_off:
                self.is_broken_off = True
                self.say("a step failed, and what needs it is not done")
