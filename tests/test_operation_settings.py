"""The operator's settings: defaults in the facts, overridden by the environment."""

from __future__ import annotations

import pytest
from dagster import ScheduleDefinition

from orchestration.operation import nightly_at, operation, operation_settings
from orchestration.settings import SettingsError


def test_every_setting_has_a_default_that_can_be_used_and_a_meaning() -> None:
    assert operation({}).releases_kept == 10
    assert all(one.meaning for one in operation_settings())


def test_the_environment_overrides_a_default() -> None:
    given = {"OUTCOMES_RELEASES_KEPT": "3", "OUTCOMES_MESSAGE_FILE": "/var/log/nights"}
    assert operation(given).releases_kept == 3
    assert operation(given).message_file == "/var/log/nights"


@pytest.mark.parametrize("wrong", ["many", "1", "-4", "2.5", "²"])
def test_a_number_that_is_none_or_too_small_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(SettingsError, match=r"OUTCOMES_RELEASES_KEPT is .* whole number from 2"):
        operation({"OUTCOMES_RELEASES_KEPT": wrong})


@pytest.mark.parametrize(
    "text",
    ["0 2 * * *", "*/5 * * * *", "05 02,14 1-7 jan-mar mon", "0 2 29 2 7", "0-30/10 * * * 0"],
)
def test_a_cron_text_says_when_the_schedule_refreshes(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTCOMES_NIGHTLY_AT", text)
    assert nightly_at() == text
    # The parts that we take are parts that Dagster takes.
    assert ScheduleDefinition(job_name="any", cron_schedule=text).cron_schedule == text


@pytest.mark.parametrize(
    "text",
    ["2 o'clock", "0 2 * *", "61 2 * * *", "0 25 * * *", "*/0 * * * *", "1-,2 * * * *",
     "9-3 * * * *", "0 2 0 * *", "0 2 * foo *", "0 2 * * 8"],
)  # fmt: skip
def test_a_cron_text_that_is_none_is_refused_by_name(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTCOMES_NIGHTLY_AT", text)
    with pytest.raises(SettingsError, match=r"OUTCOMES_NIGHTLY_AT is .* expected five parts"):
        nightly_at()
