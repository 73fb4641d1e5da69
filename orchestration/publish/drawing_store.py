"""Charts that were drawn before, so that only those are drawn whose data changed.

A drawing depends on its specification and on what draws it, and is kept under a digest of both. One
file holds those of the last build: what a build does not ask for is kept no longer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import astuple
from functools import cache
from importlib.metadata import version
from pathlib import Path

from orchestration.private import close_to_others
from orchestration.publish import drawing
from orchestration.publish.drawing import Drawer, Drawing


class Charts:
    """The charts of one build: taken from those of the last, or drawn while the build goes on.

    The file `store` holds those of the last build, and afterwards those of this one and no others.
    A store that cannot be read is as good as none. To be used as a context.
    """

    def __init__(self, store: Path | None = None) -> None:
        self._store = store
        self._kept = _read(store) if store else {}
        self._digests: dict[str, str] = {}
        self._drawn: dict[str, Future[Drawing]] = {}
        self._drawer = Drawer()

    def __enter__(self) -> Charts:
        return self

    def __exit__(self, *error: object) -> None:
        self._drawer.__exit__(*error)

    def want(self, specifications: Mapping[str, str]) -> None:
        """Has charts drawn, given as specifications by their names, if they were not before."""
        for name, specification in specifications.items():
            digest = self._digests[name] = _digest(specification)
            if digest not in self._kept and digest not in self._drawn:
                self._drawn[digest] = self._drawer.draw(specification)

    def drawings(self) -> tuple[dict[str, Drawing], int]:
        """The drawing of each chart by its name, and how many had to be drawn."""
        known = self._kept | {digest: made.result() for digest, made in self._drawn.items()}
        wanted = {digest: known[digest] for digest in self._digests.values()}
        if self._store and wanted.keys() != self._kept.keys():
            _write(self._store, wanted)
        return {name: known[digest] for name, digest in self._digests.items()}, len(self._drawn)


def _write(store: Path, drawings: Mapping[str, Drawing]) -> None:
    store.parent.mkdir(parents=True, exist_ok=True)
    aside = store.with_name(f"{store.name}.part")
    # Those of a draft are drawn before the gate has looked at what they show.
    aside.touch()
    close_to_others(aside)
    aside.write_text(
        json.dumps({digest: astuple(one) for digest, one in drawings.items()}), encoding="utf-8"
    )
    aside.replace(store)


def _digest(specification: str) -> str:
    return hashlib.sha256(f"{_drawn_by()}\0{specification}".encode()).hexdigest()[:32]


@cache
def _drawn_by() -> str:
    """What draws: the module that makes drawings small, and the library that makes them."""
    module = hashlib.sha256(Path(drawing.__file__).read_bytes()).hexdigest()
    return f"{module} {version('vl-convert-python')}"


def _read(store: Path) -> dict[str, Drawing]:
    try:
        held = json.loads(store.read_text(encoding="utf-8"))
        return {
            digest: Drawing(int(width), int(height), str(body))
            for digest, (width, height, body) in held.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
