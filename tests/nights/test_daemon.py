"""Dagster's daemon, started as a person starts it: a scheduled refresh, one from the sensor, and
the message about one that failed, with nobody's help."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dagster import DagsterInstance

from orchestration.release_store import published_release
from tests.nights.whole_nights import AS_AT, OUTCOMES, Settings, small_inbox

pytestmark = pytest.mark.nights
# A schedule begins at the next full minute, and a refresh takes its time on a busy machine.
PATIENCE = 300
NEVER = "0 2 29 2 *"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An inbox from which one return is still missing."""
    made = tmp_path_factory.mktemp("daemon")
    late = small_inbox(made)
    late.rename(made / late.name)
    return made


@contextmanager
def served(home: Path, **settings: str) -> Iterator[Callable[[Callable[[], bool]], bool]]:
    """`outcomes serve` with these settings; gives a way to wait until something is so."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said = (home / "said.txt").open("a")
    server = subprocess.Popen(
        [
            OUTCOMES, "serve", "--returns", home / "returns", "--registry", home / "registry",
            "--build", home / "build", "--as-at", AS_AT.isoformat(), "--port", str(port),
        ],
        stdout=said, stderr=said,
        env=os.environ | {f"OUTCOMES_{name.upper()}": value for name, value in settings.items()},
    )  # fmt: skip
    ended = threading.Event()
    threading.Thread(target=lambda: (server.wait(), ended.set()), daemon=True).start()

    def until(is_so: Callable[[], bool]) -> bool:
        for _ in range(PATIENCE * 2):
            if is_so():
                return True
            if ended.wait(0.5):
                return False
        return False

    try:
        yield until
    finally:
        server.send_signal(signal.SIGTERM)
        assert ended.wait(60)
        said.close()


def up(home: Path) -> str | None:
    release = published_release(Settings(home, home, home / "build", AS_AT))
    return release.release_id if release else None


def asked_by(home: Path) -> list[str]:
    """What asked for each run that ended well, the newest first."""
    with DagsterInstance.from_config(str(home / "build" / "dagster")) as instance:
        runs = instance.get_runs()
    return [run.tags["outcomes/asked_by"] for run in runs if run.is_success]


def test_the_schedule_refreshes_and_a_night_that_fails_sends_one_message(home: Path) -> None:
    messages = home / "messages.txt"
    with served(
        home, nightly_at="* * * * *", inbox_look_seconds="3600", message_file=str(messages)
    ) as until:
        assert until(lambda: up(home) is not None), (home / "said.txt").read_text()[-2000:]
        assert "schedule" in asked_by(home)
        assert not messages.exists()
        services = home / "registry" / "services.csv"
        whole = services.read_text(encoding="utf-8")
        services.write_text(whole.replace("AB01,", "ZZ99,"), encoding="utf-8")
        assert until(messages.exists), (home / "said.txt").read_text()[-2000:]
        services.write_text(whole, encoding="utf-8")
    said = messages.read_text(encoding="utf-8")
    assert "Inclusion Outcomes: A refresh failed" in said
    assert "services.csv" in said
    assert f"Release {up(home)} stays up." in said


def test_the_sensor_refreshes_when_a_return_has_come(home: Path) -> None:
    first = up(home)
    (late,) = home.glob("2026-03*")
    with served(home, nightly_at=NEVER, inbox_look_seconds="5") as until:
        late.rename(home / "returns" / "BR02" / late.name)
        assert until(lambda: up(home) != first), (home / "said.txt").read_text()[-2000:]
    assert asked_by(home)[0] == "sensor"
