"""Releases: whole sites, of which one is up at a time.

A release is built aside, moved into place under its own name, and put up by replacing one link, so
a reader sees the old release or the new one and never a part of either.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from orchestration.operation import operation
from orchestration.publish.before_the_gate import was_let_through
from orchestration.publish.contents import ReleaseFacts
from orchestration.publish.data_files import write_data_files, write_told_counts
from orchestration.publish.errors import PublishError
from orchestration.publish.feed import ReleaseNote
from orchestration.publish.site import SiteSummary, build_site
from orchestration.settings import TOLD_COUNTS, Settings
from orchestration.state import published_release, rules_digest


@dataclass(frozen=True)
class Published:
    """What was put up, and how many releases are kept."""

    release_id: str
    site: SiteSummary
    releases_kept: int


def publish(settings: Settings, release_id: str) -> Published:
    """Builds the release of the warehouse's published tables and puts it up.

    Raises PublishError where the gate has not let just these tables through, where the release is
    up already, or where a page cannot be built; then the last release stands.
    """
    if not was_let_through(settings):
        raise PublishError(
            "the gate has not let these tables through; run the whole refresh", "the release", None
        )
    last = published_release(settings)
    if last == release_id:
        raise PublishError("this release is up already", "the release", None)
    aside = settings.aside / "release"
    shutil.rmtree(aside, ignore_errors=True)
    data = aside / "data"
    aside.mkdir(parents=True)
    write_data_files(settings.warehouse, data, release_id)
    published_at = datetime.now(UTC)
    facts = ReleaseFacts(
        release_id=release_id,
        as_at=settings.as_at,
        published_at=told_moment(published_at),
        history=(
            ReleaseNote(release_id, settings.as_at, published_at.replace(microsecond=0)),
            *(note for note in kept_releases(settings) if note.release_id != release_id),
        ),
        last_release=last or "",
    )
    whole = aside / "whole"
    site = build_site(data, whole / "public", facts, drawings_kept=settings.drawings)
    write_told_counts(settings.warehouse, whole / TOLD_COUNTS)
    note = {
        "release_id": release_id,
        "as_at": settings.as_at.isoformat(),
        "published_at": published_at.isoformat(timespec="seconds"),
        # The next release says by it whether the rules have changed.
        "rules": rules_digest(),
    }
    (whole / "release.json").write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")
    settings.releases.mkdir(parents=True, exist_ok=True)
    target = settings.releases / release_id
    if target.exists():
        # The same content was published before: its pages are these, its note is not.
        target.rename(aside / "before")
    whole.rename(target)
    put_up(settings, release_id)
    return Published(release_id, site, _remove_old(settings, release_id))


def told_moment(moment: datetime) -> str:
    """A moment as the site's pages tell it: `8 April 2026, 02:14 UTC`."""
    return f"{moment.astimezone(UTC):%-d %B %Y, %H:%M} UTC"


def kept_releases(settings: Settings) -> list[ReleaseNote]:
    """The releases that are kept, by their notes, the newest first."""
    notes = []
    for path in settings.releases.glob("*/release.json"):
        note = json.loads(path.read_text(encoding="utf-8"))
        notes.append(
            ReleaseNote(
                note["release_id"],
                date.fromisoformat(note["as_at"]),
                datetime.fromisoformat(note["published_at"]),
            )
        )
    return sorted(notes, key=lambda note: note.published_at, reverse=True)


def put_up(settings: Settings, release_id: str) -> None:
    """Makes `public` the release of that name, in one step."""
    link = settings.build / "public.next"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / release_id / "public", target_is_directory=True)
    link.replace(settings.public)


def _remove_old(settings: Settings, release_id: str) -> int:
    releases = sorted(
        settings.releases.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True
    )
    kept = [folder for folder in releases if folder.name == release_id]
    kept += [folder for folder in releases if folder.name != release_id][
        : operation().releases_kept - 1
    ]
    for folder in releases:
        if folder not in kept:
            shutil.rmtree(folder)
    return len(kept)
