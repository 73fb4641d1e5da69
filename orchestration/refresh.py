"""A refresh from beginning to end: the nightly job, run in this process, and what came of it."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

import duckdb

from orchestration.lock import refresh_lock
from orchestration.night import Night
from orchestration.operation import operation_settings
from orchestration.release_store import published_release
from orchestration.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterEvent, DagsterInstance, ExecuteInProcessResult

INSTANCE = """\
# Dagster's own storage, for the history of refreshes. Nothing is sent anywhere.
telemetry:
  enabled: false
"""


# With less than this, the disk counts as full.
LEAST_FREE_BYTES = 1024 * 1024
# The Python logger that a refresh of the command line is followed through.
PROGRESS = "outcomes.progress"


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
            return RefreshReport(Outcome.DONE, up.release_id if up else None, False, (), {})
        export_settings(settings)
        take_at_once()
        return replace(_run_or_tell(tonight, say), refused_goals=refused_goals)


def export_settings(settings: Settings) -> None:
    """Makes `settings` those of this process, and Dagster's home the build folder's."""
    home = settings.build / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        (home / "dagster.yaml").write_text(INSTANCE, encoding="utf-8")
    os.environ |= {
        "OUTCOMES_RETURNS": str(settings.returns),
        "OUTCOMES_REGISTRY": str(settings.registry),
        "OUTCOMES_BUILD": str(settings.build),
        "OUTCOMES_AS_AT": settings.as_at.isoformat(),
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
        reason = f"{error.strerror}: {error.filename or tonight.settings.build}"
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
    from dagster import DagsterInstance

    from orchestration.definitions import defs

    seconds = {"start": time.monotonic() - started}
    logging.getLogger(PROGRESS).addHandler(_Progress(say))
    # dbt's own account of itself goes where the operator can find it, not over the progress.
    account = tonight.settings.build / "dbt" / "console.txt"
    account.parent.mkdir(parents=True, exist_ok=True)
    with (
        DagsterInstance.get() as instance,
        account.open("w", encoding="utf-8") as file,
        redirect_stdout(file),
    ):
        _end_broken_off(instance)
        result = defs.resolve_job_def("nightly_refresh").execute_in_process(
            instance=instance, raise_on_error=False, run_config={"loggers": {"progress": {}}}
        )
    seconds |= {
        event.step_key: event.step_success_data.duration_ms / 1000
        for event in result.all_events
        if event.is_step_success and event.step_key
    }
    refused = _refusals(result)
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


def _end_broken_off(instance: DagsterInstance) -> None:
    """Tells Dagster that runs which were killed have failed: the lock says that none is under way.

    Nobody else can: a killed process writes nothing.
    """
    from dagster import DagsterRunStatus, RunsFilter

    for run in instance.get_runs(RunsFilter(statuses=[DagsterRunStatus.STARTED])):
        instance.report_run_failed(run, "The process ended before the run did.")


def _computed(settings: Settings) -> str | None:
    """The release that the warehouse's sources make, or None where it did not get so far."""
    from orchestration.publish.before_the_gate import release_in_warehouse

    try:
        return release_in_warehouse(settings)
    except (duckdb.Error, LookupError):
        return None


def _refusals(result: ExecuteInProcessResult) -> list[str]:
    """What the gate refused, suite by suite."""
    refused = []
    for evaluation in result.get_asset_check_evaluations():
        if evaluation.blocking and not evaluation.passed and "what_failed" in evaluation.metadata:
            refused.append(f"{evaluation.check_name}: {evaluation.metadata['what_failed'].value}")
    return refused


def _failures(result: ExecuteInProcessResult) -> list[str]:
    """The error of each step that failed, in one line each."""
    failed: list[DagsterEvent] = [e for e in result.all_events if e.is_step_failure]
    reasons = []
    for event in failed:
        error = event.step_failure_data.error
        cause = error.cause if error and error.cause else error
        text = cause.message.strip().splitlines()[0] if cause else "no reason given"
        reasons.append(f"{event.step_key}: {text}")
    return reasons


class _Progress(logging.Handler):
    """Turns what Dagster logs of a run into lines for a person: each step, and what it says."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__()
        self.say = say

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
        elif event is None and record.levelno >= self._least(meta.get("step_key")):
            self.say(f"  {meta.get('orig_message', record.getMessage())}")
