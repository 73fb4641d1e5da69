"""Charts that were drawn before, so that only those are drawn whose data changed.

A drawing depends on its specification and on what draws it, and is kept under a digest of both. One
file holds those of the last build: what a build does not ask for is kept no longer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import astuple
from functools import cache
from importlib.metadata import version
from pathlib import Path

from orchestration.private import close_to_others
from orchestration.publish import drawing
from orchestration.publish.drawing import Drawing, draw_all


def drawn(specifications: Iterable[str], store: Path | None = None) -> tuple[list[Drawing], int]:
    """The drawing of each specification, and how many had to be drawn.

    Those that the file `store` holds are taken from it, and it then holds these and no others. A
    store that cannot be read is as good as none.
    """
    digests = [(_digest(text), text) for text in specifications]
    wanted = dict(digests)
    known = _read(store) if store else {}
    missing = [digest for digest in wanted if digest not in known]
    known |= zip(missing, draw_all([wanted[digest] for digest in missing]), strict=True)
    kept = {digest: known[digest] for digest in wanted}
    if store and (missing or len(known) > len(kept)):
        store.parent.mkdir(parents=True, exist_ok=True)
        aside = store.with_name(f"{store.name}.part")
        # Those of a draft are drawn before the gate has looked at what they show.
        aside.touch()
        close_to_others(aside)
        aside.write_text(
            json.dumps({digest: astuple(one) for digest, one in kept.items()}), encoding="utf-8"
        )
        aside.replace(store)
    return [kept[digest] for digest, _ in digests], len(missing)


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
