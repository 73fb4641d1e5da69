"""What the operating system refuses is told in a line, and costs nobody else anything."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from orchestration.night import Night
from orchestration.settings import Settings
from tests.return_files import REGISTRY, ReturnFiles

OUTCOMES = Path(sys.executable).with_name("outcomes")
# Without them root is refused as others are.
AS_OTHERS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A return of May of each of two providers."""
    shutil.copytree(REGISTRY, tmp_path / "registry")
    for provider in ("AB01", "BR02"):
        ReturnFiles().set("return", 0, provider_code=provider).write_zip(
            tmp_path / "returns" / provider / "may.zip"
        )
    return tmp_path


def outcomes(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command, as one who may not do everything."""
    return subprocess.run(
        [*AS_OTHERS, OUTCOMES, *arguments], capture_output=True, text=True, check=False
    )


def refresh(home: Path) -> subprocess.CompletedProcess[str]:
    return outcomes(
        "refresh", "--returns", home / "returns", "--registry", home / "registry",
        "--build", home / "build", "--as-at", "2025-07-01",
    )  # fmt: skip


def test_a_build_folder_that_may_not_be_written_is_told(home: Path) -> None:
    (home / "build").mkdir(mode=0o555)
    done = refresh(home)
    assert done.returncode == 1
    assert done.stderr == (
        f"Failed before anything was done: Permission denied: {home}/build/refresh.lock.\n"
    )


def test_under_a_timer_a_night_that_could_not_begin_sends_its_message_too(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTCOMES_MESSAGE_FILE", str(home / "messages.txt"))
    (home / "returns").rename(home / "away")
    assert refresh(home).returncode == 2
    said = (home / "messages.txt").read_text(encoding="utf-8")
    assert f"There is no inbox at {home}/returns." in said
    assert "No release is up yet." in said


def test_a_registry_that_may_not_be_read_is_told(home: Path) -> None:
    (home / "registry" / "services.csv").chmod(0)
    done = refresh(home)
    assert done.returncode in (1, 2)
    assert "services.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_clock_that_was_set_back_is_told_and_nothing_is_published(home: Path) -> None:
    release = home / "build" / "releases" / "r1"
    (release / "public").mkdir(parents=True)
    (release / "release.json").write_text(
        '{"release_id": "r1", "as_at": "2999-01-01", "published_at": "2999-01-01T02:00:00+00:00"}'
    )
    (home / "build" / "public").symlink_to("releases/r1/public")
    done = outcomes(
        "refresh", "--returns", home / "returns", "--registry", home / "registry",
        "--build", home / "build",
    )  # fmt: skip
    assert done.returncode == 2
    assert "the release that is up is told as at 2999-01-01. Set the clock right" in done.stderr


JUDGE_THEM = """
import sys
from datetime import date
from pathlib import Path
from orchestration.night import Night
from orchestration.settings import Settings

home = Path(sys.argv[1])
night = Night(Settings(home / "returns", home / "registry", home / "build", date(2025, 7, 1)))
night.receive(say=print)
print("received:", [one.inbox for one in night.received()])
"""


def test_an_inbox_that_may_not_be_read_costs_nobody_else_anything(home: Path) -> None:
    (home / "returns" / "AB01").chmod(0)
    done = subprocess.run(
        [*AS_OTHERS, sys.executable, "-c", JUDGE_THEM, home],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "received: ['BR02']" in done.stdout, done.stderr
    assert "the inbox AB01 may not be read" in done.stdout


def test_an_inbox_that_can_be_read_again_is_taken_in(home: Path) -> None:
    night = Night(Settings(home / "returns", home / "registry", home / "build", date(2025, 7, 1)))
    (home / "returns" / "AB01").rename(home / "away")
    night.receive()
    (home / "away").rename(home / "returns" / "AB01")
    night.receive()
    assert sorted(one.inbox for one in night.received()) == ["AB01", "BR02"]
