"""dbt as a process that reads its project ahead of time, and is told later what to run."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from orchestration.settings import Settings
from orchestration.transform import dbt

SPEAKS = f"""#!{sys.executable}
import json, os, signal, sys
(complaint, ending), arguments = json.loads(os.environ["FAKE"]), sys.argv[1:]
if "--no-write-json" not in arguments:
    open(os.environ["DBT_TARGET_PATH"] + "/manifest.json", "w").write("{{}}")
print(json.dumps({{"complaint": complaint}}), flush=True)
line = sys.stdin.readline()
if not line:
    sys.exit(0)
print(json.dumps({{"prepared with": arguments, "ran": json.loads(line)}}), flush=True)
os.kill(os.getpid(), signal.SIGKILL) if ending < 0 else sys.exit(ending)
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings whose dbt is a fake one, that complains and ends as `FAKE` says."""
    fake = tmp_path / "fake-dbt"
    fake.write_text(SPEAKS, encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.setattr(dbt, "DBT_CHILD", fake)
    monkeypatch.setenv("FAKE", json.dumps([None, 0]))
    return Settings(tmp_path, tmp_path, tmp_path / "build", date(2026, 4, 15))


def _is_parsed(settings: Settings) -> None:
    path = settings.build / "dbt" / "manifest.json"
    path.parent.mkdir(parents=True)
    path.write_text("{}", encoding="utf-8")
    later = time.time() + 3600
    os.utime(path, (later, later))


@pytest.mark.parametrize("ending", [0, 1, -9])
def test_it_runs_what_it_is_told_and_ends_as_dbt_ends(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, ending: int
) -> None:
    monkeypatch.setenv("FAKE", json.dumps([None, ending]))
    dbt.prepare(settings)
    process = dbt.take(settings).run(["build", "--select", "fqn:*"])
    assert process.stdout is not None
    with process.stdout as said:
        assert [json.loads(line) for line in said] == [
            {
                "prepared with": ["prepare"],
                "ran": ["--no-write-json", "build", "--select", "fqn:*"],
            }
        ]
    assert process.wait() == ending


def test_a_manifest_that_may_be_read_meanwhile_is_not_written(settings: Settings) -> None:
    _is_parsed(settings)
    process = dbt.take(settings).run(["build"])
    assert process.stdout is not None
    with process.stdout as said:
        assert json.loads(said.readline())["prepared with"] == ["prepare", "--no-write-json"]
    process.wait()


def test_one_that_is_taken_is_not_there_again_and_a_second_one_is_started(
    settings: Settings,
) -> None:
    dbt.prepare(settings)
    first = dbt.take(settings)
    second = dbt.take(settings)
    assert first.process.pid != second.process.pid
    for one in (first, second):
        one.dismiss()


def test_nobody_waits_once_it_is_dismissed(settings: Settings) -> None:
    dbt.prepare(settings)
    process = dbt._waiting[settings.build].process
    dbt.dismiss(settings)
    assert process.returncode is not None
    dbt.dismiss(settings)  # nobody is there any more, which is no fault


def test_the_manifest_is_that_of_the_dbt_that_reads_the_project(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("the project is read twice")

    dbt.prepare(settings)
    monkeypatch.setattr(dbt.subprocess, "run", never)
    assert dbt.manifest(settings) == settings.build / "dbt" / "manifest.json"
    dbt.dismiss(settings)


def test_a_project_that_cannot_be_read_is_told_with_dbts_words(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE", json.dumps(["model x depends on y", 2]))
    dbt.prepare(settings)
    with pytest.raises(dbt.DbtError, match="model x depends on y"):
        dbt.manifest(settings)
    # Who runs it all the same sees how it ends.
    process = dbt.take(settings).run(["build"])
    assert process.stdout is not None
    with process.stdout as said:
        assert len(list(said)) == 1
    assert process.wait() == 2


def test_one_that_was_killed_while_it_waited_is_seen_by_how_it_ended(settings: Settings) -> None:
    dbt.prepare(settings)
    waiting = dbt.take(settings)
    waiting.wait_until_parsed()
    waiting.process.kill()
    waiting.process.wait()
    process = waiting.run(["build"])
    assert process.stdout is not None
    with process.stdout as said:
        assert not list(said)
    assert process.wait() == -9
