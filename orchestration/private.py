"""What of the build folder is nobody's but the operator's, and is kept so on the disk.

Rows about people, exact small counts, and what could quote them. Others, such as a web server that
runs as a user of its own, may read the releases and nothing else.
"""

from __future__ import annotations

from pathlib import Path

from orchestration.release_store import INPUTS
from orchestration.settings import LET_THROUGH, TOLD_COUNTS, Settings

PRIVATE_FOLDERS = (
    "received", "ledger", "lake", "providers", "inputs", "dbt", "dagster", "gate", "damaged",
    "aside", "errors", "spark", "audit",
)  # fmt: skip
# Made by those that need them: that there is one says that something is damaged, or was compared.
MADE_ELSEWHERE = ("damaged", "spark")
OTHERS = 0o007  # the bits of a mode that speak of others than the owner and the group


def private_folders(settings: Settings) -> list[Path]:
    """The folders, whether they are there or not."""
    return [settings.build / name for name in PRIVATE_FOLDERS]


def private_files(settings: Settings) -> list[Path]:
    """The files that lie in no private folder, whether they are there or not."""
    log = settings.warehouse.with_name(f"{settings.warehouse.name}.wal")
    beside = [settings.releases.glob(f"*/{name}") for name in (TOLD_COUNTS, INPUTS, LET_THROUGH)]
    beside.append(settings.build.glob(f"{settings.drawings.name}*"))
    return [settings.warehouse, log, *(path for found in beside for path in found)]


def keep_private(settings: Settings) -> None:
    """Makes the private folders of the build folder where they are missing, and takes from others
    what they may do there."""
    for folder in private_folders(settings):
        if folder.name not in MADE_ELSEWHERE:
            make_private(folder)
    elsewhere = [settings.build / name for name in MADE_ELSEWHERE]
    for path in (*elsewhere, *private_files(settings)):
        if path.exists():
            close_to_others(path)


def make_private(folder: Path) -> None:
    """Makes the folder where it is missing, and closes it to others."""
    folder.mkdir(parents=True, exist_ok=True)
    close_to_others(folder)


def close_to_others(path: Path) -> None:
    """Takes from others whatever they may do with a file or folder; owner and group keep theirs."""
    mode = path.stat().st_mode
    if mode & OTHERS:
        path.chmod(mode & ~OTHERS & 0o7777)


def is_open_to_others(path: Path, build: Path) -> bool:
    """Whether others than the owner and the group can reach `path` in the build folder, and read or
    change it, by the modes of both and of what lies between."""
    between = [folder for folder in path.parents if folder == build or build in folder.parents]
    return bool(path.stat().st_mode & OTHERS) and all(
        folder.stat().st_mode & 0o001 for folder in between
    )
