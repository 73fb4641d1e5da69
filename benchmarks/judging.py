"""How fast is judging? Ours beside a bare DuckDB script, pandera and Great Expectations.

    make bench-judging
    python -m benchmarks.judging [--rows N] [--repetitions N] [--only NAME ...]

Each judges the same return in a process of its own, in turns, so that what else the machine does
falls on all alike. Every answer is compared with that of the bare script: the benchmark fails where
two judges disagree, never because one is slow. Writes build/bench/judging.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.make_return import FAULTY_ONE_IN, PROVIDER, ROWS, make_return
from benchmarks.measure import Findings, Measured
from orchestration.settings import PROJECT

BENCH = PROJECT / "build" / "bench"
BARE, OURS = "bare DuckDB script", "ours"
JUDGES = {
    BARE: "benchmarks.judging_bare",
    OURS: "benchmarks.judging_ours",
    "ours, lake written": "benchmarks.judging_into_lake",
    "pandera": "benchmarks.judging_pandera",
    "Great Expectations": "benchmarks.judging_great_expectations",
}
PACKAGES = ("duckdb", "pandas", "pandera", "great-expectations")
MOST_TIMES_BARE, MOST_MB = 2, 1000


@dataclass(frozen=True)
class Timing:
    """One judge over all its runs: the work alone in seconds (best, median) and in seconds of
    processor time (best), the whole process with its start in seconds (best), and the most memory
    in any run in MB."""

    judge: str
    best: float
    median: float
    cpu: float
    whole: float
    peak_mb: float


def main() -> None:
    """Makes the return, lets each judge at it, compares the answers and prints the times."""
    given = _arguments()
    started = {"rows": given.rows, **machine(PACKAGES)}
    judges = [name for name in JUDGES if not given.only or name in {BARE, *given.only}]
    runs: dict[str, list[tuple[float, Measured]]] = {name: [] for name in judges}
    BENCH.mkdir(parents=True, exist_ok=True)
    # A folder of its own: a second benchmark at the same time must not change what is judged here.
    with tempfile.TemporaryDirectory(dir=BENCH) as place:
        folder = make_return(Path(place) / "return", given.rows)
        for number in range(given.repetitions):
            for name in judges:
                told = f"run {number + 1} of {given.repetitions}: {name}"
                print(told, file=sys.stderr, flush=True)
                runs[name].append(_run(JUDGES[name], folder))
        check = _time_check(folder, given.repetitions)
    found = [(name, measured.findings) for name, done in runs.items() for _, measured in done]
    disagreements = _disagreements(runs[BARE][0][1].findings, found)
    timings = {name: _timing(name, done) for name, done in runs.items()}
    told = _told(started, timings, check)
    print(told)
    (BENCH / "judging.json").write_text(
        json.dumps(
            {
                "machine": started,
                "timings": [asdict(timing) for timing in timings.values()],
                "outcomes_check_seconds": check,
                "failures": runs[BARE][0][1].findings.failures,
                "disagreements": disagreements,
            },
            indent=1,
        ),
        encoding="utf-8",
    )
    if disagreements:
        sys.exit("The judges disagree:\n" + "\n".join(disagreements))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=ROWS, help="contacts in the return")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--only", action="append", choices=list(JUDGES), default=[])
    return parser.parse_args()


def _run(module: str, folder: Path) -> tuple[float, Measured]:
    """One judging in a process of its own: the seconds of all of it, and what it says of itself."""
    before = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", module, str(folder)],
        cwd=PROJECT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    whole = time.perf_counter() - before
    answer = json.loads(done.stdout.splitlines()[-1])
    return whole, Measured(**{**answer, "findings": Findings(**answer["findings"])})


def _time_check(folder: Path, repetitions: int) -> float:
    """The best time of `outcomes check`, from the shell to the last line of its answer."""
    command = [str(Path(sys.executable).with_name("outcomes")), "check", str(folder)]
    command += ["--provider", PROVIDER, "--registry", str(PROJECT / "seeds" / "registry")]
    command += ["--as-at", "2025-07-01", "--format", "csv"]
    seconds = []
    for _ in range(repetitions):
        before = time.perf_counter()
        with tempfile.TemporaryFile() as answer:
            subprocess.run(command, check=True, stdout=answer)
        seconds.append(time.perf_counter() - before)
    return min(seconds)


def _disagreements(bare: Findings, found: list[tuple[str, Findings]]) -> list[str]:
    """Where a judge, in any of its runs, found another number of failures of a rule than `bare`."""
    disagreements = []
    for name, findings in found:
        if findings.kept not in (None, bare.kept):
            disagreements.append(f"{name} keeps {findings.kept} contacts, {BARE} {bare.kept}")
        rules = bare.failures.keys() | findings.failures.keys()
        for rule in sorted(rules if name in {BARE, OURS} else findings.failures.keys()):
            ours, theirs = bare.failures.get(rule, 0), findings.failures.get(rule, 0)
            if ours != theirs:
                disagreements.append(f"{rule}: {name} finds {theirs}, {BARE} {ours}")
    return list(dict.fromkeys(disagreements))


def _timing(name: str, runs: list[tuple[float, Measured]]) -> Timing:
    seconds = [measured.seconds for _, measured in runs]
    return Timing(
        judge=name,
        best=min(seconds),
        median=statistics.median(seconds),
        cpu=min(measured.cpu_seconds for _, measured in runs),
        whole=min(whole for whole, _ in runs),
        peak_mb=max(measured.peak_mb for _, measured in runs),
    )


def _told(started: dict[str, object], timings: dict[str, Timing], check: float) -> str:
    """The times as a table in Markdown, with what they were taken on."""
    bare = timings[BARE]
    lines = [
        ", ".join(f"{key} {value}" for key, value in started.items()),
        f"{started['rows']:,} contacts, one in {FAULTY_ONE_IN} faulty",
        "",
        "| judge | best, s | median, s | times bare | processor, s | times bare | with start, s "
        "| memory, MB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {t.judge} | {t.best:.1f} | {t.median:.1f} | {t.best / bare.best:.1f} | {t.cpu:.1f} "
        f"| {t.cpu / bare.cpu:.1f} | {t.whole:.1f} | {t.peak_mb:,.0f} |"
        for t in timings.values()
    ]
    lines += ["", f"`outcomes check` from the shell, every failure as CSV: {check:.1f} s"]
    if OURS in timings:
        ours = timings[OURS]
        times = ours.best / bare.best
        lines.append(
            f"Wanted: at most {MOST_TIMES_BARE} times the bare script, and {MOST_MB:,} MB. Found: "
            f"{times:.2f} times ({ours.cpu / bare.cpu:.2f} in processor time), "
            f"{ours.peak_mb:,.0f} MB."
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
