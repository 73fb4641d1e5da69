"""Judges returns in a process of its own, and measures it.

`python -m tests.judging_alone ASIDE PATH...` prints a JSON list: for each return its failures, the
identifiers of the contacts that count, the messages, the seconds that reading and judging took, and
the megabytes of memory that the process had needed by then at its peak beyond what it needed for a
clean return. Returns that are read at once are judged in lots, and each is given its lot's time:
judging costs the same half second for one return as for ten.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from orchestration.facts import standard
from orchestration.intake.read import read_return
from orchestration.intake.text_tables import Unreadable
from tests.judging import judge_one, judge_paths
from tests.return_files import ReturnFiles

LOT = 10
AT_ONCE = 0.1  # seconds
# Beyond this the process is ended by the system, and not the computer by the process.
MOST_MEMORY = 4 << 30


def peak() -> float:
    """The most memory that this process ever had, in megabytes. (The system's other account,
    ru_maxrss, begins with what the process had that started this one.)"""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def lots(paths: list[Path]) -> Iterator[list[Path]]:
    """The paths, in order, in lots; one that takes its time to read is a lot by itself."""
    lot: list[Path] = []
    for path in paths:
        started = time.perf_counter()
        with suppress(Unreadable):
            read_return(path, standard())
        is_slow = time.perf_counter() - started > AT_ONCE
        if lot and (is_slow or len(lot) == LOT):
            yield lot
            lot = []
        lot.append(path)
        if is_slow:
            yield lot
            lot = []
    if lot:
        yield lot


def main(aside: Path, paths: list[Path]) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    judge_one(ReturnFiles().write_workbook(aside / "clean.xlsx"), aside / "text")
    usual = peak()
    told = []
    for lot in lots(paths):
        started, worked = time.perf_counter(), time.process_time()
        judged = judge_paths(lot, aside / "text")
        # The clock's, or the processor's where other work on the machine holds this up.
        seconds = min(time.perf_counter() - started, time.process_time() - worked)
        contacts = judged.accepted_rows["contacts"]
        for number, judgement in enumerate(judged.judgements):
            told.append(
                {
                    "failures": judged.failures[number],
                    "contacts": [row[1] for row in contacts if row[0] == number],
                    "messages": [f.message for f in judgement.failures],
                    "seconds": seconds,
                    "megabytes": peak() - usual,
                }
            )
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(path) for path in sys.argv[2:]])
