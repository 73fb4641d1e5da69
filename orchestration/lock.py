"""One refresh at a time, for each build folder."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_held: set[Path] = set()


class LockHeld(Exception):
    """Another refresh of this build folder is under way."""


def is_refreshing(build: Path) -> bool:
    """Whether a refresh of the build folder is under way, in this process or another."""
    path = build / "refresh.lock"
    if path in _held:
        return True
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextmanager
def refresh_lock(build: Path) -> Iterator[None]:
    """Holds the lock of the build folder; raises LockHeld at once where another process has it.

    The lock is the operating system's, so it is let go of when the process ends, however it ends.
    Within one process it may be taken again by those that a holder calls.
    """
    path = build / "refresh.lock"
    if path in _held:
        yield
        return
    build.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockHeld(f"another refresh of {build} is under way") from None
        _held.add(path)
        try:
            yield
        finally:
            _held.discard(path)
