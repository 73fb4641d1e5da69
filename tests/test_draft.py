"""A release made ahead is taken only where it is whole, and of just what would be published."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from orchestration.publish import draft
from orchestration.publish.site import SiteSummary
from orchestration.settings import Settings

SITE = SiteSummary(pages=3, charts=2, charts_drawn=1, page_bytes=99, seconds={"pages": 0.5})
MADE_OF: dict[str, Any] = {"release_id": "a1", "tables": "f00d", "up": None}
NOTE = MADE_OF | {"site": asdict(SITE)}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a build folder whose tables are those of `MADE_OF`."""
    monkeypatch.setattr(
        draft, "_made_of", lambda _, release_id: MADE_OF | {"release_id": release_id}
    )
    (tmp_path / "build" / "aside").mkdir(parents=True)
    return Settings(tmp_path, tmp_path, tmp_path / "build", date(2026, 4, 15))


def _makes(monkeypatch: pytest.MonkeyPatch, note: str, status: int = 0) -> None:
    """Has a draft made by a process that writes this note and ends so."""
    script = (
        "import os, sys; from pathlib import Path; "
        "place = Path(os.environ['OUTCOMES_BUILD']) / 'aside' / 'draft.json'; "
        f"place.write_text({note!r}); sys.exit({status})"
    )
    monkeypatch.setattr(draft, "MAKES_ONE", (sys.executable, "-c", script))


def test_a_draft_of_just_these_tables_is_taken_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _makes(monkeypatch, json.dumps(NOTE))
    draft.begin(settings, "a1")
    assert draft.take(settings, "a1") == SITE
    assert draft.take(settings, "a1") is None


@pytest.mark.parametrize(
    ("note", "status"),
    [
        (json.dumps(NOTE | {"tables": "beef"}), 0),
        (json.dumps(NOTE | {"release_id": "b2"}), 0),
        (json.dumps(NOTE | {"up": "c3"}), 0),
        (json.dumps(NOTE), 1),
        (json.dumps(MADE_OF), 0),
        (json.dumps(NOTE | {"site": {"pages": 3}}), 0),
        (json.dumps(NOTE)[:-9], 0),
        ("", 0),
    ],
)
def test_any_other_is_not_taken(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, note: str, status: int
) -> None:
    _makes(monkeypatch, note, status)
    draft.begin(settings, "a1")
    assert draft.take(settings, "a1") is None


def test_the_note_of_an_older_draft_is_not_taken_for_a_new_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (settings.aside / "draft.json").write_text(json.dumps(NOTE), encoding="utf-8")
    monkeypatch.setattr(draft, "MAKES_ONE", (sys.executable, "-c", "pass"))
    draft.begin(settings, "a1")
    assert draft.take(settings, "a1") is None


def test_a_draft_that_is_dropped_ends_and_is_not_taken(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It would wait for ever.
    script = "import signal; signal.pause()"
    monkeypatch.setattr(draft, "MAKES_ONE", (sys.executable, "-c", script))
    draft.begin(settings, "a1")
    process = draft._under_way[settings.build]
    draft.drop(settings)
    assert process.returncode is not None and process.returncode < 0
    assert draft.take(settings, "a1") is None
    draft.drop(settings)  # there is none any more, which is no fault
