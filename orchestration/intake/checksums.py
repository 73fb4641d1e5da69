"""Whether the lake still holds what was put into it.

Before the rows of a judgement are taken into the lake, the SHA-256 of each of its files is written
to the ledger (`checksums/<judgement_id>.json`, by table). A file that is gone, or holds anything
else, is damaged: its return is judged anew from the copy that was received.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from orchestration.intake.receive import write_whole

FOLDER = "checksums"


@dataclass(frozen=True)
class LakeFile:
    """A file that belongs in the lake: of which judgement it is, and its SHA-256."""

    judgement_id: str
    path: Path
    sha256: str

    def is_damaged(self) -> bool:
        """Whether it is gone, or holds anything else than was put into it."""
        try:
            return sha256_of(self.path) != self.sha256
        except OSError:
            return True


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checksums(ledger: Path, judgement_id: str, files: Mapping[str, Path]) -> None:
    """Notes what the files of a judgement hold, given by their tables."""
    (ledger / FOLDER).mkdir(parents=True, exist_ok=True)
    noted = {table: sha256_of(path) for table, path in sorted(files.items())}
    write_whole(checksums_file(ledger, judgement_id), json.dumps(noted))


def checksums_of(ledger: Path, judgement_id: str) -> dict[str, str]:
    """The SHA-256 of each of a judgement's files, by table; nothing where that cannot be told."""
    try:
        noted = json.loads(checksums_file(ledger, judgement_id).read_text(encoding="utf-8"))
        return {str(table): str(digest) for table, digest in noted.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def checksums_file(ledger: Path, judgement_id: str) -> Path:
    """Where it is noted what the files of a judgement hold."""
    return ledger / FOLDER / f"{judgement_id}.json"


def damaged(files: Iterable[LakeFile]) -> list[LakeFile]:
    """Those that are damaged; all are read, on every processor."""
    listed = list(files)
    # Hashing lets other threads run.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        found = threads.map(LakeFile.is_damaged, listed)
        return [file for file, is_damaged in zip(listed, found, strict=True) if is_damaged]
