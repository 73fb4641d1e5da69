"""What can pass by itself is tried again, what cannot is not; no error tells more than it may."""

from __future__ import annotations

import errno
from datetime import date
from pathlib import Path

import duckdb
import pytest
from dagster import DagsterInstance, RetryRequested, job, op

from orchestration.night import InboxAway
from orchestration.passing_faults import StepError, can_pass, dbt_fault, step, told
from orchestration.publish.errors import PublishError
from orchestration.registry import RegistryError
from orchestration.settings import Settings
from orchestration.transform.unique_keys import KeysNotUnique
from orchestration.transform.warehouse import WarehouseInUse

SECRET = "Zq7 of 3 High Street"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("OUTCOMES_RETRIES", "2")
    monkeypatch.setenv("OUTCOMES_RETRY_PAUSE_SECONDS", "0")
    return Settings(tmp_path, tmp_path, tmp_path / "build", date(2026, 4, 15))


def raised(error: Exception, settings: Settings) -> Exception:
    """What a step raises where its work raises this."""
    with pytest.raises(Exception) as caught, step(settings):
        raise error
    return caught.value


PASSING = (
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.ESTALE, "Stale file handle"),
    FileNotFoundError(errno.ENOENT, "No such file or directory", "/mnt/returns"),
    TimeoutError(errno.ETIMEDOUT, "Connection timed out"),
    duckdb.IOException("IO Error: Could not write"),
    InboxAway("there is no inbox"),
    WarehouseInUse("another program has it open"),
    RuntimeError("Database Error: No space left on device"),
)
LASTING = (
    PermissionError(errno.EACCES, "Permission denied"),
    RegistryError("services.csv, line 3"),
    KeysNotUnique("rows of the same key, or of none, in measure_values"),
    PublishError("there is no column x"),
    duckdb.ConversionException(f"Could not convert string '{SECRET}'"),
    KeyError(SECRET),
)


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_what_can_pass_is_tried_again(error: Exception, settings: Settings) -> None:
    assert can_pass(error)
    assert isinstance(raised(error, settings), RetryRequested)


@pytest.mark.parametrize("error", LASTING, ids=lambda error: type(error).__name__)
def test_what_cannot_pass_fails_the_step_at_once(error: Exception, settings: Settings) -> None:
    assert not can_pass(error)
    assert not isinstance(raised(error, settings), RetryRequested)


def test_our_own_errors_words_are_told_as_they_are(settings: Settings) -> None:
    error = RegistryError("services.csv, line 3: there is no provider ZZ99")
    assert raised(error, settings) is error


@pytest.mark.parametrize(
    "error",
    [
        duckdb.ConversionException(f"Could not convert string '{SECRET}' to INT32"),
        KeyError(SECRET),
        FileNotFoundError(errno.ENOENT, "No such file or directory", f"/received/{SECRET}.xlsx"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_that_can_quote_a_row_is_told_without_its_words(
    error: Exception, settings: Settings
) -> None:
    caught = raised(error, settings)
    fault = caught.__cause__ if isinstance(caught, RetryRequested) else caught
    assert isinstance(fault, StepError)
    assert SECRET not in str(fault)
    assert fault.__cause__ is None
    assert type(error).__name__ in told(error)


def test_without_retries_it_fails_at_once_and_says_why(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTCOMES_RETRIES", "0")
    caught = raised(WarehouseInUse("another program has it open"), settings)
    assert isinstance(caught, WarehouseInUse)
    assert caught.__cause__ is None
    assert isinstance(raised(OSError(errno.ENOSPC, "No space left"), settings), StepError)


def test_the_whole_error_is_kept_for_the_operator_alone(settings: Settings) -> None:
    raised(KeyError(SECRET), settings)
    (kept,) = settings.errors.iterdir()
    assert SECRET in kept.read_text(encoding="utf-8")
    assert settings.errors.stat().st_mode & 0o007 == 0


def test_dagster_tries_so_often_and_keeps_no_more_than_may_be_told(settings: Settings) -> None:
    tries = []

    @op
    def works_at_the_third_try() -> None:
        tries.append(1)
        with step(settings):
            if len(tries) < 3:
                raise duckdb.IOException(f"IO Error: cannot read {SECRET}")

    @op
    def never_works() -> None:
        tries.append(1)
        with step(settings):
            raise duckdb.IOException(f"IO Error: cannot read {SECRET}")

    @job
    def works() -> None:
        works_at_the_third_try()

    @job
    def fails() -> None:
        never_works()

    with DagsterInstance.ephemeral() as instance:
        assert works.execute_in_process(instance=instance, raise_on_error=False).success
        assert len(tries) == 3
        tries.clear()
        result = fails.execute_in_process(instance=instance, raise_on_error=False)
        assert not result.success
        assert len(tries) == 3
        kept = "\n".join(str(log) for log in instance.all_logs(result.run_id))
    assert "IOException" in kept
    assert SECRET not in kept


@pytest.mark.parametrize(
    ("status", "said", "passes"),
    [
        (-9, "", True),
        (2, "Runtime Error: No space left on device", True),
        (1, "IO Error: Could not set lock on file", True),
        (1, f"Conversion Error: Could not convert string '{SECRET}'", False),
        (1, "Failure in test unique_people_person_id: got 3 results", False),
    ],
)
def test_of_dbt_it_is_told_how_it_ended_and_none_of_its_words(
    status: int, said: str, passes: bool, settings: Settings
) -> None:
    fault = dbt_fault(status, said)
    assert can_pass(fault) is passes
    assert isinstance(raised(fault, settings), RetryRequested) is passes
    assert SECRET not in str(fault)
    assert "console.txt" in told(fault)


def test_of_what_our_own_error_came_from_dagster_keeps_nothing(settings: Settings) -> None:
    @op
    def publishes() -> None:
        with step(settings):
            try:
                raise duckdb.ConversionException(f"Could not convert string '{SECRET}'")
            except duckdb.Error as error:
                raise PublishError("query areas: no such column") from error

    @job
    def fails() -> None:
        publishes()

    with DagsterInstance.ephemeral() as instance:
        result = fails.execute_in_process(instance=instance, raise_on_error=False)
        kept = "\n".join(str(log) for log in instance.all_logs(result.run_id))
    assert "no such column" in kept
    assert SECRET not in kept
