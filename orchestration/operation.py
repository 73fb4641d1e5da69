"""How an installation is run: the operator's settings, their defaults in the facts.

Each setting of `seeds/policy/operation.csv` has an environment variable, `OUTCOMES_` and its name
in capitals, which overrides the default.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from orchestration.settings import PROJECT, SettingsError

# The parts of a cron text: the least and the greatest number of each, and the names for numbers.
CRON_PARTS: tuple[tuple[int, int, tuple[str, ...]], ...] = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ()),
    (1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    (0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)
# `*`, a number or a range, each with or without a step.
CRON_ITEM = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/([0-9]+))?", re.ASCII)
DEFAULTS = PROJECT / "seeds" / "policy" / "operation.csv"


@dataclass(frozen=True)
class Operation:
    """The operator's settings: see `seeds/policy/operation.csv` for each meaning. Texts may be
    empty, which switches off what they are for."""

    nightly_at: str
    inbox_look_seconds: int
    releases_kept: int
    retries: int
    retry_pause_seconds: int
    inbox_still_seconds: int
    site_stale_hours: int
    return_overdue_days: int
    message_file: str
    message_webhook: str
    message_address: str
    message_sender: str
    mail_server: str
    log_file: str
    site_url: str
    duckdb_memory: str
    duckdb_temp: str


@dataclass(frozen=True)
class OperationSetting:
    """One setting: its default, the least a number may be (None for a text), what it means."""

    name: str
    default: str
    least: int | None
    meaning: str

    @property
    def variable(self) -> str:
        """The environment variable that overrides the default."""
        return f"OUTCOMES_{self.name.upper()}"

    def value(self, environment: Mapping[str, str]) -> int | str:
        """The setting's value; raises SettingsError where it is not what it must be."""
        found = environment.get(self.variable, "").strip() or self.default
        if self.least is None:
            return found
        if not found.isascii() or not found.isdecimal() or int(found) < self.least:
            raise SettingsError(
                f"{self.variable} is {found!r}, expected a whole number from {self.least}"
            )
        return int(found)


def operation_settings(defaults: Path = DEFAULTS) -> list[OperationSetting]:
    """Every setting of an operator, with its default."""
    with defaults.open(encoding="utf-8", newline="") as file:
        return [
            OperationSetting(
                row["setting"],
                row["value"],
                int(row["least"]) if row["least"] else None,
                row["meaning"],
            )
            for row in csv.DictReader(file, strict=True)
        ]


def operation(environment: Mapping[str, str] | None = None) -> Operation:
    """The operator's settings, as the environment and the defaults give them.

    Raises SettingsError for a value that is not what it must be.
    """
    given = os.environ if environment is None else environment
    values = {one.name: one.value(given) for one in operation_settings()}
    known = {field.name for field in fields(Operation)}
    if values.keys() != known:
        raise SettingsError(
            f"{DEFAULTS.name} must hold the settings {sorted(known)}, and holds {sorted(values)}"
        )
    return Operation(**values)  # type: ignore[arg-type]


def nightly_at() -> str:
    """When the schedule refreshes, as a cron text; raises SettingsError where it is none."""
    text = operation().nightly_at
    parts = text.split()
    if len(parts) != len(CRON_PARTS) or not all(
        _is_cron_part(part, *limits) for part, limits in zip(parts, CRON_PARTS, strict=True)
    ):
        raise SettingsError(
            f"OUTCOMES_NIGHTLY_AT is {text!r}, expected five parts: minute, hour, day, month and "
            "weekday, as in 0 2 * * *"
        )
    return text


def _is_cron_part(part: str, least: int, greatest: int, names: tuple[str, ...]) -> bool:
    numbers = {str(number): number for number in range(least, greatest + 1)}
    numbers |= {name: least + place for place, name in enumerate(names)}
    for item in part.lower().split(","):
        found = CRON_ITEM.fullmatch(item)
        if found is None:
            return False
        first, last, step = found.groups()
        ends = [numbers.get(end.lstrip("0") or "0") for end in (first, last) if end]
        if None in ends or ends != sorted(ends, key=lambda end: end or 0):
            return False
        if step is not None and not 1 <= int(step) <= greatest:
            return False
    return True
