"""The operator's settings: defaults in the facts, overridden by the environment."""

from __future__ import annotations

import pytest

from orchestration.operation import operation, operation_settings
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
