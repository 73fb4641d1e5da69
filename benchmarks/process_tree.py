"""What a command takes, with every process that it starts: time, memory, bytes written."""

from __future__ import annotations

import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# How often the memory of the processes is looked at, in seconds.
EVERY = 0.5
PROC = Path("/proc")


@dataclass(frozen=True)
class Taken:
    """What a command took. seconds: by the clock; cpu_seconds: processor time of all its processes.
    peak_mb: the most memory that all its processes held at one time, shared pages counted once, in
    megabytes of 10^6 bytes. written_mb: what they wrote to the disk, the same way. output: what it
    said, on standard output and standard error."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    written_mb: float
    output: str


class CommandFailed(Exception):
    """A command that is measured ended badly; the message holds what it said."""


def take(
    command: Sequence[str | Path],
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Taken:
    """Runs a command to its end and measures it. Linux only. Raises CommandFailed where it fails.

    Only one command is to be measured at a time: bytes and processor time are told by the system
    for all ended children together.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    with subprocess.Popen(
        [str(part) for part in command],
        env=os.environ | dict(environment or {}),
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        watch = _Watch(process.pid)
        watch.start()
        output, _ = process.communicate()
    seconds = time.perf_counter() - started
    watch.end()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        told = " ".join(map(str, command))
        raise CommandFailed(f"{told} ended with {process.returncode}:\n{output[-4000:]}")
    return Taken(
        seconds=round(seconds, 2),
        cpu_seconds=round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2),
        peak_mb=round(watch.peak / 1e6, 1),
        # In blocks of 512 bytes, whatever the file system's are.
        written_mb=round((after.ru_oublock - before.ru_oublock) * 512 / 1e6, 1),
        output=output,
    )


class _Watch(threading.Thread):
    """Looks again and again at the memory of a process and all that come from it."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.process, self.peak = process, 0
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(EVERY):
            self.peak = max(self.peak, memory_of_tree(self.process))

    def end(self) -> None:
        """No more looks."""
        self._ended.set()
        self.join()


def memory_of_tree(process: int) -> int:
    """The memory of a process and all its descendants now, in bytes: their proportional set size,
    in which a page that several share counts once."""
    return sum(_memory(each) for each in _tree(process))


def _tree(process: int) -> list[int]:
    found = [process]
    for each in found:
        try:
            for path in PROC.glob(f"{each}/task/*/children"):
                found += [int(child) for child in path.read_text(encoding="ascii").split()]
        except OSError:
            continue  # it has ended, or a thread of it has
    return found


def _memory(process: int) -> int:
    try:
        rollup = (PROC / str(process) / "smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0  # it has ended
    for line in rollup.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
