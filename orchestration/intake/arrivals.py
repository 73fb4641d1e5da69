"""What is still arriving: an upload is left alone until it stands still.

A program that uploads writes a file bit by bit, or a folder file by file, and often sets its time
to that of the original afterwards. So the time of the last change of status (ctime) is looked at:
the operating system sets it with each write, renaming and setting of a time, and nobody else can.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from orchestration.intake.folders import all_below
from orchestration.intake.receive import InboxEntry, stamp


def standing_still(
    entries: Sequence[InboxEntry],
    seconds: float,
    now: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
) -> list[InboxEntry]:
    """The entries in which nothing has changed for so many seconds.

    Where some changed later than that, it pauses once, for no longer than `seconds`, and looks at
    those again. A change in the future, which a clock that was set back leaves behind, counts as
    long ago once a pause has brought no other.
    """
    if not seconds:
        return list(entries)
    first = now()
    seen = {entry.path: _last_change(entry.path) for entry in entries}
    young = {path: change for path, change in seen.items() if first - change < seconds}
    if not young:
        return list(entries)
    pause(max(min(seconds, seconds - (first - change)) for change in young.values()))
    still = []
    for entry in entries:
        if entry.path in young and _last_change(entry.path) != young[entry.path]:
            continue
        # What vanished is no return.
        with suppress(FileNotFoundError):
            if stamp(entry.path) == entry.stamp:
                still.append(entry)
    return still


def _last_change(path: Path) -> float:
    """When `path`, or anything in it, last changed, in seconds since 1970; whatever its name is. 0
    where it has vanished."""
    newest = 0.0
    with suppress(FileNotFoundError):
        newest = path.lstat().st_ctime
        if path.is_dir() and not path.is_symlink():
            for inside, _ in all_below(path):
                newest = max(newest, (path / inside).lstat().st_ctime)
    return newest
