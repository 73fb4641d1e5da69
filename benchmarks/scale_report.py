"""The table and the plot of docs/performance.md, from what `benchmarks.scale` measured.

    python -m benchmarks.scale_report

Reads `benchmarks/results/<size>.json`; writes docs/images/scale.svg, and the part of
docs/performance.md between the marks `<!-- scale -->` and `<!-- /scale -->`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.scale import RESULTS
from benchmarks.sizes import SIZES
from orchestration.publish.charts import BLUE, INK, LEGEND, MUTED, STYLE, altair_module
from orchestration.settings import PROJECT

PAGE = PROJECT / "docs" / "performance.md"
PICTURE = PROJECT / "docs" / "images" / "scale.svg"
BEGIN, END = "<!-- scale -->", "<!-- /scale -->"
MODELS, BARE = "models", "bare script"
REFRESHES = {
    "from_nothing": "from nothing",
    "one_new_return": "after one new return",
    "nothing_new": "nothing new",
}
# From a lake to marts: what the models' time and memory are made of.
STEPS = ("lay_out", "parse", "measure_values", "indicator_values")


def main() -> None:
    """Writes the picture and the part of the page."""
    results = [json.loads(path.read_text("utf-8")) for path in _files()]
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{section(results)}\n{END}{after}", encoding="utf-8")
    PICTURE.write_text(picture(results), encoding="utf-8")


def _files() -> list[Path]:
    return [path for name in SIZES if (path := RESULTS / f"{name}.json").exists()]


def section(results: list[dict[str, Any]]) -> str:
    """The tables in Markdown, with where each was measured."""
    parts = [_computing(results)]
    if len(results) > 1:
        parts.append("![Time and memory against rows, from a county to a nation](images/scale.svg)")
    refreshed = [result for result in results if "refresh" in result]
    if refreshed:
        parts.append(_refreshes(refreshed))
    # A size whose steps were measured one by one may have no account of each model.
    parts += [
        _steps(result) for result in results if result["computing"]["measure_values"]["models"]
    ]
    parts += [_where(result) for result in results]
    return "\n\n".join(parts)


def _computing(results: list[dict[str, Any]]) -> str:
    rows = []
    for result in results:
        lake, computing, bare = result["lake"], result["computing"], result.get("bare")
        rows.append(
            (
                result["size"],
                f"{lake['returns']:,}",
                f"{lake['contacts']:,}",
                f"{lake['rows']:,}",
                f"{to_marts(computing):,.0f}",
                f"{_peak(computing):,.0f}",
                f"{sum(computing[step]['written_mb'] for step in STEPS):,.0f}",
                f"{computing['measure_values']['seconds']:,.0f}",
                f"{bare['seconds']:,.0f}" if bare else "",
                f"{result['times_bare']:.2f}" if bare else "",
                f"{result['times_bare_cpu']:.2f}" if bare else "",
                f"{bare['peak_mb']:,.0f}" if bare else "",
            )
        )
    header = (
        "size", "returns", "contacts", "rows", "lake to marts, s", "memory, MB", "written, MB",
        "`measure_values`, s", "bare script, s", "times bare", "in processor time",
        "bare script, MB",
    )  # fmt: skip
    return _table(header, rows)


def _refreshes(results: list[dict[str, Any]]) -> str:
    rows = []
    for result in results:
        for name, told in REFRESHES.items():
            taken = result["refresh"][name]
            steps = sorted(taken["steps"].items(), key=lambda step: -step[1])[:4]
            rows.append(
                (
                    result["size"],
                    told,
                    f"{taken['seconds']:,.1f}",
                    f"{taken['cpu_seconds']:,.1f}",
                    f"{taken['peak_mb']:,.0f}",
                    f"{taken['written_mb']:,.0f}",
                    ", ".join(f"{step} {_share(seconds, taken)}" for step, seconds in steps),
                )
            )
    header = (
        "`outcomes refresh`", "", "seconds", "processor, s", "memory, MB", "written, MB",
        "longest steps",
    )  # fmt: skip
    return _table(header, rows, words={0, 1, 6})


def _steps(result: dict[str, Any]) -> str:
    """Where the time of one size goes, model by model."""
    computing = result["computing"]
    models = computing["measure_values"]["models"] | computing["indicator_values"]["models"]
    whole = sum(models.values())
    longest = sorted(models.items(), key=lambda model: -model[1])[:6]
    told = ", ".join(f"`{model}` {100 * seconds / whole:.0f} %" for model, seconds in longest)
    return f"Where the models' time goes, {result['size']}: {told}."


def _where(result: dict[str, Any]) -> str:
    on = result["machine"]
    packages = ", ".join(
        f"{package} {on[package]}" for package in ("duckdb", "dbt-core", "dbt-duckdb", "dagster")
    )
    cells = (
        f" All {result['cells']:,} cells agree with the bare script's." if "bare" in result else ""
    )
    limit, load = result["memory_limit"], on["load_before"]
    # By the clock everything takes longer then; processor time and the ratios can be relied on.
    shared = f", which other work shared (load average before: {load})" if load > 1 else ""
    return (
        f"The {result['size']} was measured on {date.fromisoformat(result['date']):%-d %B %Y} on "
        f"{on['cores']} cores of {on['processor']} with {on['memory_gb']} GB{shared}, DuckDB's "
        f"memory limit {limit or 'not set'}. Python {on['python']}, {packages}.{cells}"
    )


def _share(seconds: float, taken: dict[str, Any]) -> str:
    return f"{100 * seconds / taken['seconds']:.0f} %"


def to_marts(computing: dict[str, Any]) -> float:
    """The seconds from a lake to measure_values and indicator_values."""
    return float(sum(computing[step]["seconds"] for step in STEPS))


def _peak(computing: dict[str, Any]) -> float:
    return float(max(computing[step]["peak_mb"] for step in STEPS))


def _table(
    header: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    words: frozenset[int] | set[int] = frozenset({0}),
) -> str:
    """A table in Markdown; the columns of `words` are words, the others numbers."""
    rule = ["---" if place in words else "---:" for place in range(len(header))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, tuple(rule), *rows))


def picture(results: list[dict[str, Any]]) -> str:
    """Time and memory against rows, both on scales of powers of ten, as an SVG."""
    import vl_convert

    alt = altair_module()
    times, memories = [], []
    for result in results:
        rows = result["lake"]["rows"]
        models = result["computing"]
        times.append({"rows": rows, "size": result["size"], "what": MODELS, "y": to_marts(models)})
        memories.append({"rows": rows, "size": result["size"], "what": MODELS, "y": _peak(models)})
        if "bare" in result:
            bare = result["bare"]
            times.append({"rows": rows, "size": result["size"], "what": BARE, "y": bare["seconds"]})
            memories.append(
                {"rows": rows, "size": result["size"], "what": BARE, "y": bare["peak_mb"]}
            )
    first = times[0]
    steady = [
        {"rows": result["lake"]["rows"], "y": first["y"] * result["lake"]["rows"] / first["rows"]}
        for result in results
    ]
    time = _plot(alt, times, "seconds from lake to marts") + (
        alt.Chart(alt.Data(values=steady))
        .mark_line(color=MUTED, strokeDash=[2, 3], strokeWidth=1)
        .encode(x=alt.X("rows:Q"), y=alt.Y("y:Q"))
    )
    chart = alt.hconcat(time, _plot(alt, memories, "memory at most, MB")).properties(
        title=alt.TitleParams(
            "Time and memory against rows of the lake",
            subtitle="The dotted line: as many times the county's seconds as rows.",
            anchor="start",
            color=INK,
        )
    )
    specification = chart.to_dict() | {"config": STYLE | {"legend": LEGEND}}
    return str(vl_convert.vegalite_to_svg(specification, allowed_base_urls=[]))


def _plot(alt: Any, points: list[dict[str, Any]], title: str) -> Any:
    def axis(place: str, **options: Any) -> dict[str, Any]:
        # A line for each power of ten, and none between.
        top = max(point[place] for point in points)
        powers = [10**power for power in range(10) if 10**power <= 10 * top]
        return {
            "scale": alt.Scale(type="log", nice=False, padding=24),
            "axis": alt.Axis(values=powers, tickCount=20, labelOverlap=False, **options),
        }

    base = alt.Chart(alt.Data(values=points), width=300, height=260).encode(
        x=alt.X("rows:Q", **axis("rows", format="~s", title="rows")),
        y=alt.Y("y:Q", **axis("y", format=",~g", title=title)),
        color=alt.Color(
            "what:N", scale=alt.Scale(domain=[MODELS, BARE], range=[BLUE, MUTED]), title=None
        ),
        # Colour never speaks alone.
        strokeDash=alt.StrokeDash(
            "what:N", scale=alt.Scale(domain=[MODELS, BARE], range=[[1, 0], [6, 3]]), title=None
        ),
    )
    names = base.transform_filter(f"datum.what === '{MODELS}'").mark_text(
        align="center", dy=-12, color=INK
    )
    return base.mark_line(point=True) + names.encode(text="size:N", color=alt.value(INK))


if __name__ == "__main__":
    main()
