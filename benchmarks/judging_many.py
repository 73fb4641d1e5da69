"""How fast are 1,000 small returns judged, beside one large return of as many rows?

    make bench-judging-many
    python -m benchmarks.judging_many [--returns N] [--rows N ...] [--repetitions N]

200 providers send five months each, as `outcomes sample` makes them, and a night judges them all
into the lake, as a refresh does. Then one provider sends one return of about as many rows of the
same tables. Both are written in one style, as CSV files; the 1,000 are judged once more as the
sample sends them, a third of them workbooks. Beside them stand what judging alone takes (reading,
the rules and the failures, in one process, with nothing written) and what the file system takes to
make the lake's folders and files, with what is in them at hand. Writes
build/bench/judging_many.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Literal

from orchestration.facts import standard
from orchestration.intake.judge import ReturnToJudge, judge
from orchestration.intake.judging_pool import MEMORY_BYTES, cores
from orchestration.intake.lake import Bounds, batches
from orchestration.night import Night
from orchestration.sample.registry import sample_registry, write_registry
from orchestration.sample.returns import Shelf, in_fitting_form, sheets_of
from orchestration.sample.situations import plan_post
from orchestration.sample.styles import STYLES
from orchestration.sample.tables import make_tables
from orchestration.sample.window import window_before
from orchestration.sample.writing import write_return
from orchestration.settings import PROJECT, Settings

BENCH = PROJECT / "build" / "bench"
AS_AT = date(2026, 4, 15)
MONTHS, SEED = 5, 7
# Rows of a return: those of a county's providers, and those of a region's.
ROWS = (500, 1500)
# So many people, seen in one month by one provider, make so many rows.
TRIED_PEOPLE = 2000
WANTED = 0.7

Style = Literal["plain", "as sent"]
MANY, ONE, MIXED = "many, CSV", "one, CSV", "many, as sent"


@dataclass(frozen=True)
class Rate:
    """What judging some returns took: seconds by the clock, seconds of processor time in all
    processes, and the rows of all their tables."""

    what: str
    returns: int
    rows: int
    seconds: float
    cpu: float

    @property
    def by_clock(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds

    @property
    def by_processor(self) -> float:
        """Rows a second of processor time."""
        return self.rows / self.cpu


def main() -> None:
    """Makes the returns of each size, judges them in turns, and prints the rates."""
    given = _arguments()
    place = BENCH / "judging_many"
    told: list[dict[str, object]] = []
    print(_machine())
    for rows in given.rows:
        shutil.rmtree(place, ignore_errors=True)
        homes = {
            MANY: _made(place / "many", given.returns // MONTHS, MONTHS, rows, "plain"),
            ONE: _made(place / "one", 1, 1, rows * given.returns, "plain"),
            MIXED: _made(place / "mixed", given.returns // MONTHS, MONTHS, rows, "as sent"),
        }
        measures: dict[str, Callable[[], Rate]] = {
            f"{what}: into the lake": partial(_into_lake, what, home)
            for what, home in homes.items()
        }
        measures |= {
            f"{what}: judging alone": partial(_judging, what, homes[what]) for what in (MANY, ONE)
        }
        best: dict[str, Rate] = {}
        floors = []
        for number in range(given.repetitions):
            for name, measure in measures.items():
                print(f"{rows} rows, run {number + 1}: {name}", file=sys.stderr, flush=True)
                found = measure()
                if name not in best or found.seconds < best[name].seconds:
                    best[name] = replace(
                        found, cpu=min(found.cpu, best[name].cpu if name in best else found.cpu)
                    )
            floors.append(_floor(homes[MANY] / "build" / "lake", place / "floor"))
        print(_told(rows, best, min(floors)))
        told.append(
            {
                "rows_a_return": rows,
                "rates": {name: asdict(rate) for name, rate in best.items()},
                "floor_seconds": min(floors)[0],
                "floor_files": min(floors)[1],
            }
        )
    BENCH.mkdir(parents=True, exist_ok=True)
    (BENCH / "judging_many.json").write_text(
        json.dumps({"machine": _machine(), "sizes": told}, indent=1), encoding="utf-8"
    )
    shutil.rmtree(place)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--returns", type=int, default=1000)
    parser.add_argument("--rows", type=int, nargs="+", default=list(ROWS), help="of a return")
    parser.add_argument("--repetitions", type=int, default=2)
    return parser.parse_args()


def _machine() -> str:
    return (
        f"{cores()} cores, load before {os.getloadavg()[0]:.1f}, Python {platform.python_version()}"
    )


def _made(home: Path, providers: int, months: int, rows: int, style: Style) -> Path:
    """Makes an inbox of returns, each of about so many rows, and what they were received as."""
    seen = _rows_made(providers, months, TRIED_PEOPLE)
    people = round(TRIED_PEOPLE * rows * providers * months / seen)
    facts, window = standard(), window_before(AS_AT, months)
    registry = sample_registry(providers, window.months[0])
    shelf = Shelf.of(make_tables(SEED, facts, window, registry, people), providers * months)
    everybody = list(registry.registry.providers.values())
    for sending in plan_post(SEED, everybody, window, AS_AT, False).sendings:
        one = (
            in_fitting_form(sending, shelf.size(sending.place))
            if style == "as sent"
            else replace(sending, style=STYLES[0], name=f"{sending.month:%Y-%m}")
        )
        path = home / "returns" / one.inbox / one.name
        write_return(path, sheets_of(SEED, facts, shelf, one), one.style, one.when)
    write_registry(registry.registry, home / "registry")
    _night(home).receive()
    return home


def _rows_made(providers: int, months: int, people: int) -> int:
    window = window_before(AS_AT, months)
    registry = sample_registry(providers, window.months[0])
    tables = make_tables(SEED, standard(), window, registry, people)
    return sum(len(cells) for cells in tables.values())


def _night(home: Path) -> Night:
    return Night(Settings(home / "returns", home / "registry", home / "build", AS_AT))


def _into_lake(what: str, home: Path) -> Rate:
    """Judges all that was received, as if for the first time; none of it may be rejected."""
    for path in (*(home / "build").glob("*"), *(home / "build" / "ledger").glob("*")):
        if path.is_dir() and path.name not in ("received", "ledger"):
            shutil.rmtree(path)
        elif path.name == "history.json":
            path.unlink()
    night = _night(home)
    before, started = sum(os.times()[:4]), time.perf_counter()
    count = night.judge(lambda _: None)
    seconds, cpu = time.perf_counter() - started, sum(os.times()[:4]) - before
    receipts, _ = night.receipts()
    if not all(receipt.accepted for receipt in receipts):
        sys.exit(f"{what}: some were rejected")
    return Rate(what, count, sum(receipt.rows_received for receipt in receipts), seconds, cpu)


def _judging(what: str, home: Path) -> Rate:
    """Reads and judges all that was received, in this process, and writes nothing."""
    night = _night(home)
    received, rules, registry = night.received(), night.rules, night.registry
    aside = home / "build" / "alone"
    rows = 0
    before, started = sum(os.times()[:4]), time.perf_counter()
    for batch in batches(received, rules.standard.limits):
        returns = [ReturnToJudge(one.kept, one.inbox) for one in batch]
        with Bounds(MEMORY_BYTES, 1).connect(aside) as connection:
            judged = judge(connection, returns, rules, registry, AS_AT, aside)
        rows += sum(count for one in judged for count, _ in one.rows.values())
    seconds, cpu = time.perf_counter() - started, sum(os.times()[:4]) - before
    shutil.rmtree(aside)
    return Rate(what, len(received), rows, seconds, cpu)


def _floor(lake: Path, copy: Path) -> tuple[float, int]:
    """The seconds that the folders and files of the lake take to make, by as many threads as there
    are cores, and how many files they are."""
    files = {path.relative_to(lake): path.read_bytes() for path in lake.rglob("*.parquet")}
    shutil.rmtree(copy, ignore_errors=True)

    def write(inside: Path) -> None:
        path = copy / inside
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[inside])

    started = time.perf_counter()
    with ThreadPoolExecutor(cores()) as threads:
        list(threads.map(write, files))
    seconds = time.perf_counter() - started
    shutil.rmtree(copy)
    return seconds, len(files)


def _told(rows: int, rates: dict[str, Rate], floor: tuple[float, int]) -> str:
    """The rates as a table in Markdown, and the ratios."""
    lines = [
        "",
        f"About {rows:,} rows a return:",
        "",
        "| what | returns | rows | s | rows a second | processor, s | rows a processor's second |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {name} | {r.returns:,} | {r.rows:,} | {r.seconds:.1f} | {r.by_clock:,.0f} "
        f"| {r.cpu:.1f} | {r.by_processor:,.0f} |"
        for name, r in rates.items()
    ]
    lines.append(f"\nThe lake's {floor[1]:,} files and their folders alone: {floor[0]:.1f} s")
    for part in ("into the lake", "judging alone"):
        many, one = rates[f"{MANY}: {part}"], rates[f"{ONE}: {part}"]
        lines.append(
            f"Many beside one, {part}: {many.by_clock / one.by_clock:.2f} by the clock, "
            f"{many.by_processor / one.by_processor:.2f} in processor time (wanted: {WANTED})"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
