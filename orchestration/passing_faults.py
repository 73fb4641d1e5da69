"""What a step does with an error: try again where it can pass by itself, and tell no more of it
than may be told.

An error of DuckDB or of a library can quote what it met in a row. What Dagster keeps, and what is
logged and sent, is therefore the words of our own errors and of the operating system; of any other
only its class and where it was raised. The whole goes to a file in `errors/` of the build folder,
which is the operator's alone.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import duckdb

from orchestration.disclosure.system import ContradictionError, UndecidedError
from orchestration.facts import FactsError
from orchestration.intake.judging_pool import JudgingFailed
from orchestration.lock import LockHeld
from orchestration.night import ClockSetBack, InboxAway, LostReturns, OvertakenError
from orchestration.private import make_private
from orchestration.publish.errors import PublishError
from orchestration.registry import RegistryError
from orchestration.settings import PROJECT, Settings, SettingsError
from orchestration.transform.unique_keys import KeysNotLookedAt, KeysNotUnique
from orchestration.transform.warehouse import WarehouseInUse

# Whose words are ours, and quote no row.
OWN_ERRORS = (
    ClockSetBack, ContradictionError, FactsError, InboxAway, JudgingFailed,
    KeysNotLookedAt, KeysNotUnique, LockHeld, LostReturns, OvertakenError, PublishError,
    RegistryError, SettingsError, UndecidedError, WarehouseInUse,
)  # fmt: skip
# Trying again mends none of these.
LASTING = (PermissionError, FileExistsError, IsADirectoryError, NotADirectoryError)
# dbt-duckdb and DuckDB itself tell of the file system so, within other errors.
SAID_OF_THE_DISK = ("No space left on device", "Stale file handle", "Input/output error")
# DuckDB's name, in dbt's account, for what it could not read, write or have for itself.
SAID_OF_FILES = "IO Error: "
ACCOUNT_OF_DBT = "its account is in the folder dbt of the build folder, console.txt"


class StepError(Exception):
    """A step failed; the message says only what may be told."""


class DbtFailed(Exception):
    """dbt ended with an error. The message has none of its words, which can quote a row."""


class DbtBrokenOff(DbtFailed):
    """dbt was ended by a signal, or could not read or write a file."""


# What can be right again by itself.
PASSING = (OSError, duckdb.IOException, DbtBrokenOff, InboxAway, JudgingFailed, WarehouseInUse)


def dbt_fault(status: int | None, said: str) -> DbtFailed:
    """The error of a dbt that ended with this exit status and said this; below 0 it is the signal
    that ended it."""
    if status is not None and status < 0:
        return DbtBrokenOff(f"dbt was ended by signal {-status}: {ACCOUNT_OF_DBT}")
    words = next((words for words in SAID_OF_THE_DISK if words in said), None)
    if words:
        return DbtBrokenOff(f"{words}, in dbt: {ACCOUNT_OF_DBT}")
    if SAID_OF_FILES in said:
        return DbtBrokenOff(f"dbt could not read or write a file: {ACCOUNT_OF_DBT}")
    return DbtFailed(f"dbt failed: {ACCOUNT_OF_DBT}")


def can_pass(error: BaseException) -> bool:
    """Whether what went wrong can be right again by itself: a full disk, a folder that is away, a
    file that another program has open."""
    if isinstance(error, LASTING):
        return False
    if isinstance(error, PASSING):
        return True
    return not isinstance(error, DbtFailed) and any(
        words in str(error) for words in SAID_OF_THE_DISK
    )


def told(error: BaseException) -> str:
    """What may be told of an error."""
    if isinstance(error, (*OWN_ERRORS, DbtFailed)):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        # Its path may name a return, and so a person.
        return f"{type(error).__name__}: {error.strerror}"
    said = next((words for words in SAID_OF_THE_DISK if words in str(error)), None)
    if said:
        return said
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _is_ours(f.filename)]
    where = ""
    if frames:
        path = Path(frames[-1].filename).relative_to(PROJECT)
        where = f" in {path} line {frames[-1].lineno}"
    return f"{type(error).__name__}{where}"


@contextmanager
def step(settings: Settings) -> Iterator[None]:
    """Around the work of each step: what can pass by itself is tried again, as often and after as
    long a pause as the operator's settings say; everything else fails the step at once."""
    from dagster import Failure, RetryRequested

    try:
        yield
    except (Failure, RetryRequested):
        raise
    except (*OWN_ERRORS, DbtFailed) as error:
        # Dagster keeps what an error came from too, and that is not ours.
        error.__cause__, error.__suppress_context__ = None, True
        if not can_pass(error):
            raise
        _raise_again(error)
    except Exception as error:
        kept = _keep_whole(settings, error)
        fault = StepError(told(error) + (f"; the whole is in {kept}" if kept else ""))
        if not can_pass(error):
            raise fault from None
        _raise_again(fault)


def _raise_again(error: Exception) -> NoReturn:
    """Asks Dagster to try the step again, as often as the operator's settings say."""
    from dagster import RetryRequested

    from orchestration.operation import operation

    given = operation()
    if not given.retries:
        raise error from None
    raise RetryRequested(given.retries, given.retry_pause_seconds) from error


def _keep_whole(settings: Settings, error: Exception) -> Path | None:
    """Writes down the whole error for the operator; None where even that cannot be written."""
    moment = datetime.now(UTC)
    path = settings.errors / f"{moment:%Y-%m-%dT%H%M%S.%f}.txt"
    try:
        make_private(settings.errors)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        return None
    return path


def _is_ours(filename: str) -> bool:
    path = Path(filename)
    return path.is_relative_to(PROJECT) and ".venv" not in path.parts
