"""An installation as it is operated: what it keeps to itself, whether it is in order, and whether
it can be had back from a copy."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.doctor.examination import examine
from orchestration.facts import standard
from orchestration.night import Night
from orchestration.private import is_open_to_others, private_files, private_folders
from orchestration.refresh import Outcome, refresh
from orchestration.release_store import INPUTS
from orchestration.sample import write_sample
from orchestration.settings import PROJECT, TOLD_COUNTS, Settings
from tests.marked_returns import (
    CELL,
    KEY,
    MARKERS,
    NAME,
    marked_return,
    telling,
    tells_in,
    write_marked_returns,
)

AS_AT = date(2026, 4, 15)
OUTCOMES = Path(sys.executable).with_name("outcomes")
BACKUP = PROJECT / "docs" / "operators" / "backup.md"


@dataclass(frozen=True)
class Operated:
    """An installation after its first night, what the command said, and a file for its log."""

    settings: Settings
    said: str
    log: Path


def outcomes(command: str, settings: Settings, **more: str) -> subprocess.CompletedProcess[str]:
    """A command, as a timer runs it."""
    return subprocess.run(
        [
            OUTCOMES, command, "--returns", settings.returns, "--registry", settings.registry,
            "--build", settings.build, "--as-at", settings.as_at.isoformat(),
        ],
        capture_output=True, text=True, check=False, cwd=settings.build.parent,
        env=os.environ | more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    """A small inbox with marked returns, after a night."""
    home = tmp_path_factory.mktemp("operated")
    write_sample(home, providers=2, months=2, people=60, faults=0.0, seed=3, as_at=AS_AT)
    write_marked_returns(home / "returns" / "AB01")
    (home / "returns").chmod(0o750)
    settings = Settings(home / "returns", home / "registry", home / "build", AS_AT)
    log = home / "log.jsonl"
    done = outcomes("refresh", settings, OUTCOMES_LOG_FILE=str(log))
    assert done.returncode == Outcome.DONE, done.stderr
    yield Operated(settings, done.stdout + done.stderr, log)


def test_nothing_of_a_return_is_told_but_to_its_provider_and_in_the_operators_folders(
    operated: Operated,
) -> None:
    settings = operated.settings
    own = settings.build / "providers" / "AB01"
    assert telling(settings.received), "the markers were never received"
    assert telling(own, (CELL,)), "the provider is not told"
    assert not any(marker in operated.said.lower() for marker in MARKERS)
    assert not tells_in(operated.log)
    found = [
        f"{folder}/{path}"
        for folder in ("dagster", "gate", "dbt", "releases")
        for path in telling(settings.build / folder)
    ]
    # What the release was made of is the operator's, and names files.
    inputs = settings.public.resolve().with_name(INPUTS)
    assert found == [inputs.relative_to(settings.build).as_posix()]
    assert not tells_in(inputs, (CELL, KEY))
    others = {path.name: path for path in own.parent.iterdir() if path != own}
    # Whoever has the inbox that is nobody's is told of the file in it, and of nothing in the file.
    assert telling(others.pop(NAME), (CELL, KEY)) == []
    assert others
    assert [path for other in others.values() for path in telling(other)] == []


def test_the_log_has_a_line_of_json_for_each_event(operated: Operated) -> None:
    lines = [json.loads(line) for line in operated.log.read_text(encoding="utf-8").splitlines()]
    assert all({"time", "level", "run", "step", "event"} <= line.keys() for line in lines)
    assert "published" in [line["event"] for line in lines if line["run"] is None]
    lines = [line for line in lines if line["run"]]
    assert len({line["run"] for line in lines}) == 1
    ended = {line["step"]: line["seconds"] for line in lines if line["event"] == "step ended"}
    assert {"judged_returns", "dbt_models", "gate", "release"} <= ended.keys()
    said = [(line["step"], line["message"]) for line in lines if line["event"] == "message"]
    assert any(message.endswith(" returns are new or changed") for _, message in said)
    assert not [step for step, _ in said if step == "dbt_models"]
    events = [line["event"] for line in lines]
    assert (events[0], events[-1]) == ("refresh started", "refresh ended")


def test_only_the_site_is_open_to_others(operated: Operated) -> None:
    build = operated.settings.build
    private = [*private_folders(operated.settings), *private_files(operated.settings)]
    there = [path for path in private if path.exists()]
    release = operated.settings.public.resolve().parent
    assert {operated.settings.warehouse, release / TOLD_COUNTS, release / INPUTS} <= set(there)
    assert [path for path in there if is_open_to_others(path, build)] == []
    assert is_open_to_others(operated.settings.public.resolve() / "index.html", build)


def test_an_installation_after_an_ordinary_night_is_in_order(operated: Operated) -> None:
    build = operated.settings.build
    note = f'{{"ended_at": "{datetime.now(UTC).isoformat()}", "outcome": "published"}}'
    (build / "last_refresh.json").write_text(note, encoding="utf-8")
    before = _state(build)
    found = examine(operated.settings)
    assert [one for one in found if one.is_wrong] == []
    assert _state(build) == before, "it changes nothing"
    done = outcomes("doctor", operated.settings)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Nothing is wrong.")


def _state(folder: Path) -> dict[Path, tuple[int, int]]:
    """Everything below a folder but the folder's own time, with size and time."""
    return {
        path: (status.st_size, status.st_mtime_ns)
        for path in folder.rglob("*")
        for status in (path.lstat(),)
    }


def test_a_refresh_that_finds_only_what_is_still_arriving_leaves_the_release_and_says_so(
    operated: Operated, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RETURNS", "REGISTRY", "BUILD", "AS_AT", "INBOX_STILL_SECONDS"):
        monkeypatch.setenv(f"OUTCOMES_{name}", "")
    for name in ("DAGSTER_HOME", "DAGSTER_DISABLE_TELEMETRY"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr("orchestration.night.standing_still", lambda *_: [])
    settings = operated.settings
    release = settings.public.resolve()
    arriving = marked_return("2026-03", "11").write_zip(settings.returns / "AB01" / "late.zip")
    said: list[str] = []
    report = refresh(settings, said.append)
    arriving.unlink()
    assert "  1 returns are still arriving: they are left for the next refresh" in said
    assert (report.outcome, report.has_news) == (Outcome.DONE, False)
    assert report.release_id == release.parent.name
    assert settings.public.resolve() == release


def commands(heading: str, environment: dict[str, str]) -> None:
    """Runs the shell commands that stand in the operators' page below a heading."""
    text = BACKUP.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    (script,) = re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL)
    subprocess.run(["sh", "-eu", "-c", script], env=os.environ | environment, check=True)


def test_a_restored_copy_goes_on_as_the_original_does(operated: Operated, tmp_path: Path) -> None:
    original = operated.settings
    copy = tmp_path / "copy"
    copy.mkdir()
    places = {
        "BACKUP": str(copy),
        "OUTCOMES_BUILD": str(original.build),
        "OUTCOMES_REGISTRY": str(original.registry),
    }
    commands("Make a copy", places)
    restored = replace(
        original,
        returns=tmp_path / "inboxes",
        registry=tmp_path / "registry",
        build=tmp_path / "other" / "build",
    )
    places |= {
        "OUTCOMES_BUILD": str(restored.build),
        "OUTCOMES_REGISTRY": str(restored.registry),
    }
    commands("Restore", places)
    (restored.returns / "AB01").mkdir(parents=True)
    release = original.public.resolve().parent.name
    done = outcomes("refresh", restored)
    assert done.stderr == f"Nothing new: release {release} stays up at {restored.public}.\n"
    assert _content(restored.releases) == _content(original.releases)
    assert not restored.warehouse.exists()
    assert not restored.lake.exists()

    late = marked_return("2026-03", "10").write_zip(tmp_path / "late.zip")
    for one in (original, restored):
        shutil.copy2(late, one.returns / "AB01")
    done = outcomes("refresh", restored)
    assert done.returncode == Outcome.DONE, done.stderr
    # The original would make the same release of it, and every return was judged the same anew.
    there = Night(original)
    there.receive()
    assert restored.public.resolve().parent.name == there.release_id != release
    for table in standard().tables:
        was, now = _rows(original, table), _rows(restored, table)
        assert was <= now
        assert now - was or table != "return"


def _rows(settings: Settings, table: str) -> set[tuple[object, ...]]:
    """The rows of a table of the lake."""
    with duckdb.connect() as connection:
        files = f"{settings.lake}/{table}/*/*/*/*.parquet"
        return set(connection.read_parquet(files, hive_partitioning=False).fetchall())


def _content(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
