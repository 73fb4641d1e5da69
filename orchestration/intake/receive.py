"""Receiving: noticing what lies in the inbox, and keeping it as it came.

A return is known by its inbox and its content, so the same file put in twice is one return. What is
received is copied first and judged from the copy, so that nobody can change it while it is read.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.intake.text_tables import is_return_name

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
    """A file or folder of the inbox; `stamp` changes when the file system says that it changed."""

    inbox: str
    path: Path
    stamp: str


def look_into_inbox(returns: Path) -> list[InboxEntry]:
    """Every return that lies in `returns`/<provider_code>/, by inbox and name; links are kept as
    entries, since a link is a return that cannot be opened, but never followed."""
    entries = []
    for inbox in sorted(returns.iterdir()) if returns.is_dir() else ():
        if inbox.is_symlink() or not inbox.is_dir() or not is_return_name(inbox.name):
            continue
        entries += [
            InboxEntry(inbox.name, path, _stamp(path))
            for path in sorted(inbox.iterdir())
            if is_return_name(path.name)
        ]
    return entries


def _stamp(path: Path) -> str:
    parts = [path, *sorted(path.rglob("*"))] if _is_folder(path) else [path]
    marks = []
    for part in parts:
        status = part.lstat()
        marks.append(f"{part.relative_to(path)}|{status.st_size}|{status.st_mtime_ns}")
    return hashlib.sha256("\n".join(marks).encode("utf-8", "surrogateescape")).hexdigest()


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def receive(entries: list[InboxEntry], received: Path, ledger: Path, most_bytes: int) -> int:
    """Keeps a copy of each entry that is new or changed; gives how many those were.

    A return over `most_bytes` is not copied but noted, so that it can be refused.
    """
    index = _index(ledger)
    unknown = unknown_entries(entries, ledger)
    for entry in unknown:
        return_id, content = _identify(entry)
        folder = received / entry.inbox / return_id
        note = {
            "return_id": return_id,
            "inbox": entry.inbox,
            "name": entry.path.name,
            "content": content,
            "received_at": datetime.fromtimestamp(entry.path.lstat().st_mtime, UTC).isoformat(),
            "stamp": entry.stamp,
        }
        if not folder.exists():
            _keep(entry.path, folder, most_bytes)
        key = f"{entry.inbox}/{entry.path.name}/{return_id}"
        if key in index:
            # The same content under the same name: it came when it first came.
            note["received_at"] = min(note["received_at"], index[key]["received_at"])
        index[key] = note
    if unknown:
        ledger.mkdir(parents=True, exist_ok=True)
        write_whole(ledger / INDEX, json.dumps(index, indent=1, sort_keys=True))
    return len(unknown)


def unknown_entries(entries: list[InboxEntry], ledger: Path) -> list[InboxEntry]:
    """The entries that were never received as they are now."""
    known = {(row["inbox"], row["name"], row["stamp"]) for row in _index(ledger).values()}
    return [e for e in entries if (e.inbox, e.path.name, e.stamp) not in known]


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


def _identify(entry: InboxEntry) -> tuple[str, str]:
    """The return's identifier, and a digest of its content."""
    digest = hashlib.sha256()
    for name, path in _files(entry.path):
        digest.update(f"{name}\0".encode("utf-8", "surrogateescape"))
        if path.is_symlink():
            digest.update(f"link {path.readlink()}".encode("utf-8", "surrogateescape"))
        else:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    content = digest.hexdigest()
    return hashlib.sha256(f"{entry.inbox}\0{content}".encode()).hexdigest()[:16], content


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    """The files of a return with their names inside it; a single file has no name but itself."""
    if not _is_folder(path):
        yield "", path
        return
    for part in sorted(path.rglob("*")):
        if part.is_symlink() or part.is_file():
            yield part.relative_to(path).as_posix(), part


def _keep(path: Path, folder: Path, most_bytes: int) -> None:
    aside = folder.with_name(folder.name + ".part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    target = aside / path.name
    if sum(part.lstat().st_size for _, part in _files(path)) > most_bytes:
        # A sparse file of the same size: what is too large to read is too large to keep.
        with target.open("wb") as file:
            file.truncate(most_bytes + 1)
    elif _is_folder(path):
        shutil.copytree(path, target, symlinks=True)
    else:
        shutil.copy2(path, target, follow_symlinks=False)
    aside.rename(folder)


def write_whole(path: Path, text: str) -> None:
    """Writes a file so that a reader sees the old one or the new one, and never a part."""
    aside = path.with_name(path.name + ".part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)
