"""The answers of the last audit, kept under the digest of what they were found from (`digests.py`).

What earlier releases told is no part of the digest: it grows with each release, mostly by what that
release showed itself. It is kept beside the answers, which still hold where it makes no difference
(`told.py`). The digest of a file's bytes is in its name too, so that a file which is damaged is
told, and not read.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
from pandas import DataFrame

from orchestration.disclosure.told import Told
from orchestration.private import close_to_others, make_private


class KeptAnswers:
    """A folder of answers, nobody's but the operator's: they hold limits of exact counts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.used: set[Path] = set()
        make_private(folder)

    def find(self, of_part: str, claims: DataFrame) -> DataFrame | None:
        """The answers for each of a part's claims, which are clean, under the part's digest; None
        where there are none that hold, or they are damaged."""
        for path in sorted(self.folder.glob(f"{of_part}-*.parquet")):
            if path.name != _name(of_part, path.read_bytes()):
                continue
            answers = duckdb.connect().read_parquet(str(path)).df()
            if _still_hold(answers, claims):
                self.used.add(path)
                return answers
        return None

    def keep(self, of_part: str, answers: DataFrame) -> None:
        """Keeps the answers under a part's digest, as a whole or not at all."""
        unfinished = self.folder / "unfinished"
        duckdb.connect().from_df(answers).write_parquet(str(unfinished))
        close_to_others(unfinished)
        path = self.folder / _name(of_part, unfinished.read_bytes())
        unfinished.replace(path)
        self.used.add(path)

    def forget_others(self) -> None:
        """Removes what was neither found nor kept since this was made."""
        for path in self.folder.iterdir():
            if path not in self.used:
                path.unlink()


def _still_hold(answers: DataFrame, claims: DataFrame) -> bool:
    now, then = Told(claims, claims), Told(claims, answers)
    if now.is_same(then):
        return True
    # What was told by earlier releases alone is said of exposed counts.
    is_lasting = answers["is_steady"] & ~answers["is_exposed"] & ~answers["was_told_before"]
    is_hidden = answers["is_suppressed_further"].to_numpy()
    return bool(is_lasting.all()) and now.answers_the_same(then, is_hidden)


def _name(of_part: str, content: bytes) -> str:
    return f"{of_part}-{hashlib.sha256(content).hexdigest()}.parquet"
