"""The answers of the last audit, kept under the digest of what they were found from (`digests.py`).

What earlier releases told is no part of the digest: it grows with each release, mostly by what that
release showed itself. It is kept beside the answers, which still hold where it makes no difference
(`told.py`). The digest of a file's bytes is in its name too, so that a file which is damaged is
told, and not read.

Which of them each part of an audit used, and of which release that audit was, stands in an index.
Where that release has been published, is the newest, and was told of by the same warehouse, a part
whose claims are the same as then need not even be read (`can_carry`).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
from pandas import DataFrame

from orchestration.disclosure.told import Told
from orchestration.private import close_to_others, make_private

# Which answers the last audit used, by the key of each part.
INDEX = "index.json"


class KeptAnswers:
    """A folder of answers, nobody's but the operator's: they hold limits of exact counts.

    `release_id` is that of the release which is audited now; `told_last` that of the newest one, if
    the warehouse's last night has made it, and so what is told of each count is what that night's
    audit left.
    """

    def __init__(self, folder: Path, release_id: str = "", told_last: str | None = None) -> None:
        self.folder = folder
        self.release_id = release_id
        self.used: set[Path] = set()
        self._index: dict[str, str] = {}
        make_private(folder)
        last = self._last_index()
        is_of_last = told_last is not None and last.get("release_id") == told_last
        self._last = last if is_of_last else {}

    def can_carry(self, key: str, of_all: bytes) -> bool:
        """Whether what the last audit found of a part, whose claims are the same as then, is what
        this one would find: the part was audited under the same geography, policy and code, its
        answers were lasting, and no more has been told since than that audit left to be told.

        That this is so is what `Told.answers_the_same` looks at, count by count, where the last
        audit was of another release: what a release tells is what its audit left shown, and of a
        count that is hidden, what it is that it is hidden. The answers stay kept.
        """
        name = self._last.get("parts", {}).get(key)
        if name is None or self._last.get("of_all") != of_all.hex():
            return False
        path = self.folder / name
        if not path.is_file():
            return False
        self._use(path, key, is_lasting=True)
        return True

    def find(self, of_part: str, claims: DataFrame, key: str = "") -> DataFrame | None:
        """The answers for each of a part's claims, which are clean, under the part's digest; None
        where there are none that hold, or they are damaged. `key` says which part it is."""
        for path in sorted(self.folder.glob(f"{of_part}-*.parquet")):
            if path.name != _name(of_part, path.read_bytes()):
                continue
            answers = duckdb.connect().read_parquet(str(path)).df()
            if _still_hold(answers, claims):
                self._use(path, key, is_lasting=_are_lasting(answers))
                return answers
        return None

    def keep(self, of_part: str, answers: DataFrame, key: str = "") -> None:
        """Keeps the answers under a part's digest, as a whole or not at all."""
        unfinished = self.folder / "unfinished"
        duckdb.connect().from_df(answers).write_parquet(str(unfinished))
        close_to_others(unfinished)
        path = self.folder / _name(of_part, unfinished.read_bytes())
        unfinished.replace(path)
        self._use(path, key, is_lasting=_are_lasting(answers))

    def forget_others(self, of_all: bytes) -> None:
        """Removes what was not used since this was made, and says in the index what was. `of_all`
        is the digest of what all parts of the audit have in common."""
        told = {"release_id": self.release_id, "of_all": of_all.hex(), "parts": self._index}
        unfinished = self.folder / "unfinished"
        unfinished.write_text(json.dumps(told), encoding="utf-8")
        close_to_others(unfinished)
        unfinished.replace(self.folder / INDEX)
        for path in self.folder.iterdir():
            if path not in self.used and path.name != INDEX:
                path.unlink()

    def _use(self, path: Path, key: str, *, is_lasting: bool) -> None:
        self.used.add(path)
        if is_lasting:
            self._index[key] = path.name

    def _last_index(self) -> dict[str, Any]:
        try:
            found = json.loads((self.folder / INDEX).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _are_lasting(answers: DataFrame) -> bool:
    """Whether the answers hold as long as no more is told than they leave to be told. What was told
    by earlier releases alone is said of exposed counts."""
    is_lasting = answers["is_steady"] & ~answers["is_exposed"] & ~answers["was_told_before"]
    return bool(is_lasting.all())


def _still_hold(answers: DataFrame, claims: DataFrame) -> bool:
    now, then = Told(claims, claims), Told(claims, answers)
    if now.is_same(then):
        return True
    is_hidden = answers["is_suppressed_further"].to_numpy()
    return _are_lasting(answers) and now.answers_the_same(then, is_hidden)


def _name(of_part: str, content: bytes) -> str:
    return f"{of_part}-{hashlib.sha256(content).hexdigest()}.parquet"
