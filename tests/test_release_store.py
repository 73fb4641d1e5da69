"""The releases that are kept: which is up, which is the newest, which go, which were taken back."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from orchestration.intake.checksums import sha256_of
from orchestration.lock import refresh_lock
from orchestration.night import ClockSetBack, Night
from orchestration.past_releases import NoSuchRelease, PastRelease, past_releases, roll_back
from orchestration.release_store import (
    KeptRelease,
    is_taken_back,
    kept_releases,
    next_moment,
    published_release,
    put_up,
    remove_old,
    told_counts,
)
from orchestration.settings import TOLD_COUNTS, Settings

FIRST = datetime(2026, 4, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Four releases, a day apart, the newest of them up."""
    made = Settings(tmp_path / "returns", tmp_path / "registry", tmp_path, date(2026, 4, 15))
    for number, name in enumerate("abcd"):
        add(made, name, FIRST + timedelta(days=number))
    put_up(made, "d")
    return made


def add(settings: Settings, name: str, moment: datetime) -> None:
    data = settings.releases / name / "public" / "data"
    data.mkdir(parents=True)
    (data.parent / "index.html").write_text(f"release {name}")
    (data / "indicators.csv").write_text(f"figures of {name}")
    (data / "revisions.csv").write_text("kind\nadded\nchanged\nadded\n")
    (settings.releases / name / TOLD_COUNTS).write_text(name)
    files = {path.name: sha256_of(path) for path in data.iterdir()}
    release = KeptRelease(name, moment.date(), moment, files=files)
    (settings.releases / name / "release.json").write_text(release.note())


def names(settings: Settings) -> list[str]:
    return [release.release_id for release in kept_releases(settings)]


def up(settings: Settings) -> str | None:
    release = published_release(settings)
    return release.release_id if release else None


def test_before_the_first_release_none_is_up(tmp_path: Path) -> None:
    nothing = Settings(tmp_path, tmp_path, tmp_path / "build", date(2026, 4, 15))
    assert (up(nothing), names(nothing), told_counts(nothing)) == (None, [], None)


def test_the_newest_comes_first_and_what_is_no_release_is_none(settings: Settings) -> None:
    (settings.releases / "half").mkdir()
    (settings.releases / "odd").mkdir()
    (settings.releases / "odd" / "release.json").write_text("{")
    assert names(settings) == ["d", "c", "b", "a"]


def test_old_ones_go_and_what_is_no_whole_release_but_never_the_one_that_is_up(
    settings: Settings,
) -> None:
    (settings.releases / "half").mkdir()
    roll_back(settings, "a")
    assert remove_old(settings, 3) == 3
    assert names(settings) == ["d", "c", "a"]
    assert sorted(path.name for path in settings.releases.iterdir()) == ["a", "c", "d"]


def test_to_roll_back_puts_a_release_up_and_marks_the_later_ones(settings: Settings) -> None:
    assert roll_back(settings, "b") == ["d", "c"]
    assert up(settings) == "b"
    assert (settings.public / "index.html").read_text() == "release b"
    assert [is_taken_back(settings, name) for name in "abcd"] == [False, False, True, True]


def test_to_roll_forward_takes_the_mark_away(settings: Settings) -> None:
    roll_back(settings, "b")
    assert roll_back(settings, "d") == []
    assert up(settings) == "d"
    assert not is_taken_back(settings, "d")


def test_what_a_release_told_is_known_after_it_was_taken_back(settings: Settings) -> None:
    roll_back(settings, "a")
    known = told_counts(settings)
    assert known is not None
    assert known.read_text() == "d"


def test_a_release_that_is_not_kept_or_not_whole_is_not_put_up(settings: Settings) -> None:
    with pytest.raises(NoSuchRelease, match=r"no release x\. Kept are: d, c, b, a\."):
        roll_back(settings, "x")
    (settings.releases / "b" / "public" / "data" / "indicators.csv").write_text("other figures")
    with pytest.raises(NoSuchRelease, match=r"b is not whole: indicators\.csv"):
        roll_back(settings, "b")
    (settings.releases / "c" / "public" / "index.html").unlink()
    with pytest.raises(NoSuchRelease, match="c is not whole: its pages are gone"):
        roll_back(settings, "c")
    assert up(settings) == "d"
    assert not any(is_taken_back(settings, name) for name in "abcd")


def test_the_list_says_what_each_release_changed_and_which_is_up(settings: Settings) -> None:
    listed = past_releases(settings)
    assert [(one.release.release_id, one.is_up) for one in listed][:2] == [
        ("d", True),
        ("c", False),
    ]
    assert listed[0].changes == {"added": 2, "changed": 1}


def test_a_release_is_published_after_every_other_whatever_the_clock_says(
    settings: Settings,
) -> None:
    add(settings, "e", datetime(2999, 1, 1, tzinfo=UTC))
    assert next_moment(settings) == datetime(2999, 1, 1, 0, 0, 1, tzinfo=UTC)


def test_a_clock_that_was_set_back_is_told_and_a_day_that_was_named_is_not(
    settings: Settings,
) -> None:
    day = date(2026, 4, 3)  # release d is told as at 4 April
    named = Settings(settings.returns, settings.registry, settings.build, day)
    Night(named).check_clock()
    told = Settings(settings.returns, settings.registry, settings.build, day, is_day_given=False)
    with pytest.raises(ClockSetBack, match=r"clock says 2026-04-03, .* as at 2026-04-04"):
        Night(told).check_clock()


def test_nothing_is_rolled_back_while_a_refresh_is_under_way(settings: Settings) -> None:
    outcomes = Path(sys.executable).with_name("outcomes")
    with refresh_lock(settings.build):
        done = subprocess.run(
            [outcomes, "rollback", "b", "--build", settings.build], capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    assert done.returncode == 4
    assert "Nothing was done: another refresh" in done.stderr
    assert up(settings) == "d"


def test_the_first_release_is_said_to_be_the_first_and_not_to_have_changed_nothing() -> None:
    first = KeptRelease("a", FIRST.date(), FIRST)
    assert PastRelease(first, is_up=True, changes={}).told == "the first release"
    second = KeptRelease("b", FIRST.date(), FIRST, last_release="a")
    assert PastRelease(second, is_up=True, changes={}).told == "nothing changed"
    assert PastRelease(second, is_up=True, changes={"added": 2}).told == "2 added"
