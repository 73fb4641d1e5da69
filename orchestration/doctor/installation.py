"""What is installed and set: the operator's settings, packages, time zones, Dagster's home."""

from __future__ import annotations

import os
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from orchestration.doctor.findings import Finding
from orchestration.operation import operation_settings
from orchestration.settings import PROJECT, Settings, SettingsError, settings_from_environment

PLACES = ("OUTCOMES_RETURNS", "OUTCOMES_REGISTRY", "OUTCOMES_BUILD", "OUTCOMES_AS_AT")
OWN = "inclusion-outcomes"
LOCK = PROJECT / "uv.lock"
SQLITE = b"SQLite format 3\0"
ZONE = "Europe/London"


def settings_can_be_used(_: Settings) -> Iterator[Finding]:
    """Each setting by itself, so that one that is wrong hides no other."""
    listed = operation_settings()
    for one in listed:
        try:
            value = one.value(os.environ)
        except SettingsError as error:
            yield Finding(one.variable, str(error), "set it to that, or leave it unset")
            continue
        if one.name.endswith("_file") and value:
            folder = Path(str(value)).absolute().parent
            if not folder.is_dir() or not os.access(folder, os.W_OK):
                yield Finding(
                    one.variable,
                    f"no file can be written in {folder}",
                    "make the folder, and let this user write in it",
                )
    try:
        settings_from_environment()
    except SettingsError as error:
        yield Finding("OUTCOMES_AS_AT", str(error), "leave it unset: each night has its own day")
    # dbt takes the warehouse from there; a refresh sets it.
    known = {*PLACES, "OUTCOMES_WAREHOUSE", *(one.variable for one in listed)}
    for variable in sorted(os.environ):
        if variable.startswith("OUTCOMES_") and variable not in known:
            yield Finding(
                variable,
                "is no setting, and does nothing",
                "see docs/reference/operator-settings.md for how they are spelt",
                is_wrong=False,
            )


def packages_match_lock(_: Settings) -> Iterator[Finding]:
    """The packages as they are installed, held against uv.lock."""
    locked: dict[str, set[str]] = defaultdict(set)
    needed: set[str] = set()
    for package in tomllib.loads(LOCK.read_text(encoding="utf-8"))["package"]:
        if package["name"] == OWN:
            needed = {one["name"] for one in package["dependencies"]}
        else:
            locked[package["name"]].add(package.get("version", ""))
    installed: dict[str, str] = {}
    for one in distributions():
        # The first on the path is the one that is imported.
        installed.setdefault(_normal(one.metadata["Name"]), one.version)
    to_do = "install what is locked: `make setup`, or `uv sync --locked`"
    for name in sorted(needed - installed.keys()):
        yield Finding(f"package {name}", "is not installed", to_do)
    for name, versions in sorted(locked.items()):
        if name in installed and installed[name] not in versions:
            expected = " or ".join(sorted(versions))
            yield Finding(
                f"package {name}", f"is {installed[name]}, expected {expected} by uv.lock", to_do
            )


def _normal(name: str) -> str:
    """A package's name as uv.lock spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def time_zones_are_there(_: Settings) -> Iterator[Finding]:
    """The schedule is told in London's time."""
    try:
        ZoneInfo(ZONE)
    except ZoneInfoNotFoundError:
        yield Finding(
            f"time zone {ZONE}", "is not known here", "install the system's package tzdata"
        )


def dagster_home_can_be_used(settings: Settings) -> Iterator[Finding]:
    """Dagster's own settings and storage, where a refresh has made them."""
    home = settings.build / "dagster"
    if not home.is_dir():
        return  # the first refresh makes it
    to_do = f"remove {home}: the next refresh makes it anew, without the history of runs"
    file = home / "dagster.yaml"
    try:
        told = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, UnicodeDecodeError, yaml.YAMLError):
        yield Finding(str(file), "is missing, or is no YAML", to_do)
        return
    if not isinstance(told, dict) or (told.get("telemetry") or {}).get("enabled") is not False:
        yield Finding(
            str(file),
            "does not switch Dagster's telemetry off",
            "write `telemetry:` and under it `  enabled: false`",
        )
    for path in sorted(home.rglob("*.db")):
        # To open it would write beside it, so its first bytes are looked at.
        with path.open("rb") as database:
            begins = database.read(len(SQLITE))
        if begins not in (SQLITE, b""):
            yield Finding(str(path), "is no SQLite database", to_do)
