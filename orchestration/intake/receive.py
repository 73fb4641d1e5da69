"""Receiving: noticing what lies in the inbox, and keeping it as it came.

A return is known by its inbox and its content, so the same file put in twice is one return. What is
received is copied first and judged from the copy, so that nobody can change it while it is read.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath

from orchestration.intake.folders import below, make_parents, remove_folder
from orchestration.intake.text_tables import is_part_of_return, is_return_name, shown_name

INDEX = "inbox.json"


@dataclass(frozen=True)
class Received:
    """A return as received. kept: where the copy lies. received_at: the time of the file (UTC)."""

    return_id: str
    inbox: str
    source_name: str
    content: str
    received_at: datetime
    kept: Path


@dataclass(frozen=True)
class InboxEntry:
    """A file or folder of the inbox, its name in plain text; `stamp` changes when the file system
    says that it changed."""

    inbox: str
    path: Path
    stamp: str

    @property
    def name(self) -> str:
        """The name as it can be written down."""
        return shown_name(self.path.name)


def look_into_inbox(returns: Path) -> list[InboxEntry]:
    """Every return that lies in `returns`/<provider_code>/, by inbox and name; links are kept as
    entries, since a link is a return that cannot be opened, but never followed."""
    entries = []
    for inbox in sorted(returns.iterdir()) if returns.is_dir() else ():
        if inbox.is_symlink() or not inbox.is_dir() or not is_return_name(inbox.name):
            continue
        for path in _inside(inbox) or ():
            if is_return_name(path.name):
                # What vanishes while it is looked at, or is neither file nor folder, is no return.
                with suppress(FileNotFoundError):
                    if _is_kept(path) or _is_folder(path):
                        entries.append(InboxEntry(shown_name(inbox.name), path, stamp(path)))
    return entries


def unreadable_inboxes(returns: Path) -> list[str]:
    """The inboxes that may not be read: what lies in them is not seen."""
    inboxes = sorted(returns.iterdir()) if returns.is_dir() else ()
    return [
        shown_name(inbox.name)
        for inbox in inboxes
        if inbox.is_dir() and not inbox.is_symlink() and _inside(inbox) is None
    ]


def _inside(inbox: Path) -> list[Path] | None:
    """What lies in an inbox, or None where it may not be read."""
    try:
        return sorted(inbox.iterdir())
    except PermissionError:
        return None


def stamp(path: Path) -> str:
    """A digest of the names, sizes and times of a file, or of the files of a folder."""
    marks = [str(path.lstat().st_mtime_ns)] if not _is_folder(path) else []
    for name, part in _files(path):
        status = part.lstat()
        marks.append(f"{name}|{status.st_size}|{status.st_mtime_ns}")
    return hashlib.sha256("\n".join(marks).encode("utf-8", "surrogateescape")).hexdigest()


def _is_kept(path: Path) -> bool:
    """Whether it is a file or a link: pipes, sockets and devices are not opened."""
    mode = path.lstat().st_mode
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def receive(entries: list[InboxEntry], received: Path, ledger: Path, most_bytes: int) -> int:
    """Keeps a copy of each entry that is new or changed; gives how many those were.

    A return over `most_bytes` is not copied but noted, so that it can be refused.
    """
    index = _index(ledger)
    unknown = unknown_entries(entries, received, ledger)
    for entry in unknown:
        note = _take_in(entry, received, most_bytes)
        if note is None:
            continue  # it changed or vanished while it was copied, and comes next time
        key = f"{entry.inbox}/{entry.name}/{note['return_id']}"
        if key in index:
            # The same content under the same name: it came when it first came.
            note["received_at"] = min(note["received_at"], index[key]["received_at"])
        index[key] = note
    if unknown:
        ledger.mkdir(parents=True, exist_ok=True)
        write_whole(ledger / INDEX, json.dumps(index, indent=1, sort_keys=True))
    return len(unknown)


def unknown_entries(entries: list[InboxEntry], received: Path, ledger: Path) -> list[InboxEntry]:
    """The entries that were never received as they are now, or of which the copy is gone."""
    rows = list(_index(ledger).values())
    kept = _kept_ids(rows, received)
    known = {(row["inbox"], row["name"], row["stamp"]) for row in rows if row["return_id"] in kept}
    return [e for e in entries if (e.inbox, e.name, e.stamp) not in known]


def lost_returns(received: Path, ledger: Path) -> list[tuple[str, str]]:
    """The returns of which the copy is gone: the inbox and the return_id of each."""
    rows = list(_index(ledger).values())
    kept = _kept_ids(rows, received)
    return sorted({(r["inbox"], r["return_id"]) for r in rows if r["return_id"] not in kept})


def _kept_ids(rows: list[dict[str, str]], received: Path) -> set[str]:
    """The return_ids of which there is a copy, under any spelling of its inbox."""
    return {
        row["return_id"] for row in rows if (received / row["inbox"] / row["return_id"]).is_dir()
    }


def is_as_received(one: Received) -> bool:
    """Whether the copy still holds what was received."""
    try:
        return _identify(one.inbox, one.kept)[1] == one.content
    except OSError:
        return False


def _take_in(entry: InboxEntry, received: Path, most_bytes: int) -> dict[str, str] | None:
    """Copies an entry, tells which return it is by the copy, and keeps the copy where it is new.

    Gives the entry's note for the index, or None where it did not stand still.
    """
    inbox = received / entry.inbox
    aside = inbox / ".part"
    _remove(aside)
    aside.mkdir(parents=True)
    copy = aside / entry.path.name
    try:
        _copy(entry.path, copy, most_bytes)
        received_at = datetime.fromtimestamp(entry.path.lstat().st_mtime, UTC)
        if stamp(entry.path) != entry.stamp:
            return None
    except FileNotFoundError:
        return None
    return_id, content = _identify(entry.inbox, copy)
    folder = inbox / return_id
    if not folder.exists():
        aside.rename(folder)
    return {
        "return_id": return_id,
        "inbox": entry.inbox,
        "name": entry.name,
        "content": content,
        "received_at": received_at.isoformat(),
        "stamp": entry.stamp,
    }


def _remove(folder: Path) -> None:
    if folder.exists():
        remove_folder(folder)


def _index(ledger: Path) -> dict[str, dict[str, str]]:
    """What was received: a note for each inbox, name and content."""
    path = ledger / INDEX
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def all_received(received: Path, ledger: Path) -> list[Received]:
    """Every return ever received, the first of each content, by time and name."""
    rows = sorted(_index(ledger).values(), key=lambda row: (row["received_at"], row["name"]))
    firsts: dict[str, Received] = {}
    for row in rows:
        kept = received / row["inbox"] / row["return_id"]
        if not kept.is_dir():
            continue  # the same content, kept under another spelling of the inbox
        firsts.setdefault(
            row["return_id"],
            Received(
                return_id=row["return_id"],
                inbox=row["inbox"],
                source_name=row["name"],
                content=row["content"],
                received_at=datetime.fromisoformat(row["received_at"]),
                kept=kept / _kept_name(kept),
            ),
        )
    return list(firsts.values())


def _kept_name(folder: Path) -> str:
    """The one name in the folder: that under which this content first came."""
    return next((path.name for path in sorted(folder.iterdir())), "")


def _identify(inbox: str, copy: Path) -> tuple[str, str]:
    """The return's identifier, and a digest of its content. An inbox is one in upper or lower case,
    as a provider's code is."""
    digest = hashlib.sha256()
    for name, path in _files(copy):
        digest.update(f"{name}\0".encode("utf-8", "surrogateescape"))
        if path.is_symlink():
            digest.update(f"link {path.readlink()}".encode("utf-8", "surrogateescape"))
        else:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    content = digest.hexdigest()
    return hashlib.sha256(f"{inbox.lower()}\0{content}".encode()).hexdigest()[:16], content


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    """The files of a return with their names inside it; a single file has no name but itself.

    Hidden files, and those of programs that have the folder open, are no part of it; links are,
    because a return with a link in it cannot be opened.
    """
    if not _is_folder(path):
        yield "", path
        return
    for name in below(path):
        part = path / name
        if part.is_symlink() or (is_part_of_return(name) and _is_kept(part)):
            yield name.as_posix(), part


def _copy(path: Path, target: Path, most_bytes: int) -> None:
    files = list(_files(path))
    if sum(part.lstat().st_size for _, part in files) > most_bytes:
        # A sparse file of the same size: what is too large to read is too large to keep.
        with target.open("wb") as file:
            file.truncate(most_bytes + 1)
        return
    if _is_folder(path):
        target.mkdir()
    for name, part in files:
        place = target / name if name else target
        if name:
            make_parents(target, PurePath(name))
        try:
            shutil.copy2(part, place, follow_symlinks=False)
        except PermissionError:
            # Kept as a link that leads nowhere: a return that cannot be opened, and says so.
            place.symlink_to("unreadable")


def write_whole(path: Path, text: str) -> None:
    """Writes a file so that a reader sees the old one or the new one, and never a part."""
    aside = path.with_name(path.name + ".part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)
