"""When the last refresh ended well: `last_refresh.json` of the build folder.

A night in which nothing is new publishes nothing, and the site is up to date all the same.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Literal

from orchestration.event_log import log_event
from orchestration.intake.receive import write_whole
from orchestration.settings import Settings

Ending = Literal["published", "nothing new"]


def note_ending(settings: Settings, release_id: str | None, outcome: Ending) -> None:
    """Notes that a refresh ended well just now, and which release is up since."""
    told = {
        "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "release_id": release_id,
        "outcome": outcome,
    }
    write_whole(settings.last_refresh, json.dumps(told) + "\n")
    log_event(outcome, release=release_id)


def last_ending(settings: Settings) -> datetime | None:
    """When the last refresh ended well, or None where none has, or that cannot be told."""
    try:
        told = json.loads(settings.last_refresh.read_text(encoding="utf-8"))
        ended = datetime.fromisoformat(told["ended_at"])
        return ended if ended.tzinfo else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
