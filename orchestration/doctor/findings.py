"""What a check of an installation gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from orchestration.settings import Settings


@dataclass(frozen=True)
class Finding:
    """One thing that was found. `subject`: which file, folder or setting; `found`: what is there;
    `to_do`: what mends it. A finding that is not wrong is worth knowing, and no more."""

    subject: str
    found: str
    to_do: str
    is_wrong: bool = True


# A check looks at one thing and gives what it finds; nothing, where all is well. It may raise
# OSError where it cannot look.
Check = Callable[[Settings], Iterator[Finding]]
