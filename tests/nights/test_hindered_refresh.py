"""A refresh that cannot write or read says so, the last release stands, and the next one is right.

Disks that are full or read-only are file systems of the test's own, mounted where the test may: as
root, as CI is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.release_store import published_release
from tests.nights.whole_nights import AS_AT, Settings, refresh, small_inbox

pytestmark = [
    pytest.mark.nights,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a file system"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release, and a return that came after it."""
    made = tmp_path_factory.mktemp("hindered")
    late = small_inbox(made)
    late.rename(made / late.name)
    assert refresh(made, made / "before").returncode == 0
    (made / late.name).rename(late)
    return made


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 600 MB until it is mounted anew."""
    tmp_path.joinpath("disk").mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600m", "tmpfs", tmp_path / "disk"], check=True
    )
    yield tmp_path / "disk"
    subprocess.run(["umount", tmp_path / "disk"], check=True)


def mount_anew(disk: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", disk], check=True)


def up(build: Path) -> str:
    release = published_release(Settings(build, build, build, AS_AT))
    assert release is not None
    return release.release_id


@pytest.mark.parametrize("megabytes_left", [0, 5, 12])
def test_a_full_disk_is_told_and_costs_nothing(home: Path, disk: Path, megabytes_left: int) -> None:
    build = disk / "build"
    shutil.copytree(home / "before", build, symlinks=True)
    first, site = up(build), sorted((build / "public").rglob("*"))
    filler = disk / "filler"
    with filler.open("wb") as file:
        file.write(b"\0" * (shutil.disk_usage(disk).free - megabytes_left * 1024 * 1024))
    done = refresh(home, build)
    assert done.returncode == 1, done.stderr
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert (up(build), sorted((build / "public").rglob("*"))) == (first, site)
    filler.unlink()
    done = refresh(home, build)
    assert done.returncode == 0, done.stderr
    assert up(build) != first


def test_a_build_folder_that_cannot_be_written_is_told_and_costs_nothing(
    home: Path, disk: Path
) -> None:
    build = disk / "build"
    shutil.copytree(home / "before", build, symlinks=True)
    first = up(build)
    mount_anew(disk, "ro")
    done = refresh(home, build)
    mount_anew(disk, "rw")
    assert done.returncode == 1, done.stderr
    assert "Read-only file system" in done.stderr
    assert str(build) in done.stderr
    assert "Traceback" not in done.stderr
    assert up(build) == first
