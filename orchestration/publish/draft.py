"""A release made ahead, by a process of its own, while the gate looks at the same tables.

`python -m orchestration.publish.draft PROCESS RELEASE`, PROCESS being the one that asks, makes the
release aside, where nobody reads it, and notes of which tables it was made. Only once the gate has
let just these tables through is it put up, by `orchestration.publish.releases`. Where anything goes
wrong with it, the release is made as if there had been no draft, and what is wrong is told then.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.child import end_with_parent
from orchestration.ending import end_at_once
from orchestration.settings import Settings, settings_from_environment

if TYPE_CHECKING:
    from orchestration.publish.site import SiteSummary

MAKES_ONE = (sys.executable, "-m", "orchestration.publish.draft")
# The draft that is being made for each build folder.
_under_way: dict[Path, subprocess.Popen[bytes]] = {}


def begin(settings: Settings, release_id: str) -> None:
    """Has the release of the warehouse's tables made, until `take` or `drop`."""
    drop(settings)
    _note(settings).unlink(missing_ok=True)
    _under_way[settings.build] = subprocess.Popen(
        [*MAKES_ONE, str(os.getpid()), release_id],
        env=os.environ | settings.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def take(settings: Settings, release_id: str) -> SiteSummary | None:
    """Waits for the draft, and gives what was built, or None where there is none that is whole, of
    this release and of the tables that the warehouse holds now."""
    from orchestration.publish.site import SiteSummary

    process = _under_way.pop(settings.build, None)
    if process is None or process.wait() != 0:
        return None
    try:
        noted = json.loads(_note(settings).read_text(encoding="utf-8"))
        site = SiteSummary(**noted.pop("site"))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return site if noted == _made_of(settings, release_id) else None


def drop(settings: Settings) -> None:
    """Ends the draft that is being made, if there is one."""
    process = _under_way.pop(settings.build, None)
    if process is not None:
        process.kill()
        process.wait()


def _note(settings: Settings) -> Path:
    """Beside the folder in which a release is made, since that is emptied first."""
    return settings.aside / "draft.json"


def _made_of(settings: Settings, release_id: str) -> dict[str, str | None]:
    """What a draft rests on: its release, the tables, and the release that is up."""
    from orchestration.publish.before_the_gate import gated_digest
    from orchestration.release_store import published_release

    up = published_release(settings)
    return {
        "release_id": release_id,
        "tables": gated_digest(settings),
        "up": up.release_id if up else None,
    }


def _main(parent: int, release_id: str) -> None:
    end_with_parent(parent)
    from orchestration.publish.releases import make

    settings = settings_from_environment()
    made_of = _made_of(settings, release_id)
    site = make(settings, release_id)
    noted = json.dumps(made_of | {"site": asdict(site)})
    _note(settings).write_text(noted, encoding="utf-8")


if __name__ == "__main__":
    _main(int(sys.argv[1]), sys.argv[2])
    end_at_once(0)
