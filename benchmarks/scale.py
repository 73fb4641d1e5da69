"""From a county to a nation: what a refresh, and the computing in it, take at each size.

    make bench SIZE=county|region|nation
    python -m benchmarks.scale county|region|nation [--refresh | --no-refresh] [--no-bare]
        [--memory 6GB] [--folder DIR] [--keep]

Makes a lake of that size (or takes the one of an earlier run that was kept), computes
`measure_values` and `indicator_values` with the project's models, and `measure_values` with a bare
DuckDB script: their ratio is the figure. The two must agree in every cell, or the benchmark ends
with an error. At the size of a county, whole refreshes are measured too. Everything runs in
processes of its own, whose memory is taken together. The result is one line of JSON in
`benchmarks/results/<size>.json`; `python -m benchmarks.scale_report` makes the table and the plot
of `docs/performance.md` from it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.computing import bare_result, compare, measure_bare, measure_computing
from benchmarks.machine import machine
from benchmarks.make_lake import MADE, make_lake, settings_of
from benchmarks.refreshes import clear, measure_refreshes
from benchmarks.sizes import SIZES, Size
from orchestration.intake.receive import write_whole
from orchestration.settings import PROJECT

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "dagster")
# DuckDB's memory limit and spill folder, as the refresh takes them too.
MEMORY, SPILL = "OUTCOMES_DUCKDB_MEMORY", "OUTCOMES_DUCKDB_TEMP"


def main() -> None:
    """Measures one size, prints what it took, and keeps the result."""
    given = _arguments()
    size: Size = SIZES[given.size]
    folder = given.folder / size.name
    if given.memory:
        os.environ[MEMORY] = given.memory
        os.environ[SPILL] = str(folder / "spill")
    result: dict[str, Any] = {
        "size": size.name,
        "date": date.today().isoformat(),
        "machine": machine(PACKAGES),
        "code": _code(),
        "memory_limit": os.environ.get(MEMORY),
    }
    if given.refresh if given.refresh is not None else size.name == "county":
        _say("a whole refresh of a sample: from nothing, with one new return, with nothing new")
        refreshes = folder.with_name(f"{size.name}-refresh")
        clear(refreshes)
        result["refresh"] = measure_refreshes(size, refreshes)
        if not given.keep:
            clear(refreshes)
    if not (folder / MADE).exists():
        _say("making the lake")
        clear(folder)
        make_lake(size, folder)
    result["lake"] = json.loads((folder / MADE).read_text(encoding="utf-8"))
    _say("computing by the models")
    result["computing"] = measure_computing(folder)
    if not given.no_bare:
        _say("computing by the bare script")
        result["bare"] = measure_bare(folder)
        result["cells"] = compare(settings_of(folder).warehouse, bare_result(folder))
        models, bare = result["computing"]["measure_values"], result["bare"]
        result["times_bare"] = round(models["seconds"] / bare["seconds"], 2)
        result["times_bare_cpu"] = round(models["cpu_seconds"] / bare["cpu_seconds"], 2)
    RESULTS.mkdir(exist_ok=True)
    write_whole(RESULTS / f"{size.name}.json", json.dumps(result) + "\n")
    print("\n".join(lines_of(result)))
    if not given.keep:
        clear(folder)


def lines_of(result: dict[str, Any]) -> list[str]:
    """The result for a person: what each part took, and the share of each step."""
    lake = result["lake"]
    told = [
        f"{result['size']}: {lake['returns']:,} returns, {lake['contacts']:,} contacts, "
        f"{lake['rows']:,} rows, a lake of {lake['lake_bytes'] / 1e6:,.0f} MB in {lake['files']:,} "
        f"files, memory limit {result['memory_limit'] or 'none'}"
    ]
    for name, part in _parts(result):
        told.append(
            f"{name}: {part['seconds']:.1f} s ({part['cpu_seconds']:.1f} s of processor), at most "
            f"{part['peak_mb']:,.0f} MB, {part['written_mb']:,.0f} MB written"
        )
        steps = part.get("steps") or part.get("models") or {}
        whole = sum(steps.values()) or 1
        told += [
            f"    {step}: {seconds:.1f} s, {100 * seconds / whole:.0f} %"
            for step, seconds in list(steps.items())[:12]
        ]
    if "bare" in result:
        told.append(
            f"All {result['cells']:,} cells agree. The models take {result['times_bare']} times "
            f"the bare script by the clock, {result['times_bare_cpu']} times in processor time."
        )
    return told


def _parts(result: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    parts = []
    for name in ("from_nothing", "one_new_return", "nothing_new"):
        if name in result.get("refresh", {}):
            parts.append((f"refresh, {name.replace('_', ' ')}", result["refresh"][name]))
    for name in ("lay_out", "parse", "measure_values", "indicator_values"):
        parts.append((f"models, {name}", result["computing"][name]))
    if "bare" in result:
        parts.append(("bare script, measure_values", result["bare"]))
    return parts


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument(
        "--refresh", action=argparse.BooleanOptionalAction, default=None,
        help="measure whole refreshes of a sample; only for a county unless given",
    )  # fmt: skip
    parser.add_argument("--no-bare", action="store_true", help="leave the bare script out")
    parser.add_argument("--memory", help="DuckDB's memory limit, such as 4GB")
    parser.add_argument("--folder", type=Path, default=PROJECT / "build" / "bench" / "scale")
    parser.add_argument("--keep", action="store_true", help="keep the lake for another run")
    given = parser.parse_args()
    given.folder = given.folder.absolute()
    return given


def _code() -> str | None:
    """Which code was measured: the commit, marked where files differ from it."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return told.stdout.strip() or None


def _say(text: str) -> None:
    print(f"{text} ...", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
