"""The area chart: how much there is over time, and what it is made of.

Areas lie on one another, so what is missing in one makes the sum of all unknown: at such a place
every area breaks, and the grey stripe of a missing point stands there.
"""

from __future__ import annotations

from typing import Any

from orchestration.publish import words
from orchestration.publish.charts import (
    ABSENT,
    BLUE,
    INK,
    MARGIN,
    MUTED,
    NARROW,
    SERIES_COLOURS,
    Layers,
    Plot,
    Point,
    altair_module,
    describe_lines,
    place_axis,
    said,
    value_axis,
)


def area_chart(plot: Plot, width: int) -> str:
    """Areas from zero, one on the other by series; Vega-Lite as JSON. ValueError below zero."""
    if any((point.value or 0) < 0 for point in plot.shown):
        raise ValueError("an area stands for how much there is, and cannot be below zero")
    alt = altair_module()
    places, kinds = plot.places, plot.series
    step = (width - MARGIN) / max(len(places), 1)
    scale = alt.Scale(type="point", domain=list(range(len(places))), padding=0.5)
    x = alt.X("i:O", scale=scale, axis=place_axis(alt, plot, width))
    rows = _stacked(plot)
    top = max((row["hi"] for row in rows), default=0) or 1
    y_scale = alt.Scale(domain=[0, top * 1.04], nice=True)
    y = alt.Y("lo:Q", scale=y_scale, axis=value_axis(alt, plot, tickMinStep=0.01))
    layers = Layers()
    _missing(alt, layers, plot, x, step)
    scale = alt.Scale(domain=kinds, range=list(SERIES_COLOURS if len(kinds) > 1 else (BLUE,)))
    legend = alt.Legend(symbolType="square", symbolStrokeWidth=0) if len(kinds) > 1 else None
    fill = alt.Fill("s:N", scale=scale, sort=kinds, legend=legend)
    of_run: dict[int, set[int]] = {}
    for row in rows:
        of_run.setdefault(row["r"], set()).add(row["i"])
    wide = layers.chart([row for row in rows if len(of_run[row["r"]]) > 1])
    # A white edge keeps neighbours apart where their colours are too near to tell.
    layers.add(
        "areas",
        wide.mark_area(stroke="#fff", strokeWidth=1, fillOpacity=0.85).encode(
            x, y, alt.Y2("hi:Q"), fill, alt.Detail(["r:N", "s:N"])
        ),
    )
    lone = [row for row in rows if len(of_run[row["r"]]) == 1]
    if lone:  # an area needs two places; a place by itself has a bar instead
        bars = layers.chart(lone).mark_bar(width=6).encode(x, y, alt.Y2("hi:Q"), fill)
        layers.add("bars", bars)
    provisional = [{"i": places.index(x_), "t": "p"} for x_ in _provisional(plot)]
    if provisional:
        marks = layers.chart(provisional).mark_text(fill=INK)
        layers.add("provisional", marks.encode(x, alt.YValue(9), alt.Text("t:N")))
    return layers.specification(width, 190 if width < NARROW else 230)


def _whole(plot: Plot) -> dict[str, dict[str, Point]]:
    """The points of each place, by series, where none of the series is missing."""
    by_place: dict[str, dict[str, Point]] = {place: {} for place in plot.places}
    for point in plot.shown:
        by_place[point.x][point.series] = point
    return {place: own for place, own in by_place.items() if len(own) == len(plot.series)}


def _stacked(plot: Plot) -> list[dict[str, Any]]:
    """Each value from where the one below it ends, with the number of its unbroken run."""
    whole, rows, run = _whole(plot), [], 0
    for index, place in enumerate(plot.places):
        if place not in whole:
            run += 1
            continue
        below = 0.0
        for series in plot.series:
            above = below + (whole[place][series].value or 0)
            rows.append({"i": index, "lo": below, "hi": above, "s": series, "r": run})
            below = above
    return rows


def _provisional(plot: Plot) -> list[str]:
    return [x for x, own in _whole(plot).items() if any(p.provisional for p in own.values())]


def _missing(alt: Any, layers: Layers, plot: Plot, x: Any, step: float) -> None:
    whole = _whole(plot)
    signs = {p.x: words.SIGNS.get(p.status, "") for p in plot.missing}
    missing = [
        {"i": i, "t": signs.get(place, "").strip("[]" if step < 20 else "")}
        for i, place in enumerate(plot.places)
        if place not in whole
    ]
    if not missing:
        return
    gaps = layers.chart(missing)
    stripe = gaps.mark_rule(stroke=ABSENT, strokeWidth=round(step * 0.82, 1))
    layers.add("absent", stripe.encode(x, alt.YValue(0), alt.Y2Value("height")))
    layers.add("signs", gaps.mark_text(fill=MUTED).encode(x, alt.YValue(9), alt.Text("t:N")))


def describe_areas(plot: Plot) -> str:
    """What one sees in an area chart, for those who do not see it."""
    if len(plot.series) == 1:
        return "Area" + describe_lines(
            Plot(
                tuple(
                    Point(p.x, p.value, status=p.status, provisional=p.provisional)
                    for p in plot.points
                ),
                plot.format,
            )
        ).removeprefix("Line")
    whole = _whole(plot)
    sums = {
        place: plot.show(sum(point.value or 0 for point in own.values()))
        for place, own in whole.items()
    }
    parts = [f"{len(plot.series)} areas on one another: {', '.join(plot.series)}"]
    if sums:
        first, last = next(iter(sums)), list(sums)[-1]
        parts.append(f"Together they are {sums[first]} at {first} and {sums[last]} at {last}")
        parts += [f"{name} ends with {said(plot, whole[last][name])}" for name in plot.series]
    gaps = [place for place in plot.places if place not in whole]
    if gaps:
        parts.append(f"Not shown, and marked with a grey stripe: {', '.join(gaps)}")
    return "Area chart. " + ". ".join(parts) + "."
