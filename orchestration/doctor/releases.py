"""What was computed and put up: the release, the warehouse, the last refresh, the clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from expectations.standard import MANIFEST
from orchestration.doctor.findings import Finding
from orchestration.doctor.places import lock_holder
from orchestration.intake.checksums import LakeFile, checksums_of, damaged, sha256_of
from orchestration.intake.receive import INDEX
from orchestration.last_refresh import last_ending
from orchestration.operation import operation
from orchestration.release_store import NOTE, kept_releases, published_release
from orchestration.settings import TOLD_COUNTS, Settings, SettingsError

# Clocks of machines differ by so much without being wrong.
CLOCKS_DIFFER = timedelta(minutes=5)
FIRST = "run `outcomes refresh`"
MENDED = "put the release back from the backup, or put another up: `outcomes rollback`"
ANEW = "remove the link `public`, which takes the site down, and run `outcomes refresh`"


def release_is_whole(settings: Settings) -> Iterator[Finding]:
    """`public` is a link to a release with a note, a front page, and its data as they were made."""
    link = settings.public
    if not link.is_symlink():
        if settings.build.is_dir():
            found = "is no link to a release" if link.exists() else "nothing has been published yet"
            to_do = f"move it away, and {FIRST}" if link.exists() else FIRST
            yield Finding(str(link), found, to_do)
        return
    public = link.resolve()
    if not public.is_dir():
        yield Finding(str(link), f"leads to {public}, which is not there", ANEW)
        return
    release = published_release(settings)
    if release is None:
        yield Finding(str(public.parent / NOTE), "the release's note cannot be read", ANEW)
    if not (public.parent / TOLD_COUNTS).is_file():
        yield Finding(
            str(public.parent / TOLD_COUNTS),
            "is missing: the next audit would not know what earlier releases told",
            "bring it back from a backup before the next refresh",
        )
    if not public.stat().st_mode & 0o001 or not settings.build.stat().st_mode & 0o001:
        yield Finding(
            str(public),
            "only this user and its group can read the site",
            f"if the web server is another user: chmod o+x {settings.build} and what leads there",
            is_wrong=False,
        )
    if not (public / "index.html").is_file():
        yield Finding(str(public / "index.html"), "is missing", MENDED)
    for name, digest in (release.files if release else {}).items():
        path = public / "data" / name
        if not path.is_file():
            yield Finding(str(path), "is missing", MENDED)
        elif sha256_of(path) != digest:
            yield Finding(str(path), "is not as it was published", MENDED)


def lake_is_undamaged(settings: Settings) -> Iterator[Finding]:
    """Each file of the lake holds what was put into it."""
    if lock_holder(settings) is not None:
        return
    files = []
    for manifest in sorted(settings.lake.glob(f"{MANIFEST}/*/*/*/*.parquet")):
        inside = manifest.relative_to(settings.lake / MANIFEST)
        checksums = checksums_of(settings.ledger, manifest.stem)
        # Of a judgement of an earlier version it is not known.
        files += [
            LakeFile(manifest.stem, settings.lake / table / inside, digest)
            for table, digest in checksums.items()
        ]
    hit = damaged(files)
    if hit:
        yield Finding(
            str(hit[0].path),
            f"this and {len(hit) - 1} other files of the lake are damaged",
            "have the disk looked at; the next refresh that has anything new judges their returns "
            "anew",
        )


def warehouse_is_of_the_release(settings: Settings) -> Iterator[Finding]:
    """The warehouse opens, and holds what is up."""
    if not settings.build.is_dir() or lock_holder(settings) is not None:
        return
    path, release = settings.warehouse, published_release(settings)
    up = release.release_id if release else None
    if not path.exists():
        if up:
            to_do = "nothing: the next refresh that has anything new makes it anew"
            yield Finding(str(path), "is missing", to_do, is_wrong=False)
        return
    import duckdb

    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            row = connection.execute("select release_id from intake.refresh").fetchone()
    except duckdb.Error as error:
        first = str(error).splitlines()[0][:200]
        to_do = f"if nothing else has it open, remove it, then {FIRST}: it is made anew"
        yield Finding(str(path), f"cannot be read ({first})", to_do)
        return
    holds = row[0] if row else "none"
    if holds != up:
        yield Finding(
            str(path),
            f"holds release {holds}, and {up or 'none'} is up: a night did not end well",
            f"read {settings.gate / 'index.html'} and Dagster's page, then {FIRST}",
        )


def last_refresh_was_lately(settings: Settings) -> Iterator[Finding]:
    """A refresh has ended, not too long ago."""
    if not settings.build.is_dir():
        return
    try:
        hours = operation().site_stale_hours
    except SettingsError:
        return  # told by the check of the settings
    path = settings.last_refresh
    if not path.exists():
        yield Finding(str(path), "no refresh has ended yet", FIRST)
        return
    ended = last_ending(settings)
    if ended is None:
        yield Finding(str(path), "does not say when a refresh ended", FIRST)
    elif datetime.now(UTC) - ended > timedelta(hours=hours):
        yield Finding(
            str(path),
            f"the last refresh ended {ended:%Y-%m-%d %H:%M %Z}, more than {hours} hours ago",
            f"see whether the timer or `outcomes serve` still runs, then {FIRST}",
        )


def clock_is_right(settings: Settings) -> Iterator[Finding]:
    """Nothing that this machine wrote down lies in the future."""
    latest = datetime.now(UTC) + CLOCKS_DIFFER
    to_do = "set the clock (timedatectl), and keep it by NTP"
    for release in kept_releases(settings):
        if release.published_at > latest:
            yield Finding(
                str(settings.releases / release.release_id / NOTE),
                f"was published {release.published_at:%Y-%m-%d %H:%M}, in the future: the clock "
                "was set back",
                to_do,
            )
    up = published_release(settings)
    if up is not None and not settings.is_day_given and settings.as_at < up.as_at:
        yield Finding(
            "the clock",
            f"says {settings.as_at}, and the release that is up is told as at {up.as_at}: no "
            "refresh will run",
            to_do,
        )
    index = _read(settings.ledger / INDEX) or {}
    ahead = sum(_is_after(row, latest) for row in index.values())
    if ahead:
        yield Finding(
            str(settings.ledger / INDEX),
            f"{ahead} returns were received in the future: the clock was set back, or their files "
            "came with a wrong time",
            f"{to_do}; a return that comes later may count as an earlier one",
            is_wrong=False,
        )


def _is_after(row: dict[str, Any], latest: datetime) -> bool:
    moment = _moment(row, "received_at")
    return moment is not None and moment > latest


def _read(path: Path) -> dict[str, Any] | None:
    """An object of JSON, or None where the file is missing or is none."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return read if isinstance(read, dict) else None


def _moment(note: dict[str, Any], key: str) -> datetime | None:
    """A moment of a note, or None where it is none or has no time zone."""
    try:
        moment = datetime.fromisoformat(str(note.get(key)))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None
