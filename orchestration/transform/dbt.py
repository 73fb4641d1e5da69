"""Running dbt: where its project lies, and its manifest, parsed anew only when it has to be.

Everything that dbt writes lies in the build folder, so the checkout stays as it was.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from orchestration.operation import operation
from orchestration.settings import PROJECT, Settings

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
    bounds = operation()
    return {
        "OUTCOMES_WAREHOUSE": str(settings.warehouse),
        "OUTCOMES_DUCKDB_MEMORY": bounds.duckdb_memory,
        "OUTCOMES_DUCKDB_TEMP": bounds.duckdb_temp or f"{settings.warehouse}.tmp",
        KEPT_ANSWERS: str(settings.audit),
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
        "DBT_PROJECT_DIR": str(DBT_PROJECT),
        "DBT_TARGET_PATH": str(target_folder(settings)),
        "DBT_LOG_PATH": str(target_folder(settings) / "logs"),
        REFRESH_PROCESS: str(os.getpid()),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def manifest(settings: Settings) -> Path:
    """dbt's manifest of the project; parsed where there is none, one that is not whole, as a full
    disk leaves behind, or one older than the project.

    Raises DbtError where the project cannot be parsed.
    """
    path = target_folder(settings) / "manifest.json"
    if not _is_whole(path) or path.stat().st_mtime < _last_change():
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


def _is_whole(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    return True


def _last_change() -> float:
    files = [path for top in PARSED for path in top.rglob("*")] + list(DBT_PROJECT.glob("*.yml"))
    return max(path.stat().st_mtime for path in files)
