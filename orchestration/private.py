"""What of the build folder is nobody's but the operator's, and is kept so on the disk.

Rows about people, exact small counts, and what could quote them. Others, such as a web server that
runs as a user of its own, may read the releases and nothing else.
"""

from __future__ import annotations

from pathlib import Path

from orchestration.settings import Settings

PRIVATE_FOLDERS = (
    "received", "ledger", "lake", "providers", "dbt", "dagster", "gate", "aside",
)  # fmt: skip
OTHERS = 0o007  # the bits of a mode that speak of others than the owner and the group


def keep_private(settings: Settings) -> None:
    """Makes the private folders of the build folder where they are missing, and takes from others
    what they may do there."""
    for name in PRIVATE_FOLDERS:
        make_private(settings.build / name)
    if settings.warehouse.exists():
        close_to_others(settings.warehouse)


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
