"""Whole refreshes, as a timer runs them: from nothing, after one new return, with nothing new."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

from benchmarks.computing import told
from benchmarks.process_tree import take
from benchmarks.sizes import AS_AT, Size
from orchestration.sample import write_sample
from orchestration.settings import PROJECT

OUTCOMES = Path(sys.executable).with_name("outcomes")
# The refresh's own account of its steps: `Time: 52 s (start 3 s, returns_received 1 s)`.
TIMES = re.compile(r"^Time: \d+ s \((?P<steps>.*)\)\.$", re.MULTILINE)
STEP = re.compile(r"(?P<name>\w+) (?P<seconds>\d+) s")


def measure_refreshes(size: Size, folder: Path) -> dict[str, Any]:
    """What a refresh takes on a sample of that size, faultless: from nothing, with the last month
    of one provider held back; when that has come; and when nothing has. `steps` are the seconds of
    each, of those that take half a second or more."""
    written = write_sample(
        folder,
        providers=size.providers,
        months=size.months,
        people=size.people * size.providers // size.unit_providers,
        as_at=AS_AT,
    )
    first = min(path for path in (folder / "returns").iterdir() if any(path.iterdir()))
    last = max(first.iterdir(), key=lambda path: path.stat().st_mtime)
    held_back = folder / last.name
    last.rename(held_back)
    found: dict[str, Any] = {
        "returns": written.files, "rows": written.rows, "contacts": written.contacts
    }  # fmt: skip
    found["from_nothing"] = _refresh(folder)
    # A rename keeps the time of the file, by which a return is known to have come.
    held_back.rename(last)
    found["one_new_return"] = _refresh(folder)
    found["nothing_new"] = _refresh(folder)
    return found


def _refresh(folder: Path) -> dict[str, Any]:
    done = take(
        [
            OUTCOMES, "refresh", "--returns", folder / "returns", "--registry", folder / "registry",
            "--build", folder / "build", "--as-at", AS_AT.isoformat(),
        ],
        cwd=PROJECT,
    )  # fmt: skip
    return told(done) | {"steps": _steps(done.output)}


def _steps(output: str) -> dict[str, int]:
    found = TIMES.search(output)
    steps = STEP.findall(found["steps"]) if found else []
    return {name: int(seconds) for name, seconds in steps}


def clear(folder: Path) -> None:
    """Removes what the benchmark made."""
    shutil.rmtree(folder, ignore_errors=True)
