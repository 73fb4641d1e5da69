"""A small inbox, and the command `outcomes` on it as a timer runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from orchestration.sample import write_sample
from orchestration.settings import Settings

__all__ = ["AS_AT", "Settings", "outcomes", "refresh", "small_inbox"]

AS_AT = date(2026, 4, 15)
OUTCOMES = Path(sys.executable).with_name("outcomes")


def small_inbox(home: Path) -> Path:
    """Two providers' returns of two months, in `home`; gives the return that came last."""
    write_sample(home, providers=2, months=2, people=30, faults=0.01, seed=5, as_at=AS_AT)
    (late,) = (home / "returns" / "BR02").glob("2026-03*")
    return late


def outcomes(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command, with what it said; what is tried again is so at once."""
    return subprocess.run(
        [OUTCOMES, *arguments], capture_output=True, text=True, check=False,
        env=os.environ | {"OUTCOMES_RETRY_PAUSE_SECONDS": "0"},
    )  # fmt: skip


def refresh(home: Path, build: Path) -> subprocess.CompletedProcess[str]:
    """A refresh of the inbox and the registry in `home`."""
    return outcomes(
        "refresh", "--returns", home / "returns", "--registry", home / "registry",
        "--build", build, "--as-at", AS_AT.isoformat(),
    )  # fmt: skip
