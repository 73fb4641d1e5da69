"""Past releases: what each changed, putting one back, and computing one again."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from expectations.rules.sql import literal
from orchestration import release_store
from orchestration.intake.checksums import sha256_of
from orchestration.intake.receive import INDEX
from orchestration.lock import refresh_lock
from orchestration.release_store import KeptRelease, kept_release, kept_releases, published_release
from orchestration.settings import Settings
from orchestration.state import code_digest


class NoSuchRelease(Exception):
    """The release is not kept, or is not whole; the message says which there are."""


@dataclass(frozen=True)
class PastRelease:
    """A release that is kept. `changes` says how many figures it added, changed and removed
    against the one before it; it is empty for the first."""

    release: KeptRelease
    is_up: bool
    changes: dict[str, int]

    @property
    def told(self) -> str:
        """What it changed, in a few words."""
        if self.release.last_release is None and not self.changes:
            return "the first release"
        told = [f"{number} {kind}" for kind, number in sorted(self.changes.items())]
        return ", ".join(told) or "nothing changed"


def past_releases(settings: Settings) -> list[PastRelease]:
    """The releases that are kept, the newest first, with what each changed."""
    up = published_release(settings)
    return [
        PastRelease(release, up == release, _changes(settings, release))
        for release in kept_releases(settings)
    ]


def _changes(settings: Settings, release: KeptRelease) -> dict[str, int]:
    revisions = settings.releases / release.release_id / "public" / "data" / "revisions.csv"
    if not revisions.is_file():
        return {}
    with duckdb.connect() as connection:
        counted = connection.execute(
            f"select kind, count(*) from read_csv({literal(str(revisions))}, all_varchar = true, "
            "header = true) group by kind"
        ).fetchall()
    return {str(kind): int(number) for kind, number in counted}


def roll_back(settings: Settings, release_id: str) -> list[str]:
    """Puts a kept release up, in one step, and marks every later one as taken back, so that no
    refresh publishes it again; gives the names of those that were marked.

    Raises NoSuchRelease where it is not kept or not whole, LockHeld while a refresh is under way.
    """
    with refresh_lock(settings.build):
        wanted = _whole_release(settings, release_id)
        later = [
            one
            for one in kept_releases(settings)
            if one.published_at > wanted.published_at and not one.is_taken_back
        ]
        # Marked first: broken off here, the refresh that follows does nothing that is not asked.
        for release in later:
            release_store.take_back(settings, release.release_id)
        release_store.put_up(settings, release_id)
        return [release.release_id for release in later]


def _whole_release(settings: Settings, release_id: str) -> KeptRelease:
    release = kept_release(settings, release_id)
    if release is None:
        kept = ", ".join(one.release_id for one in kept_releases(settings)) or "none"
        raise NoSuchRelease(f"There is no release {release_id}. Kept are: {kept}.")
    public = settings.releases / release_id / "public"
    wrong = [
        name for name, digest in release.files.items() if not _is(public / "data" / name, digest)
    ]
    if wrong or not (public / "index.html").is_file():
        raise NoSuchRelease(
            f"Release {release_id} is not whole: {', '.join(wrong) or 'its pages are gone'}. "
            "Put it back from the backup, or name another."
        )
    return release


def _is(path: Path, digest: str) -> bool:
    return path.is_file() and sha256_of(path) == digest


@dataclass(frozen=True)
class Recomputed:
    """What came of computing a release again: the data files that differ, whether the code is
    another one than then, and where the new one lies."""

    differing: tuple[str, ...]
    is_other_code: bool
    public: Path


def recompute(
    settings: Settings, release_id: str, into: Path, say: Callable[[str], None]
) -> Recomputed:
    """Computes a kept release again, from the returns and the registry that it was made of, as at
    its day, into the folder `into`, which must be empty or not there yet.

    Nothing of the build folder is changed. Raises NoSuchRelease where the release is not kept or
    says too little of what it was made of, FileExistsError where `into` holds anything.
    """
    from orchestration.refresh import Outcome, refresh

    release = _whole_release(settings, release_id)
    folder = settings.releases / release_id
    if not (folder / release_store.INPUTS).is_file():
        raise NoSuchRelease(
            f"Release {release_id} does not say what it was made of: it is older than that."
        )
    if into.exists() and any(into.iterdir()):
        raise FileExistsError(f"{into} is not empty; name a new folder")
    again = Settings(
        into / "no-returns", into / release_store.REGISTRY, into / "build", release.as_at
    )
    again.returns.mkdir(parents=True)
    again.build.mkdir()
    shutil.copytree(folder / release_store.REGISTRY, again.registry)
    _take_over_returns(settings, again, folder / release_store.INPUTS)
    _take_over_releases(settings, again, release)
    report = refresh(again, say)
    if report.outcome is not Outcome.DONE:
        raise NoSuchRelease(f"It could not be computed again: {'; '.join(report.reasons)}")
    made = again.public / "data"
    differing = [name for name, digest in release.files.items() if not _is(made / name, digest)]
    # Each row names its release, whose name is another one where the code is.
    return Recomputed(tuple(sorted(differing)), release.code != code_digest(), again.public)


def _take_over_returns(settings: Settings, again: Settings, inputs: Path) -> None:
    """The returns of a release and what was found out about them, without copying any."""
    again.received.symlink_to(settings.received, target_is_directory=True)
    for folder in (settings.ledger, settings.lake):
        if folder.is_dir():
            shutil.copytree(folder, again.build / folder.name, copy_function=os.link)
    then = {one[0]: one for one in json.loads(inputs.read_text(encoding="utf-8"))}
    index = json.loads((settings.ledger / INDEX).read_text(encoding="utf-8"))
    known = {}
    for key, note in index.items():
        came = then.get(note["return_id"])
        # The name and time under which it first came then; another may have come since.
        if came is not None and note["name"] == came[2]:
            known[key] = note | {"received_at": came[3]}
    (again.ledger / INDEX).unlink()
    (again.ledger / INDEX).write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")


def _take_over_releases(settings: Settings, again: Settings, release: KeptRelease) -> None:
    """The releases before it, and the one that was up then: what it changed is told against it."""
    again.releases.mkdir()
    for one in kept_releases(settings):
        if one.published_at < release.published_at:
            shutil.copytree(
                settings.releases / one.release_id,
                again.releases / one.release_id,
                copy_function=os.link,
            )
    last = release.last_release
    if last and (again.releases / last).is_dir():
        release_store.put_up(again, last)
    elif last:
        raise NoSuchRelease(
            f"Release {release.release_id} was compared with release {last}, which is no longer "
            "kept: what it changed cannot be told again."
        )
