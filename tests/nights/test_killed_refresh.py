"""A refresh that is killed, at any moment, leaves the last release up and the next refresh right.

From one release to the next, with one late return: a refresh is killed (SIGKILL) at each of the
moments below, and what is up is looked at. Then a refresh is run that nobody disturbs; its lake,
its marts, its site and its reports must be those of one that was never killed. Where a page says
when it was published, that is left out.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.release_store import published_release
from orchestration.sample import write_sample
from orchestration.settings import PROJECT, Settings

AS_AT = date(2026, 4, 15)
# How long a refresh may take at most, in seconds, before the test gives up.
PATIENCE = 300
WHEN_PUBLISHED = re.compile(
    rb"\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d UTC|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)"
)
FROM_THE_START = "starting Dagster and dbt"
# How far into each step, as a share of the time that it takes.
SHARES = {
    FROM_THE_START: (0.1, 0.9),
    "received_returns": (0.0,),
    "judged_returns": (0.0, 0.6),
    "warehouse_sources": (0.2, 0.7),
    "dbt_models": (0.05, 0.15, 0.25, 0.35, 0.45, 0.6, 0.75, 0.9),
    "marts__published_revisions": (0.5,),
    "gate": (0.1, 0.5, 0.9),
    "provider_reports": (0.2, 0.8),
    "release": (0.05, 0.2, 0.5, 0.65, 0.8),
}
# What is there at other moments: a pattern below the build folder, and how many paths fit it.
SIGHTS = {
    "its first rows are in the lake": "lake/*/provider_code=BR02/period=2026-03/*/*.parquet",
    "the warehouse is begun": "warehouse.unfinished",
    "a report is being switched": "aside/**/*.old",
    "the gate has let it through": "gate/passed.json",
    "the release is in its place": "releases/{new}",
}
MOMENTS = [f"{step} {share}" for step, shares in SHARES.items() for share in shares]
MOMENTS += list(SIGHTS)


class Refresh:
    """A refresh under way, in a process that had everything imported."""

    def __init__(self, forking: subprocess.Popen[str], home: Path, build: Path) -> None:
        self.said_in = build.parent / "said.txt"
        self.said_in.touch()
        arguments = [
            "refresh", "--returns", str(home / "returns"), "--registry", str(home / "registry"),
            "--build", str(build), "--as-at", AS_AT.isoformat(),
        ]  # fmt: skip
        assert forking.stdin and forking.stdout
        self.forking = forking
        forking.stdin.write(json.dumps([str(self.said_in), *arguments]) + "\n")
        forking.stdin.flush()
        self.number = int(forking.stdout.readline())
        self.ends = select.poll()
        self.ends.register(os.pidfd_open(self.number), select.POLLIN)

    def lasts(self, seconds: float) -> bool:
        """Waits for so long, or until it ends; gives whether it still runs then."""
        return not self.ends.poll(seconds * 1000)

    def until(self, is_so: Callable[[], bool], seconds: float = PATIENCE) -> bool:
        """Waits until something is so; gives False where the refresh ends before, or where it is
        not so in time."""
        latest = time.monotonic() + seconds
        while not is_so():
            if not self.lasts(0.002) or time.monotonic() > latest:
                return False
        return True

    def has_said(self, line: str) -> bool:
        """Whether it has begun with that step."""
        return line in self.said_in.read_text(encoding="utf-8")

    def end(self) -> int:
        """Waits for its end; gives its status as `waitpid` does."""
        assert self.forking.stdout
        return int(self.forking.stdout.readline())


@dataclass(frozen=True)
class Known:
    """What the test starts from, and what must come of it."""

    home: Path
    before: Path
    first: str
    second: str
    seconds: dict[str, float]
    lake: dict[str, str]
    marts: dict[str, str]
    sites: dict[str, dict[str, str]]
    reports: dict[str, str]


@pytest.fixture(scope="module")
def forking() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.nights.forking"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT,
    )  # fmt: skip
    yield process
    assert process.stdin
    process.stdin.close()
    process.wait()


@pytest.fixture(scope="module")
def known(forking: subprocess.Popen[str], tmp_path_factory: pytest.TempPathFactory) -> Known:
    """A first release, a late return, and the second release as it is where nobody disturbs it."""
    home = tmp_path_factory.mktemp("killed")
    write_sample(home, providers=2, months=2, people=30, faults=0.01, seed=5, as_at=AS_AT)
    (late,) = (home / "returns" / "BR02").glob("2026-03*")
    late.rename(home / late.name)
    before = home / "before" / "build"
    before.mkdir(parents=True)
    assert Refresh(forking, home, before).end() == 0
    (home / late.name).rename(late)
    undisturbed = home / "undisturbed" / "build"
    shutil.copytree(before, undisturbed, symlinks=True)
    refresh = Refresh(forking, home, undisturbed)
    began: dict[str, float] = {}
    for step in SHARES:
        assert refresh.until(lambda step=step: refresh.has_said(f"{step}"))
        began[step] = time.monotonic()
    assert refresh.end() == 0
    ends = [*list(began.values())[1:], time.monotonic()]
    first, second = up(before), up(undisturbed)
    assert first != second
    return Known(
        home, before, first, second,
        {step: end - start for (step, start), end in zip(began.items(), ends, strict=True)},
        lake(undisturbed), marts(undisturbed),
        {first: site(before), second: site(undisturbed)},
        files(undisturbed / "providers"),
    )  # fmt: skip


@pytest.mark.nights
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_moment_the_last_release_is_up_and_the_next_refresh_is_right(
    moment: str, known: Known, forking: subprocess.Popen[str], tmp_path: Path
) -> None:
    build = tmp_path / "build"
    shutil.copytree(known.before, build, symlinks=True)
    refresh = Refresh(forking, known.home, build)
    if moment in SIGHTS:
        pattern = SIGHTS[moment].format(new=known.second)
        came = refresh.until(lambda: any(build.glob(pattern)))
    else:
        step, share = moment.rsplit(" ", 1)
        came = refresh.until(lambda: refresh.has_said(step))
        came = came and refresh.lasts(float(share) * known.seconds[step])
    if refresh.lasts(0):
        os.kill(refresh.number, signal.SIGKILL)
    assert (refresh.end(), came) == (signal.SIGKILL, True), "it ended before it was killed"

    assert up(build) in known.sites
    assert site(build) == known.sites[up(build)]

    assert Refresh(forking, known.home, build).end() == 0
    assert up(build) == known.second
    assert site(build) == known.sites[known.second]
    assert lake(build) == known.lake
    assert marts(build) == known.marts
    assert files(build / "providers") == known.reports


def up(build: Path) -> str:
    """The release that is up."""
    release = published_release(Settings(build, build, build, AS_AT))
    assert release is not None
    return release.release_id


def site(build: Path) -> dict[str, str]:
    """Every file of the site that is up."""
    return files(build / "public")


def files(folder: Path) -> dict[str, str]:
    """Each file's digest, without the moment at which it was published."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(
            WHEN_PUBLISHED.sub(b"then", path.read_bytes())
        ).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def lake(build: Path) -> dict[str, str]:
    """Each file of the lake, byte for byte."""
    folder = build / "lake"
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def marts(build: Path) -> dict[str, str]:
    """Each table of the marts, as a digest of its rows in order."""
    with duckdb.connect(str(build / "warehouse.duckdb"), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'marts'"
        ).fetchall()
        return {
            table: str(
                connection.execute(
                    f"select md5(string_agg(told, chr(10) order by told)) "
                    f"from (select rows_of::varchar as told from marts.{table} as rows_of)"
                ).fetchone()
            )
            for (table,) in tables
        }
