"""What one process takes to judge a return: its time, its memory, and what it found."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Findings:
    """failures: how many of contacts, by rule. kept: the contacts that are not excluded, None where
    it was not asked. parts: seconds by part of the work, where they were taken."""

    failures: dict[str, int]
    kept: int | None = None
    parts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """What one process took. seconds and cpu_seconds: for the work, imports left out; cpu_seconds
    is the processor time of all its threads. peak_mb: the most memory that the process ever held,
    imports and all, in megabytes of 10^6 bytes."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    findings: Findings


def run(judge: Callable[[Path], Findings]) -> None:
    """Judges the return in the folder that the command line names, and prints what it took as
    JSON. Called when everything is imported."""
    folder = Path(sys.argv[1])
    before, cpu_before = time.perf_counter(), sum(os.times()[:2])
    findings = judge(folder)
    seconds, cpu_seconds = time.perf_counter() - before, sum(os.times()[:2]) - cpu_before
    print(json.dumps(asdict(Measured(seconds, cpu_seconds, peak_memory() / 1e6, findings))))


def peak_memory() -> int:
    """The most memory this process ever held, in bytes. Linux only: elsewhere there is no telling
    it apart from that of the process that started this one."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise OSError("/proc/self/status does not say what memory was used")
