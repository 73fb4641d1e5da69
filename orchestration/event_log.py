"""The log: one line of JSON for each event of a refresh, in the file that the settings name.

What is written is what we say ourselves and what may be told of an error; never a row, and nothing
that dbt says of itself.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration.lock import LockHeld
from orchestration.operation import operation

# The Python logger that a refresh is followed through.
PROGRESS = "outcomes.progress"
# What marks a record as an event of ours, on the Python logger.
OWN_EVENT = "outcomes_event"
# Steps whose own words are not ours.
FOREIGN = ("dbt_models",)
EVENTS = {
    "PIPELINE_START": "refresh started",
    "PIPELINE_SUCCESS": "refresh ended",
    "PIPELINE_FAILURE": "refresh failed",
    "STEP_START": "step started",
    "STEP_SUCCESS": "step ended",
    "STEP_FAILURE": "step failed",
    "STEP_UP_FOR_RETRY": "step will be tried again",
    "STEP_RESTARTED": "step tried again",
    "STEP_SKIPPED": "step skipped",
}


class EventLog(logging.Handler):
    """Appends each event to a file, one line of JSON each. A file that cannot be written stops
    nothing."""

    def __init__(self, path: Path) -> None:
        # Dagster tells of most events at the level of debugging.
        super().__init__(logging.DEBUG)
        self.path = path

    def emit(self, record: logging.LogRecord) -> None:
        """Told of every event and message of the run."""
        line = event_line(record)
        if line is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        except OSError:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, logging's own name
        """A disk that is full is told by the step that meets it."""


def event_line(record: logging.LogRecord) -> dict[str, Any] | None:
    """An event or a message as it is logged, or None where it is not ours to log."""
    meta: dict[str, Any] = getattr(record, "dagster_meta", {})
    event = meta.get("dagster_event")
    step = meta.get("step_key")
    line: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "run": meta.get("run_id"),
        "step": step,
    }
    own: dict[str, Any] | None = getattr(record, OWN_EVENT, None)
    if own is not None:
        return line | own
    if event is None:
        if step in FOREIGN or record.levelno < logging.INFO:
            return None
        return line | {"event": "message", "message": meta.get("orig_message", record.getMessage())}
    kind = EVENTS.get(event.event_type_value)
    if kind is None:
        return None
    line["event"] = kind
    if line["level"] == "debug":
        line["level"] = "info"
    if event.is_step_success:
        line["seconds"] = round(event.step_success_data.duration_ms / 1000, 3)
    elif event.is_step_failure:
        error = event.step_failure_data.error
        line["message"] = failure_words(error)
    return line


def failure_words(error: Any) -> str:
    """What may be told of the error of a step, as Dagster keeps it: our own errors' words."""
    while error is not None and error.cause is not None:
        error = error.cause
    if error is None:
        return "no reason given"
    return first_line(error.message or error.cls_name)


def first_line(message: str | None) -> str:
    """The first line of an error, without the name of our own class."""
    lines = (message or "").strip().splitlines()
    text = lines[0] if lines else "no reason given"
    return text.split(": ", 1)[-1] if text.startswith("orchestration.") else text


def is_lock_held(error: Any) -> bool:
    """Whether an error, as Dagster keeps it, is that another refresh held the lock."""
    while error is not None:
        if error.cls_name == LockHeld.__name__:
            return True
        error = error.cause
    return False


def log_event(event: str, level: int = logging.INFO, **more: Any) -> None:
    """Logs an event of a whole refresh, where the settings name a file for it."""
    path = operation().log_file
    if path:
        follow(path)
        told = logging.getLogger(PROGRESS)
        told.log(level, event, extra={OWN_EVENT: {"event": event, **more}})


def follow(path: str) -> None:
    """Has what is told of refreshes logged to that file from now on, once."""
    told = logging.getLogger(PROGRESS)
    told.setLevel(logging.DEBUG)
    told.propagate = False
    wanted = Path(path)
    if not any(isinstance(one, EventLog) and one.path == wanted for one in told.handlers):
        told.addHandler(EventLog(wanted))
