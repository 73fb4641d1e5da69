"""How long is a night in which 1,000 returns come at once, fifty of them bad?

    make bench-night
    python -m benchmarks.night

200 providers send five months each. Fifty files are then broken in ten ways, one for each of fifty
providers, and a refresh is run as a timer runs it. Every return must end as it should, those that
are well beside those that are not, or the benchmark fails. Prints time and the most memory that any
process of the refresh took.
"""

from __future__ import annotations

import collections
import resource
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb

from orchestration.sample import write_sample
from orchestration.settings import PROJECT

HOME = PROJECT / "build" / "bench" / "night"
AS_AT = date(2026, 4, 15)
PROVIDERS, MONTHS, PEOPLE, BAD = 200, 5, 6000, 50


def _cut(path: Path) -> None:
    """Only its first half came."""
    if path.is_dir():
        shutil.rmtree(path)
        path.mkdir()
    else:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _noise(path: Path) -> None:
    _as_file(path, ".xlsx").write_bytes(bytes(range(256)) * 400)


def _empty(path: Path) -> None:
    _as_file(path, ".zip").write_bytes(b"")


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(_as_file(path, ".zip"), "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("contacts.csv", b"0" * 300_000_000)


def _outside(path: Path) -> None:
    with zipfile.ZipFile(_as_file(path, ".zip"), "w") as file:
        file.writestr("../return.csv", "provider_code\n")


def _no_manifest(path: Path) -> None:
    with zipfile.ZipFile(_as_file(path, ".zip"), "w") as file:
        file.writestr("people.csv", "person_id\nA\n")


def _picture(path: Path) -> None:
    _as_file(path, ".xlsx").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(5000))


def _manifest(path: Path, header: str, row: str) -> None:
    with zipfile.ZipFile(_as_file(path, ".zip"), "w") as file:
        file.writestr("return.csv", f"{header}\n{row}\n")


def _other_provider(path: Path) -> None:
    _manifest(path, "provider_code,period,submission_no,created_at", "ZZ99,2026-03,1,2026-04-02")


def _no_month(path: Path) -> None:
    code = path.parent.name
    _manifest(path, "provider_code,period,submission_no,created_at", f"{code},March,1,2026-04-02")


def _binary_csv(path: Path) -> None:
    with zipfile.ZipFile(_as_file(path, ".zip"), "w") as file:
        file.writestr("return.csv", bytes(range(256)) * 20)


WAYS: tuple[Callable[[Path], None], ...] = (
    _cut, _noise, _empty, _bomb, _outside, _no_manifest, _picture, _other_provider, _no_month,
    _binary_csv,
)  # fmt: skip


def _as_file(path: Path, suffix: str) -> Path:
    """The place of a bad file; the return itself goes."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    return path.with_name(f"{path.stem}{suffix}")


def main() -> None:
    """Makes the inbox, breaks fifty files, refreshes, and looks at every return's state."""
    shutil.rmtree(HOME, ignore_errors=True)
    write_sample(HOME, providers=PROVIDERS, months=MONTHS, people=PEOPLE, seed=7, as_at=AS_AT)
    inboxes = sorted((HOME / "returns").iterdir())[: BAD * 4 : 4]
    for number, inbox in enumerate(inboxes):
        WAYS[number % len(WAYS)](sorted(inbox.iterdir())[-1])
    broken = {inbox.name for inbox in inboxes}
    assert len(broken) == BAD
    started = time.monotonic()
    done = subprocess.run(
        [
            Path(sys.executable).with_name("outcomes"), "refresh", "--returns", HOME / "returns",
            "--registry", HOME / "registry", "--build", HOME / "build",
            "--as-at", AS_AT.isoformat(),
        ],
        check=False,
    )  # fmt: skip
    seconds = time.monotonic() - started
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    wrong = _wrong(broken)
    print(f"{seconds:.0f} s, at most {megabytes:.0f} MB in one process, exit {done.returncode}")
    print("\n".join(wrong) or "every return ended as it should")
    sys.exit(1 if wrong or done.returncode else 0)


def _wrong(broken: set[str]) -> list[str]:
    """What is not as it should be: of a provider with a bad file one return is rejected and all
    others count, and of everybody else all count."""
    with duckdb.connect(str(HOME / "build" / "warehouse.duckdb"), read_only=True) as connection:
        states = connection.execute(
            "select coalesce(provider_code, ''), state from marts.return_status"
        ).fetchall()
    print(dict(collections.Counter(state for _, state in states)))
    counted = collections.Counter(states)
    wrong = []
    for inbox in (HOME / "returns").iterdir():
        bad = int(inbox.name in broken)
        found = tuple(counted[inbox.name, state] for state in ("in_effect", "rejected"))
        if found != (MONTHS - bad, bad):
            wrong.append(
                f"{inbox.name}: {found[0]} count and {found[1]} are rejected, {bad} is bad"
            )
    return wrong


if __name__ == "__main__":
    main()
