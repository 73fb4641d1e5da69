"""Folders, what may be done in them and by whom, the disk, the file system, the lock."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from orchestration.doctor.findings import Finding
from orchestration.intake.text_tables import is_return_name, shown_name
from orchestration.private import OTHERS, is_open_to_others, private_files, private_folders
from orchestration.registry import RegistryError, load_registry
from orchestration.settings import Settings

# A refresh builds tables and a release beside those that are there, and takes new returns in.
TIMES_FREE = 2
# What the smallest refresh needs: Dagster's and dbt's own files, an empty warehouse, a site.
LEAST_FREE = 256 * 1024 * 1024
READ, WRITE, ENTER = os.R_OK, os.W_OK, os.X_OK
LOCKS = Path("/proc/locks")


def folders_can_be_used(settings: Settings) -> Iterator[Finding]:
    """Inbox, registry and build folder, by what this user must do there."""
    for path, need, what, option in (
        (settings.returns, READ | ENTER, "inbox", "--returns"),
        (settings.registry, READ | ENTER, "registry", "--registry"),
        (settings.build, READ | WRITE | ENTER, "build folder", "--build"),
    ):
        if not path.is_dir():
            made = (
                "run `outcomes refresh`, or name" if what == "build folder" else "make it, or name"
            )
            yield Finding(str(path), f"there is no {what} here", f"{made} another: {option}")
        elif not os.access(path, need):
            may = "read and write" if need & WRITE else "read"
            yield Finding(
                str(path), f"this user may not {may} the {what}", f"let this user {may} it"
            )


def registry_can_be_used(settings: Settings) -> Iterator[Finding]:
    """The registry, and whether each inbox is a provider's."""
    if not settings.registry.is_dir():
        return
    try:
        known = {code.lower() for code in load_registry(settings.registry).providers}
    except RegistryError as error:
        yield Finding(str(settings.registry), str(error), "mend that file of the registry")
        return
    for inbox in _inboxes(settings):
        if inbox.name.lower() not in known:
            yield Finding(
                shown_name(str(inbox)),
                "is no provider's inbox: every return in it will be rejected",
                "call it by the provider's code, or register the provider",
                is_wrong=False,
            )


def inboxes_are_readable_and_private(settings: Settings) -> Iterator[Finding]:
    """Each provider's inbox: this user reads it, others do not."""
    for inbox in _inboxes(settings):
        name = shown_name(str(inbox))
        if not os.access(inbox, READ | ENTER):
            yield Finding(name, "this user may not read it", "let this user read it")
        if inbox.stat().st_mode & OTHERS and settings.returns.stat().st_mode & 0o001:
            yield Finding(
                name,
                "others on this machine can read rows about people in it",
                f"chmod o-rwx {settings.returns}, or each inbox (docs/operators/inbox.md)",
            )


def _inboxes(settings: Settings) -> list[Path]:
    if not settings.returns.is_dir() or not os.access(settings.returns, READ | ENTER):
        return []
    return sorted(
        path
        for path in settings.returns.iterdir()
        if path.is_dir() and not path.is_symlink() and is_return_name(path.name)
    )


def private_places_are_private(settings: Settings) -> Iterator[Finding]:
    """Rows about people and exact counts in the build folder are closed to others."""
    for path in (*private_folders(settings), *private_files(settings)):
        if path.exists() and is_open_to_others(path, settings.build):
            yield Finding(
                str(path), "others on this machine can read it or write there",
                f"chmod o-rwx {path}",
            )  # fmt: skip


def disk_is_large_enough(settings: Settings) -> Iterator[Finding]:
    """Room for another warehouse and another release, twice over."""
    if not settings.build.is_dir():
        return
    last = settings.public.resolve().parent
    files = [settings.warehouse, *(last.rglob("*") if settings.public.is_symlink() else ())]
    needed = TIMES_FREE * sum(path.stat().st_size for path in files if path.is_file())
    needed = max(needed, LEAST_FREE)
    free = shutil.disk_usage(settings.build).free
    if free < needed:
        yield Finding(
            str(settings.build),
            f"{free // 2**20} MiB are free on its disk, expected at least {needed // 2**20}",
            "make room: fewer releases kept (OUTCOMES_RELEASES_KEPT), or a larger disk",
        )


def file_system_can_do_it(settings: Settings) -> Iterator[Finding]:
    """Locks, renaming over a file, links: tried in a folder of its own, which goes again."""
    if not settings.build.is_dir() or not os.access(settings.build, WRITE | ENTER):
        return
    with tempfile.TemporaryDirectory(prefix=".doctor-", dir=settings.build) as made:
        folder = Path(made)
        for what, attempt in (
            ("a lock (flock) that keeps another out", _locks),
            ("renaming over a file", _renames),
            ("a link that is replaced in one step", _links),
        ):
            try:
                done = attempt(folder)
            except OSError as error:
                done = False
                reason = f": {error.strerror}"
            else:
                reason = ""
            if not done:
                yield Finding(
                    str(settings.build),
                    f"its file system cannot do {what}{reason}",
                    "put the build folder on a local disk (ext4, xfs)",
                )


def _locks(folder: Path) -> bool:
    with (folder / "lock").open("w") as first, (folder / "lock").open("w") as second:
        fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _renames(folder: Path) -> bool:
    (folder / "old").write_text("old", encoding="utf-8")
    (folder / "new").write_text("new", encoding="utf-8")
    (folder / "new").replace(folder / "old")
    return (folder / "old").read_text(encoding="utf-8") == "new"


def _links(folder: Path) -> bool:
    for target in ("first", "second"):
        (folder / target).mkdir()
        (folder / "next").symlink_to(target, target_is_directory=True)
        (folder / "next").replace(folder / "link")
    return (folder / "link").resolve() == (folder / "second").resolve()


def lock_is_free(settings: Settings) -> Iterator[Finding]:
    """Who holds the lock of a refresh, which is nothing wrong."""
    holder = lock_holder(settings)
    if holder is not None:
        yield Finding(
            str(settings.build / "refresh.lock"),
            f"a refresh, or a backup, is under way: process {holder} holds the lock",
            "wait for it; the warehouse and the release are looked at once it has ended",
            is_wrong=False,
        )


def lock_holder(settings: Settings) -> int | None:
    """The process that holds the lock, as the system tells it, or None. It is not tried to take the
    lock, which could turn away a refresh that begins at that moment."""
    try:
        status = (settings.build / "refresh.lock").stat()
        lines = LOCKS.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return None  # no lock, or no Linux
    device = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    for line in lines:
        # 1: FLOCK  ADVISORY  WRITE 1234 fe:00:5591858 0 EOF; `->` before the kind is one who waits.
        words = line.split()
        if words[1] == "FLOCK" and words[5] == device:
            return int(words[4])
    return None
