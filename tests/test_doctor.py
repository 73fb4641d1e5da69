"""`outcomes doctor`: what it finds wrong, each by an installation in which just that is wrong."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from orchestration.cli import main
from orchestration.doctor import installation, places
from orchestration.doctor.examination import as_json, as_text, examine
from orchestration.doctor.findings import Finding
from orchestration.intake.checksums import write_checksums
from orchestration.lock import refresh_lock
from orchestration.private import keep_private
from orchestration.release_store import KeptRelease
from orchestration.settings import TOLD_COUNTS, Settings
from tests.return_files import REGISTRY

AS_AT = date(2026, 4, 15)
RELEASE = "0123456789ab"


def _put(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def healthy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation in order, made by hand: a release that is up, its warehouse, an inbox."""
    for name in [name for name in os.environ if name.startswith("OUTCOMES_")]:
        monkeypatch.delenv(name)
    made = Settings(tmp_path / "returns", tmp_path / "registry", tmp_path / "build", AS_AT)
    shutil.copytree(REGISTRY, made.registry)
    (made.returns / "AB01").mkdir(parents=True)
    made.returns.chmod(0o750)
    keep_private(made)
    release = made.releases / RELEASE
    _put(release / "public" / "index.html")
    _put(release / "public" / "data" / "areas.csv")
    now = datetime.now(UTC)
    _note(made, now)
    _put(release / TOLD_COUNTS).chmod(0o640)
    made.public.symlink_to(Path("releases") / RELEASE / "public")
    _put(made.build / "dagster" / "dagster.yaml", "telemetry:\n  enabled: false\n")
    with duckdb.connect(str(made.warehouse)) as connection:
        connection.execute("create schema intake")
        connection.execute(f"create table intake.refresh as select '{RELEASE}' as release_id")
    made.warehouse.chmod(0o640)
    _put(made.build / "last_refresh.json", json.dumps({"ended_at": now.isoformat()}))
    return made


def _note(settings: Settings, published_at: datetime, as_at: date = AS_AT) -> None:
    """Writes the note of the release."""
    release = KeptRelease(RELEASE, as_at, published_at, files={"areas.csv": sha256("x")})
    _put(settings.releases / RELEASE / "release.json", release.note())


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def wrong(settings: Settings) -> list[Finding]:
    return [one for one in examine(settings) if one.is_wrong]


def test_nothing_is_wrong_with_an_installation_in_order(healthy: Settings) -> None:
    assert examine(healthy) == []


def _away(name: str) -> Callable[[Settings], object]:
    return lambda one: (one.build / name).unlink()


def _text(name: str, text: str) -> Callable[[Settings], object]:
    return lambda one: (one.build / name).write_text(text, encoding="utf-8")


def _mode(name: str, mode: int) -> Callable[[Settings], object]:
    return lambda one: (one.build / name).chmod(mode)


LATER = datetime.now(UTC) + timedelta(days=2)
LONG_AGO = (datetime.now(UTC) - timedelta(hours=27)).isoformat()
NOTE = f"releases/{RELEASE}/release.json"
DATA = f"releases/{RELEASE}/public/data"


@pytest.mark.parametrize(
    ("spoil", "subject", "found"),
    [
        (lambda one: shutil.rmtree(one.returns), "returns", "there is no inbox"),
        (lambda one: shutil.rmtree(one.registry), "registry", "there is no registry"),
        (lambda one: shutil.rmtree(one.build), "build", "there is no build folder"),
        (lambda one: (one.registry / "areas.csv").unlink(), "registry", "areas.csv is missing"),
        (lambda one: one.returns.chmod(0o755), "returns/AB01", "rows about people"),
        (_mode("received", 0o755), "build/received", "others on this machine can read"),
        (_mode("warehouse.duckdb", 0o644), "build/warehouse.duckdb", "others on this machine"),
        (_mode(f"releases/{RELEASE}/{TOLD_COUNTS}", 0o644), TOLD_COUNTS, "others on this machine"),
        (_text("dagster/dagster.yaml", "telemetry: {"), "dagster.yaml", "is no YAML"),
        (_text("dagster/dagster.yaml", "telemetry:\n"), "dagster.yaml", "telemetry off"),
        (_text("dagster/runs.db", "no database"), "runs.db", "is no SQLite database"),
        (_away("public"), "build/public", "nothing has been published"),
        (lambda one: shutil.rmtree(one.public.resolve()), "build/public", "is not there"),
        (_text(NOTE, "{"), "release.json", "cannot be read"),
        (_away(f"releases/{RELEASE}/public/index.html"), "index.html", "is missing"),
        (_away(f"{DATA}/areas.csv"), "areas.csv", "is missing"),
        (_text(f"{DATA}/areas.csv", "y"), "areas.csv", "is not as it was published"),
        (_away(f"releases/{RELEASE}/{TOLD_COUNTS}"), TOLD_COUNTS, "is missing"),
        (_text("warehouse.duckdb", "no database"), "warehouse.duckdb", "cannot be read"),
        (_away("last_refresh.json"), "last_refresh.json", "no refresh has ended yet"),
        (_text("last_refresh.json", "{}"), "last_refresh.json", "does not say when"),
        (
            _text("last_refresh.json", json.dumps({"ended_at": LONG_AGO})),
            "last_refresh.json", "more than 26 hours ago",
        ),
        (lambda one: _note(one, LATER), "release.json", "the clock was set back"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found_with_what_to_do(
    healthy: Settings, spoil: Callable[[Settings], object], subject: str, found: str
) -> None:
    spoil(healthy)
    told = [one for one in wrong(healthy) if one.subject.endswith(subject) and found in one.found]
    assert len(told) == 1
    assert told[0].to_do


def test_a_warehouse_of_another_release_is_told(healthy: Settings) -> None:
    with duckdb.connect(str(healthy.warehouse)) as connection:
        connection.execute("update intake.refresh set release_id = 'another'")
    (told,) = wrong(healthy)
    assert told.found == f"holds release another, and {RELEASE} is up: a night did not end well"


def test_a_day_before_that_of_the_release_is_told_unless_it_was_given(healthy: Settings) -> None:
    _note(healthy, datetime.now(UTC), AS_AT + timedelta(days=1))
    assert wrong(healthy) == []
    (told,) = wrong(replace(healthy, is_day_given=False))
    assert told.subject == "the clock"


def test_a_file_of_the_lake_that_is_not_what_was_put_into_it_is_told(healthy: Settings) -> None:
    where = "provider_code=AB01/period=2026-03/submission_no=1/judged.parquet"
    files = {table: _put(healthy.lake / table / where) for table in ("return", "people")}
    write_checksums(healthy.ledger, "judged", files)
    assert wrong(healthy) == []
    files["people"].write_text("y", encoding="utf-8")
    (told,) = wrong(healthy)
    assert told.subject == str(files["people"])


def test_each_setting_that_cannot_be_used_is_told_by_name(
    healthy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTCOMES_RETRIES", "many")
    monkeypatch.setenv("OUTCOMES_SITE_STALE_HOURS", "0")
    monkeypatch.setenv("OUTCOMES_AS_AT", "tomorrow")
    monkeypatch.setenv("OUTCOMES_LOG_FILE", str(healthy.build / "nowhere" / "log.jsonl"))
    monkeypatch.setenv("OUTCOMES_RETRY", "2")
    assert {one.subject for one in wrong(healthy)} == {
        "OUTCOMES_RETRIES", "OUTCOMES_SITE_STALE_HOURS", "OUTCOMES_AS_AT", "OUTCOMES_LOG_FILE",
    }  # fmt: skip
    assert [one.subject for one in examine(healthy) if not one.is_wrong] == ["OUTCOMES_RETRY"]


def test_a_package_of_another_version_and_one_that_is_missing_are_told(
    healthy: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = installation.LOCK.read_text(encoding="utf-8")
    version = lock.split('name = "click"\nversion = "')[1].split('"')[0]
    lock = lock.replace(f'name = "click"\nversion = "{version}"', 'name = "click"\nversion = "0.1"')
    lock = lock.replace('    { name = "altair" },\n', '    { name = "not-there" },\n')
    monkeypatch.setattr(installation, "LOCK", _put(tmp_path / "uv.lock", lock))
    assert {(one.subject, one.found) for one in wrong(healthy)} == {
        ("package click", f"is {version}, expected 0.1 by uv.lock"),
        ("package not-there", "is not installed"),
    }


def test_a_time_zone_that_is_missing_is_told(
    healthy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "ZONE", "Europe/Nowhere")
    assert [one.subject for one in wrong(healthy)] == ["time zone Europe/Nowhere"]


def test_a_disk_with_less_room_than_another_release_needs_is_told(
    healthy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "LEAST_FREE", shutil.disk_usage(healthy.build).total + 2**21)
    (told,) = wrong(healthy)
    assert told.subject == str(healthy.build)
    assert "MiB are free" in told.found


def test_a_file_system_that_cannot_lock_is_told_and_nothing_is_left_in_it(
    healthy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(places.fcntl, "flock", refused)
    before = sorted(healthy.build.iterdir())
    (told,) = wrong(healthy)
    assert "a lock (flock) that keeps another out: Function not implemented" in told.found
    assert sorted(healthy.build.iterdir()) == before


def test_a_refresh_that_is_under_way_is_a_note_with_its_process(healthy: Settings) -> None:
    with refresh_lock(healthy.build):
        (told,) = examine(healthy)
    assert not told.is_wrong
    assert f"process {os.getpid()} holds the lock" in told.found


def test_inboxes_of_nobody_and_returns_from_the_future_are_notes(healthy: Settings) -> None:
    (healthy.returns / "ZZ99").mkdir()
    _put(healthy.ledger / "inbox.json", json.dumps({"a": {"received_at": LATER.isoformat()}}))
    assert wrong(healthy) == []
    assert [one.found.split(":")[0] for one in examine(healthy)] == [
        "is no provider's inbox", "1 returns were received in the future",
    ]  # fmt: skip


def test_a_check_that_cannot_look_says_so_and_the_others_go_on(healthy: Settings) -> None:
    def cannot(_: Settings) -> list[Finding]:
        raise PermissionError(13, "Permission denied", "/somewhere")

    def can(_: Settings) -> list[Finding]:
        return [Finding("this", "is wrong", "mend it")]

    found = examine(healthy, (cannot, can))  # type: ignore[arg-type]
    assert [one.subject for one in found] == ["/somewhere", "this"]
    assert found[0].is_wrong


def test_findings_are_told_one_in_a_line_and_as_json() -> None:
    found = [Finding("a", "is odd", "look", is_wrong=False), Finding("b", "is bad", "mend it")]
    assert as_text(found).splitlines()[:2] == [
        "Wrong: b: is bad. To do: mend it.", "Note: a: is odd. To do: look.",
    ]  # fmt: skip
    assert as_text([]) == "Nothing is wrong.\n"
    assert json.loads(as_json(found)) == {
        "wrong": 1,
        "findings": [
            {"subject": "a", "found": "is odd", "to_do": "look", "is_wrong": False},
            {"subject": "b", "found": "is bad", "to_do": "mend it", "is_wrong": True},
        ],
    }


def test_the_command_ends_by_what_it_found(healthy: Settings) -> None:
    where = ["doctor", "--returns", healthy.returns, "--registry", healthy.registry,
             "--build", healthy.build, "--format", "json"]  # fmt: skip
    given = [str(one) for one in where]
    done = CliRunner().invoke(main, given)
    assert (done.exit_code, json.loads(done.stdout)["wrong"]) == (0, 0)
    (healthy.build / "last_refresh.json").unlink()
    done = CliRunner().invoke(main, given)
    assert (done.exit_code, json.loads(done.stdout)["wrong"]) == (1, 1)
    assert CliRunner().invoke(main, ["doctor", "--format", "verse"]).exit_code == 2
