"""A process that judges, as a refresh starts it, but for returns of some names: reading one that is
called `dies…` ends the process, one called `waits…` waits for somebody to write to a pipe, one
called `hangs…` never ends, once its process has written its id to a file.

`command(folder)` starts it; the pipe and the file are in that folder.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from expectations.standard import Standard
from orchestration.intake import judge, judging_process
from orchestration.intake.read import read_return
from orchestration.intake.text_tables import TextTable
from orchestration.settings import PROJECT

PIPE, HANGS = "pipe", "hangs"


def command(folder: Path) -> tuple[str, ...]:
    """The command for a `Pool`."""
    code = (
        f"import sys; sys.path.insert(0, {str(PROJECT)!r}); from tests.hostile_reader import main; "
        f"main({str(folder)!r})"
    )
    return (sys.executable, "-c", code)


def is_hanging(folder: Path) -> bool:
    """Whether a process hangs now."""
    try:
        os.kill(int((folder / HANGS).read_text()), 0)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return False
    return True


def main(folder: str) -> None:
    def read(path: Path, standard: Standard) -> list[TextTable]:
        if path.name.startswith("dies"):
            os._exit(1)
        if path.name.startswith("waits"):
            (Path(folder) / PIPE).read_bytes()
        if path.name.startswith("hangs"):
            (Path(folder) / HANGS).write_text(str(os.getpid()))
            signal.pause()
        return read_return(path, standard)

    judge.read_return = read  # type: ignore[attr-defined]
    judging_process.main()
