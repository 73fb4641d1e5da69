"""The releases that are kept: whole sites with a note each, of which one is up.

A release is known by its note (`releases/<release_id>/release.json`), which is the last of it that
is written and the first that is removed. One that was taken back holds `taken_back.json` beside it.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration.intake.receive import write_whole
from orchestration.settings import TOLD_COUNTS, Settings

NOTE = "release.json"
TAKEN_BACK = "taken_back.json"
# What a release was made of: the returns and the registry.
INPUTS = "inputs.json"
REGISTRY = "registry"


@dataclass(frozen=True)
class KeptRelease:
    """A release as its note tells of it. `rules` and `code` are digests of what it was made by;
    `last_release` was up before it; `files` gives the SHA-256 of each data file by its name."""

    release_id: str
    as_at: date
    published_at: datetime
    rules: str | None = None
    code: str | None = None
    last_release: str | None = None
    files: dict[str, str] = field(default_factory=dict)
    is_taken_back: bool = False

    def note(self) -> str:
        """The note, as it is written."""
        told: dict[str, Any] = asdict(self)
        told |= {
            "as_at": self.as_at.isoformat(),
            "published_at": self.published_at.isoformat(timespec="seconds"),
        }
        del told["is_taken_back"]
        return json.dumps(told, indent=1) + "\n"


def kept_releases(settings: Settings) -> list[KeptRelease]:
    """The releases that are kept, those that were taken back among them, the newest first.

    One whose note cannot be read is none.
    """
    found = (_read(path.parent) for path in settings.releases.glob(f"*/{NOTE}"))
    kept = [release for release in found if release is not None]
    return sorted(kept, key=lambda one: (one.published_at, one.release_id), reverse=True)


def kept_release(settings: Settings, release_id: str) -> KeptRelease | None:
    """The release of that name, or None where it is not kept."""
    return next((one for one in kept_releases(settings) if one.release_id == release_id), None)


def published_release(settings: Settings) -> KeptRelease | None:
    """The release that is up, or None before the first."""
    if not settings.public.is_symlink():
        return None
    return _read(settings.public.resolve().parent)


def is_taken_back(settings: Settings, release_id: str) -> bool:
    """Whether the operator took the release of that name back."""
    return (settings.releases / release_id / TAKEN_BACK).is_file()


def told_counts(settings: Settings) -> Path | None:
    """What all releases so far tell of each count: the file of the newest, whether it is up or was
    taken back, for a reader may have kept it. None before the first."""
    for release in kept_releases(settings):
        path = settings.releases / release.release_id / TOLD_COUNTS
        if path.is_file():
            return path
    return None


def next_moment(settings: Settings) -> datetime:
    """The moment at which a release is published now: later than that of every other, whatever the
    clock says."""
    now = datetime.now(UTC).replace(microsecond=0)
    newest = next(iter(kept_releases(settings)), None)
    return max(now, newest.published_at + timedelta(seconds=1)) if newest else now


def put_up(settings: Settings, release_id: str) -> None:
    """Makes `public` the release of that name, in one step, and leaves it marked as not taken
    back. What the link leads to is on the disk before the link is."""
    os.sync()
    link = settings.build / "public.next"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / release_id / "public", target_is_directory=True)
    link.replace(settings.public)
    (settings.releases / release_id / TAKEN_BACK).unlink(missing_ok=True)


def take_back(settings: Settings, release_id: str) -> None:
    """Marks a release as taken back: a refresh does not publish it again."""
    told = {"taken_back_at": datetime.now(UTC).isoformat(timespec="seconds")}
    write_whole(settings.releases / release_id / TAKEN_BACK, json.dumps(told) + "\n")


def remove_old(settings: Settings, most: int) -> int:
    """Removes all but the newest `most` releases, never the one that is up; gives how many there
    are then. What is no whole release goes too."""
    up = published_release(settings)
    kept = kept_releases(settings)
    wanted = {up.release_id} if up else set()
    for release in kept:
        if len(wanted) < most or release.release_id in wanted:
            wanted.add(release.release_id)
    for folder in settings.releases.iterdir():
        if folder.name not in wanted:
            # Under its name it is whole or not there.
            old = settings.aside / "removed" / folder.name
            shutil.rmtree(old, ignore_errors=True)
            old.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(old)
            shutil.rmtree(old)
    return len(wanted)


def _read(folder: Path) -> KeptRelease | None:
    try:
        note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        return KeptRelease(
            release_id=str(note["release_id"]),
            as_at=date.fromisoformat(note["as_at"]),
            published_at=datetime.fromisoformat(note["published_at"]),
            rules=note.get("rules"),
            code=note.get("code"),
            last_release=note.get("last_release"),
            files=dict(note.get("files", {})),
            is_taken_back=(folder / TAKEN_BACK).is_file(),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
