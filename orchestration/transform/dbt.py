"""Running dbt: where its project lies, its manifest, parsed anew only when it has to be, and dbt
as a process that reads its project ahead of time.

dbt takes some three seconds to import itself and to read its project. A refresh has it do so while
Dagster starts and returns are judged: `prepare` starts such a process, `take` gives it, and `run`
tells it what to do.

Everything that dbt writes lies in the build folder, so the checkout stays as it was.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import IO

from orchestration.settings import PROJECT, Settings
from orchestration.transform import warehouse

DBT_PROJECT = PROJECT / "dbt_project"
DBT = Path(sys.executable).with_name("dbt")
# dbt as a refresh runs it: `orchestration.transform.dbt_child`.
DBT_CHILD = Path(sys.executable).with_name("outcomes-dbt")
REFRESH_PROCESS = "OUTCOMES_REFRESH_PROCESS"
# Where the audit keeps its answers; without it they are not kept.
KEPT_ANSWERS = "OUTCOMES_AUDIT"
PARSED = (DBT_PROJECT / "models", DBT_PROJECT / "macros", DBT_PROJECT / "tests", PROJECT / "seeds")


class DbtError(Exception):
    """dbt could not be run; the message holds what it said."""


def target_folder(settings: Settings) -> Path:
    """Where dbt keeps what it compiled."""
    return settings.build / "dbt"


def dbt_environment(settings: Settings) -> dict[str, str]:
    """The environment in which dbt runs on this build folder."""
    bounds = warehouse.bounds(settings)
    return {
        "OUTCOMES_WAREHOUSE": str(settings.warehouse),
        "OUTCOMES_DUCKDB_MEMORY": bounds["memory_limit"],
        "OUTCOMES_DUCKDB_TEMP": bounds["temp_directory"],
        KEPT_ANSWERS: str(settings.audit),
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
        "DBT_PROJECT_DIR": str(DBT_PROJECT),
        "DBT_TARGET_PATH": str(target_folder(settings)),
        "DBT_LOG_PATH": str(target_folder(settings) / "logs"),
        REFRESH_PROCESS: str(os.getpid()),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


class Dbt:
    """dbt as a process of its own, `outcomes-dbt`: it reads its project, says so, and waits to be
    told what to run. It ends when this process does, or when it is dismissed."""

    def __init__(self, settings: Settings) -> None:
        # A manifest that is there is left alone: it may be read while this process begins.
        self.writes_manifest = not _is_parsed(settings)
        folder = target_folder(settings)
        folder.mkdir(parents=True, exist_ok=True)
        surroundings = {
            # As dagster-dbt, which reads what dbt says, would have them.
            "DBT_LOG_FORMAT": "json",
            "DBT_LOG_PATH": str(folder),
            "PYTHONUNBUFFERED": "1",
            # Megabytes of what is of use only to those who mend dbt itself.
            "DBT_LOG_LEVEL_FILE": "none",
        }
        flags = [] if self.writes_manifest else ["--no-write-json"]
        self.process = subprocess.Popen(
            [str(DBT_CHILD), "prepare", *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=DBT_PROJECT,
            env=os.environ | dbt_environment(settings) | surroundings,
        )

    @cached_property
    def _complaint(self) -> str | None:
        """What dbt said where it could not read its project, or None; waits until it has."""
        line = _open(self.process.stdout).readline()
        try:
            said: str | None = json.loads(line)["complaint"]
        except (ValueError, TypeError, KeyError):
            # It ended by itself: what it says next tells why, and whoever runs it is told.
            return None if not line else line.decode(errors="replace")
        return said

    def wait_until_parsed(self) -> None:
        """Returns once the project is read, and the manifest written where that was stale.

        Raises DbtError where it cannot be parsed.
        """
        if self._complaint is not None:
            raise DbtError(f"dbt could not parse its project:\n{self._complaint}")

    def run(self, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        """Has it run dbt with these arguments; gives its process, which ends as dbt ends and whose
        standard output is what dbt says, a line of JSON for each event."""
        # What it says of its project comes first, and is no event. One that cannot be read is found
        # wrong once more by what is run now.
        _ = self._complaint
        told = _open(self.process.stdin)
        try:
            # The manifest is written already, which takes a second; and nobody reads the results,
            # since dbt says them as they come.
            told.write(json.dumps(["--no-write-json", *arguments]).encode() + b"\n")
            told.close()
        except BrokenPipeError:
            pass  # it was ended; its exit status says so
        return self.process

    def dismiss(self) -> None:
        """Ends it, unless it was told to run something."""
        told, says = _open(self.process.stdin), _open(self.process.stdout)
        if not told.closed:
            self.process.kill()
            self.process.wait()
            told.close()
            says.close()


# The process that waits for each build folder; one that was taken is no longer here.
_waiting: dict[Path, Dbt] = {}


def prepare(settings: Settings) -> None:
    """Has dbt read its project in a process of its own, until `take` or `dismiss`."""
    if settings.build not in _waiting:
        _waiting[settings.build] = Dbt(settings)


def take(settings: Settings) -> Dbt:
    """The dbt that was prepared, or one that is started now."""
    return _waiting.pop(settings.build, None) or Dbt(settings)


def dismiss(settings: Settings) -> None:
    """Ends the dbt that was prepared, if nobody has taken it."""
    waiting = _waiting.pop(settings.build, None)
    if waiting is not None:
        waiting.dismiss()


def manifest(settings: Settings) -> Path:
    """dbt's manifest of the project; parsed where there is none, one that is not whole, as a full
    disk leaves behind, or one older than the project.

    Raises DbtError where the project cannot be parsed.
    """
    path = target_folder(settings) / "manifest.json"
    waiting = _waiting.get(settings.build)
    if waiting is not None and waiting.writes_manifest:
        waiting.wait_until_parsed()
    if not _is_parsed(settings):
        path.parent.mkdir(parents=True, exist_ok=True)
        parsed = subprocess.run(
            [DBT, "--quiet", "parse"],
            env=os.environ | dbt_environment(settings),
            capture_output=True,
            text=True,
            check=False,
        )
        if parsed.returncode:
            raise DbtError(f"dbt could not parse its project:\n{parsed.stdout}{parsed.stderr}")
    return path


def _is_parsed(settings: Settings) -> bool:
    """Whether the manifest that is there is whole and not older than the project."""
    path = target_folder(settings) / "manifest.json"
    return _is_whole(path) and path.stat().st_mtime >= _last_change()


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "both pipes were asked for"
    return pipe


def _is_whole(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    return True


def _last_change() -> float:
    files = [path for top in PARSED for path in top.rglob("*")] + list(DBT_PROJECT.glob("*.yml"))
    return max(path.stat().st_mtime for path in files)
