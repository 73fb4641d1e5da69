"""Past releases: taken back and put up again, and computed again from what they were made of."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from orchestration.past_releases import past_releases
from tests.nights.whole_nights import AS_AT, Settings, outcomes, refresh, small_inbox

pytestmark = pytest.mark.nights


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two releases: the second has a return that came late."""
    made = tmp_path_factory.mktemp("past")
    late = small_inbox(made)
    late.rename(made / late.name)
    assert refresh(made, made / "build").returncode == 0
    (made / late.name).rename(late)
    assert refresh(made, made / "build").returncode == 0
    return made


def releases(home: Path) -> list[str]:
    """The kept releases, the newest first."""
    listed = past_releases(Settings(home, home, home / "build", AS_AT))
    return [one.release.release_id for one in listed]


def said_up(home: Path) -> str:
    """Which release is up, as `outcomes releases` says it."""
    lines = outcomes("releases", "--build", home / "build").stdout.splitlines()
    (up,) = [line for line in lines if line.startswith("*")]
    return up.split()[1]


def test_the_list_says_what_the_second_release_changed(home: Path) -> None:
    newest, oldest = outcomes("releases", "--build", home / "build").stdout.splitlines()
    assert "changed" in newest and newest.startswith("*")
    assert oldest.startswith(" ") and "the first release" in oldest


@pytest.mark.parametrize("which", ["first", "second"])
def test_a_past_release_computed_again_comes_out_the_same(
    home: Path, tmp_path: Path, which: str
) -> None:
    release = releases(home)[1 if which == "first" else 0]
    before = {path: path.stat().st_mtime_ns for path in (home / "build" / "lake").rglob("*")}
    done = outcomes("recompute", release, tmp_path / "again", "--build", home / "build")
    assert done.returncode == 0, done.stderr
    assert f"Every data file of release {release} came out the same" in done.stderr
    after = {path: path.stat().st_mtime_ns for path in (home / "build" / "lake").rglob("*")}
    assert after == before


def test_a_release_that_was_taken_back_is_not_published_again_until_something_changes(
    home: Path, tmp_path: Path
) -> None:
    work = tmp_path / "home"
    shutil.copytree(home, work, symlinks=True)
    second, first = releases(work)
    done = outcomes("rollback", first, "--build", work / "build")
    assert (done.returncode, said_up(work)) == (0, first)
    assert f"Taken back: {second}" in done.stderr
    again = refresh(work, work / "build")
    assert again.returncode == 0
    assert f"Nothing new: release {first} stays up" in again.stderr
    (extra,) = (work / "returns" / "AB01").glob("2026-03*")
    shutil.copytree(extra, extra.with_name("sent again"))
    manifest = extra.with_name("sent again") / "return.csv"
    manifest.write_text(manifest.read_text().replace(",1,", ",2,"))
    assert refresh(work, work / "build").returncode == 0
    assert said_up(work) not in (first, second)
