"""Making a release: built aside, moved into place under its own name, and put up by replacing one
link, so a reader sees the old release or the new one and never a part of either.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.intake.checksums import sha256_of
from orchestration.operation import operation
from orchestration.publish import draft
from orchestration.publish.before_the_gate import as_at_in_warehouse, keep_note, was_let_through
from orchestration.publish.contents import ReleaseFacts
from orchestration.publish.data_files import write_data_files, write_told_counts
from orchestration.publish.errors import PublishError
from orchestration.publish.feed import ReleaseNote
from orchestration.publish.site import SiteSummary, build_site
from orchestration.release_store import (
    NOTE,
    KeptRelease,
    kept_releases,
    next_moment,
    published_release,
    put_up,
    remove_old,
)
from orchestration.settings import TOLD_COUNTS, Settings
from orchestration.state import code_digest, rules_digest
from orchestration.transform import warehouse

# A release as it is kept, in the folder in which it is made.
WHOLE = "whole"


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
    if last is not None and last.release_id == release_id:
        raise PublishError("this release is up already", "the release", None)
    site = draft.take(settings, release_id) or make(settings, release_id)
    aside = made_aside(settings)
    keep_note(settings, aside / WHOLE)
    settings.releases.mkdir(parents=True, exist_ok=True)
    target = settings.releases / release_id
    if target.exists():
        # The same content was published before: its pages are these, its note is not.
        target.rename(aside / "before")
    (aside / WHOLE).rename(target)
    put_up(settings, release_id)
    warehouse.finish(settings)
    return Published(release_id, site, remove_old(settings, operation().releases_kept))


def made_aside(settings: Settings) -> Path:
    """Where a release is made, before anything of it is put up."""
    return settings.aside / "release"


def make(settings: Settings, release_id: str) -> SiteSummary:
    """Makes the whole release of the warehouse's published tables aside, where nobody reads it.

    Raises PublishError where a page cannot be built.
    """
    aside, last = made_aside(settings), published_release(settings)
    shutil.rmtree(aside, ignore_errors=True)
    data, whole = aside / "data", aside / WHOLE
    aside.mkdir(parents=True)
    write_data_files(settings.warehouse, data, release_id)
    release = KeptRelease(
        release_id=release_id,
        as_at=as_at_in_warehouse(settings),
        published_at=next_moment(settings),
        # The next release says by them whether the rules have changed.
        rules=rules_digest(),
        code=code_digest(),
        last_release=last.release_id if last else None,
        files={path.name: sha256_of(path) for path in sorted(data.iterdir())},
    )
    site = build_site(
        data,
        whole / "public",
        release_facts(settings, release),
        drawings_kept=settings.drawings,
        may_share=True,
    )
    write_told_counts(settings.warehouse, whole / TOLD_COUNTS)
    for part in settings.inputs.iterdir():
        copy = shutil.copytree if part.is_dir() else shutil.copy2
        copy(part, whole / part.name)
    (whole / NOTE).write_text(release.note(), encoding="utf-8")
    return site


def release_facts(settings: Settings, release: KeptRelease) -> ReleaseFacts:
    """What the pages of a release say of it and of those before it; one that was taken back is not
    told of."""
    before = [
        one
        for one in kept_releases(settings)
        if not one.is_taken_back
        and one.release_id != release.release_id
        and one.published_at < release.published_at
    ]
    return ReleaseFacts(
        release_id=release.release_id,
        as_at=release.as_at,
        published_at=told_moment(release.published_at),
        history=tuple(_notes([release, *before])),
        last_release=release.last_release or "",
    )


def _notes(releases: Iterable[KeptRelease]) -> Iterable[ReleaseNote]:
    return (ReleaseNote(one.release_id, one.as_at, one.published_at) for one in releases)


def told_moment(moment: datetime) -> str:
    """A moment as the site's pages tell it: `8 April 2026, 02:14 UTC`."""
    return f"{moment.astimezone(UTC):%-d %B %Y, %H:%M} UTC"
