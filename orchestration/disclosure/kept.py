"""What was found at the last audit, kept under digests of what it was found from (`digests.py`).

The digest of a file's bytes is in its name too, so that a file which is damaged is told, and not
read.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import duckdb
from pandas import DataFrame

from orchestration.private import close_to_others, make_private


# The environment variable that says where findings are kept; without it they are not.
FINDINGS_FOLDER = "OUTCOMES_AUDIT_FINDINGS"


class KeptFindings:
    """A folder of findings, nobody's but the operator's: they hold exact counts' limits."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.used: set[Path] = set()
        make_private(folder)

    def find(self, names: Iterable[str]) -> DataFrame | None:
        """What is kept under one of the names; None where nothing is, or what is there is
        damaged."""
        for name in names:
            for path in sorted(self.folder.glob(f"{name}-*.parquet")):
                if path.stem == f"{name}-{_digest(path.read_bytes())}":
                    self.used.add(path)
                    return duckdb.connect().read_parquet(str(path)).df()
        return None

    def keep(self, names: Iterable[str], findings: DataFrame) -> None:
        """Keeps the findings under each of the names, each file as a whole or not at all."""
        unfinished = self.folder / "unfinished"
        duckdb.connect().from_df(findings).write_parquet(str(unfinished))
        content = unfinished.read_bytes()
        for name in names:
            path = self.folder / f"{name}-{_digest(content)}.parquet"
            unfinished.write_bytes(content)
            close_to_others(unfinished)
            os.replace(unfinished, path)
            self.used.add(path)

    def forget_others(self) -> None:
        """Removes what was neither found nor kept since this was made."""
        for path in self.folder.iterdir():
            if path not in self.used:
                path.unlink()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
