"""The charts: which marks stand for what, in one restrained style.

A point without a value is never drawn as a value: the line breaks, and a grey stripe with the sign
of its status stands in its place. Colour never speaks alone: a provisional point is hollow, a
series has its own dash, a lying bar has its number. Each chart is drawn twice, for a telephone and
for a desk, because letters that shrink with the picture cannot be read.
"""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.publish import words
from orchestration.publish.drawing import FONT_SIZE

INK, MUTED, GRID, ABSENT = "#212b32", "#4c6272", "#d8dde0", "#e8edee"
BLUE = "#005eb8"
# Told apart in grey too, from dark to light; the second of a pair is always the lighter.
SERIES_COLOURS = ("#003087", "#0072ce", "#8a4fa8", "#768692", "#41b6e6", "#a8b2b8")
SERIES_DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [1, 3], [12, 3])
LETTERS_BESIDE = 42  # of a name beside its bar, before it is broken into lines
WIDTHS = {"narrow": 340, "wide": 680}
LETTER = 6.6  # about as wide as a letter of the axis is
MARGIN = 60  # beside a plot: its numbers and some air
NARROW = 500
STYLE: dict[str, Any] = {
    # The page says in words what a chart shows; what Vega would say is dropped from the drawing.
    "aria": False,
    "view": {"stroke": None},
    "font": "Liberation Sans",  # as wide as Arial; vl-convert brings it
    "axis": {
        "labelFontSize": FONT_SIZE,
        "labelColor": INK,
        "labelPadding": 5,
        "domainColor": MUTED,
        "gridColor": GRID,
        "tickColor": MUTED,
        "ticks": False,
    },
    "axisQuantitative": {"domain": False, "tickCount": 5},
    "text": {"fontSize": FONT_SIZE, "fill": INK},
}
LEGEND: dict[str, Any] = {
    "labelFontSize": FONT_SIZE,
    "labelColor": INK,
    "labelLimit": 300,
    "title": None,
    "orient": "top",
    "symbolStrokeWidth": 2,
}
AXIS_FORMATS = {
    "percent0": ("", "%"),
    "percent1": ("", "%"),
    "gbp": ("£", ""),
    "gbp0": ("£", ""),
    "gbp2": ("£", ""),
}


@dataclass(frozen=True)
class Point:
    """One value to draw, or one that is missing and why (`status`)."""

    x: str
    value: float | None
    lower: float | None = None
    upper: float | None = None
    status: str = words.SHOWN
    provisional: bool = False
    series: str = ""


@dataclass(frozen=True)
class Plot:
    """Points in the order of the x axis, series by series, and the format of their values."""

    points: tuple[Point, ...]
    format: str

    @property
    def places(self) -> list[str]:
        """The places on the x axis, each once."""
        return list(dict.fromkeys(point.x for point in self.points))

    @property
    def series(self) -> list[str]:
        return list(dict.fromkeys(point.series for point in self.points))

    @property
    def shown(self) -> list[Point]:
        return [point for point in self.points if point.value is not None]

    @property
    def missing(self) -> list[Point]:
        return [point for point in self.points if point.value is None]

    def show(self, value: float) -> str:
        return words.FORMATS[self.format](value)


def altair_module() -> Any:
    """Altair, which takes a second to import: only where charts are made. Its classes are untyped
    in part, so it goes for untyped as a whole."""
    import altair
    from altair.utils.schemapi import disable_debug_mode

    # It would check each part of a chart against the schema as it is made, which takes as long as
    # all the rest: the tests check whole charts.
    disable_debug_mode()
    return altair


def _top(plot: Plot) -> float:
    highest = max((point.upper or point.value or 0 for point in plot.shown), default=0)
    return highest or 1


def value_axis(alt: Any, plot: Plot, **options: Any) -> Any:
    """The axis of the values, in the format of the plot."""
    before, after = AXIS_FORMATS.get(plot.format, ("", ""))
    if plot.format.startswith("pct"):
        return alt.Axis(format="~%", title=None, **options)
    return alt.Axis(
        format=",.2~f",
        labelExpr=f"'{before}' + datum.label + '{after}'",
        title=None,
        **options,
    )


def place_axis(alt: Any, plot: Plot, width: int) -> Any:
    """Labels under the x axis: as many as fit, and always the last, the one readers look for."""
    labels = [place.rsplit(" ", 1) for place in plot.places]
    widest = max((len(part) for label in labels for part in label), default=1) * LETTER + 8
    every = max(1, math.ceil(len(labels) * widest / (width - MARGIN)))
    values = list(range(len(labels)))[::-1][::every][::-1]
    return alt.Axis(
        values=values,
        labelExpr=f"{json.dumps(labels)}[datum.value]",
        labelAngle=0,
        labelOverlap=False,
        grid=False,
        title=None,
    )


class Layers:
    """The layers of a chart. Altair says what they look like; their rows and the common style join
    afterwards, since Altair copies and checks everything it holds many times over."""

    def __init__(self) -> None:
        self.layers: list[dict[str, Any]] = []
        self.rows: dict[str, list[dict[str, Any]]] = {}

    def chart(self, rows: list[dict[str, Any]]) -> Any:
        """An Altair chart of these rows, to be given marks and added."""
        alt = altair_module()

        name = f"rows{len(self.rows)}"
        self.rows[name] = rows
        return alt.Chart(alt.NamedData(name))

    def add(self, name: str, layer: Any) -> None:
        """Add a layer; its marks will be found under the name in the drawing."""
        parts = {
            # Checking against the schema takes ten times as long as all else: the tests do it. And
            # as a whole the layer would be copied and its data looked into, of which it has none.
            "data": {"name": layer.data.name},
            "mark": layer.mark.to_dict(validate=False),
            "encoding": layer.encoding.to_dict(validate=False, context={}),
        }
        self.layers.append({"name": name, **parts})

    def specification(self, width: int, height: int, margin: float = MARGIN) -> str:
        """The chart as a Vega-Lite specification about `width` pixels wide, of which about `margin`
        for what stands beside the plot; the plot is `height` pixels high.

        To fit a chart to a size exactly, Vega would measure all its letters twice, and measuring
        is most of drawing.
        """
        chart = {
            "$schema": altair_module().SCHEMA_URL,
            "layer": self.layers,
            "width": round(width - margin),
            "height": height,
            "autosize": "pad",
            "padding": {"left": 2, "right": 12, "top": 8, "bottom": 2},
            "datasets": self.rows,
            "config": STYLE | {"legend": LEGEND | {"columns": 1 if width < NARROW else 3}},
        }
        return json.dumps(chart, sort_keys=True)


def _runs(points: Sequence[Point], places: list[str]) -> list[list[dict[str, Any]]]:
    """The shown points of one series, cut wherever a place between them has none."""
    runs: list[list[dict[str, Any]]] = [[]]
    of_place = {point.x: point for point in points}
    for index, place in enumerate(places):
        point = of_place.get(place)
        if point is None or point.value is None:
            runs.append([])
            continue
        runs[-1].append(
            {
                "i": index,
                "y": point.value,
                "lo": point.lower,
                "hi": point.upper,
                "p": point.provisional,
                "s": point.series,
            }
        )
    return [run for run in runs if run]


def line_chart(plot: Plot, width: int) -> str:
    """A line with its interval as a band, broken where a value is missing; Vega-Lite as JSON."""
    alt = altair_module()

    places, kinds = plot.places, plot.series
    several = len(kinds) > 1
    step = (width - MARGIN) / max(len(places), 1)
    x = alt.X(
        "i:O",
        scale=alt.Scale(type="point", domain=list(range(len(places))), padding=0.5),
        axis=place_axis(alt, plot, width),
    )
    y_scale = alt.Scale(domain=[0, _top(plot) * 1.04], nice=True)
    y = alt.Y("y:Q", scale=y_scale, axis=value_axis(alt, plot))
    layers = Layers()

    missing = [
        # Where a stripe is too narrow for a bracketed sign, its letter does.
        {
            "i": places.index(p.x),
            "t": words.SIGNS.get(p.status, "").strip("[]" if step < 20 else ""),
        }
        for p in plot.missing
        if not several
    ]
    if missing:
        gaps = layers.chart(missing)
        layers.add(
            "absent",
            gaps.mark_rule(stroke=ABSENT, strokeWidth=round(step * 0.82, 1)).encode(
                x, alt.YValue(0), alt.Y2Value("height")
            ),
        )
        layers.add("signs", gaps.mark_text(fill=MUTED).encode(x, alt.YValue(9), alt.Text("t:N")))

    runs = [
        run
        for series in kinds
        for run in _runs([p for p in plot.points if p.series == series], places)
    ]
    rows = [{**row, "r": number} for number, run in enumerate(runs) for row in run]
    banded = [row for row in rows if row["lo"] is not None and row["hi"] is not None]
    if banded and not several:
        lone = {number for number, run in enumerate(runs) if len(run) == 1}
        limits = (x, alt.Y("lo:Q", scale=y_scale), alt.Y2("hi:Q"))
        band = layers.chart([row for row in banded if row["r"] not in lone])
        layers.add(
            "band", band.mark_area(fill=BLUE, fillOpacity=0.16).encode(*limits, alt.Detail("r:N"))
        )
        if lone:  # a band needs two points; a point by itself has a bar instead
            bars = layers.chart([row for row in banded if row["r"] in lone])
            bars = bars.mark_rule(stroke=BLUE, strokeOpacity=0.4, strokeWidth=5)
            layers.add("limits", bars.encode(*limits))

    colours = dict(zip(kinds, SERIES_COLOURS if several else (BLUE,), strict=False))
    for row in rows:
        row["f"] = "#fff" if row["p"] else colours.get(row["s"], INK)
    base = layers.chart(rows)
    line = base.mark_line(strokeWidth=2.5, stroke=BLUE).encode(x, y, alt.Detail("r:N"))
    point = base.mark_point(
        size=44 if step > 14 else 24, stroke=BLUE, strokeWidth=2, fillOpacity=1, opacity=1
    ).encode(x, y, alt.Fill("f:N", scale=None, legend=None))
    if several:
        legend = alt.Legend(symbolType="stroke", symbolSize=600, symbolStrokeWidth=2.5)
        scale = alt.Scale(domain=kinds, range=list(SERIES_COLOURS))
        colour = alt.Stroke("s:N", scale=scale, legend=legend)
        scale = alt.Scale(domain=kinds, range=list(SERIES_DASHES))
        line = line.encode(colour, alt.StrokeDash("s:N", scale=scale, legend=legend))
        point = point.encode(colour)
    layers.add("line", line)
    layers.add("points", point)
    return layers.specification(width, 190 if width < NARROW else 230)


def bar_chart(plot: Plot, width: int, sideways: bool) -> str:
    """Bars from zero; lying ones with their numbers, standing ones stacked by their series."""
    return _lying_bars(plot, width) if sideways else _standing_bars(plot, width)


def _lying_bars(plot: Plot, width: int) -> str:
    alt = altair_module()

    narrow = width < NARROW
    labels = [textwrap.wrap(place, LETTERS_BESIDE) or [""] for place in plot.places]
    lines = 1 if narrow else max((len(label) for label in labels), default=1)
    height = len(labels) * (46 if narrow else max(30, 16 * lines + 10))
    beside = 0 if narrow else max((len(part) for label in labels for part in label), default=1)
    scale = alt.Scale(
        type="band",
        domain=list(range(len(labels))),
        paddingInner=0.52 if narrow else 0.3,
        paddingOuter=0.3 if narrow else 0.15,
    )
    axis = alt.Axis(
        labelExpr=f"{json.dumps(labels)}[datum.value]",
        labelLimit=300,
        title=None,
        grid=False,
        domain=False,
    )
    y = alt.Y("i:O", scale=scale, axis=None if narrow else axis)
    number = max((len(plot.show(p.value)) for p in plot.shown if p.value is not None), default=3)
    room = 1 + (number + 2) * LETTER / (width - beside * LETTER - 20)
    x_scale = alt.Scale(domain=[0, _top(plot) * room], nice=False)
    x = alt.X("y:Q", scale=x_scale, axis=value_axis(alt, plot, tickMinStep=0.01))
    rows = [
        {
            "i": plot.places.index(point.x),
            "y": point.value,
            "lo": point.lower,
            "hi": point.upper,
            "end": point.upper if point.upper is not None else point.value,
            "t": plot.show(point.value)
            + (f" {words.PROVISIONAL_SIGN}" if point.provisional else ""),
        }
        for point in plot.shown
        if point.value is not None
    ]
    layers = Layers()
    base = layers.chart(rows)
    layers.add("bars", base.mark_bar(fill=BLUE, fillOpacity=0.75).encode(x, y))
    limited = layers.chart([row for row in rows if row["lo"] is not None])
    layers.add(
        "limits",
        limited.mark_rule(stroke=INK, strokeWidth=2).encode(
            y, alt.X("lo:Q", scale=x_scale), alt.X2("hi:Q")
        ),
    )
    layers.add(
        "numbers",
        base.mark_text(align="left", dx=6).encode(
            y, alt.X("end:Q", scale=x_scale), alt.Text("t:N")
        ),
    )
    if narrow:  # a name beside its bar would leave no room for the bar
        names = layers.chart([{"i": i, "t": place} for i, place in enumerate(plot.places)])
        layers.add(
            "names",
            names.mark_text(align="left", dy=-21, limit=width - 20).encode(
                y, alt.XValue(0), alt.Text("t:N")
            ),
        )
    missing = [
        {
            "i": plot.places.index(point.x),
            "t": f"{words.SIGNS.get(point.status, '')} {_status(point)}".strip(),
        }
        for point in plot.missing
    ]
    if missing:
        signs = layers.chart(missing).mark_text(align="left", dx=6, fill=MUTED)
        layers.add("signs", signs.encode(y, alt.XValue(0), alt.Text("t:N")))
    return layers.specification(width, height, margin=32 + beside * LETTER)


def _standing_bars(plot: Plot, width: int) -> str:
    alt = altair_module()

    places, kinds = plot.places, plot.series
    several = len(kinds) > 1
    rows = [
        {"i": places.index(p.x), "y": p.value, "s": p.series, "o": kinds.index(p.series)}
        for p in plot.shown
    ]
    totals: dict[str, float] = {}
    for point in plot.shown:
        totals[point.x] = totals.get(point.x, 0) + (point.value or 0)
    x = alt.X(
        "i:O",
        scale=alt.Scale(type="band", domain=list(range(len(places))), padding=0.2),
        axis=place_axis(alt, plot, width),
    )
    y = alt.Y(
        "y:Q",
        stack="zero" if several else None,
        scale=alt.Scale(domain=[0, (max(totals.values(), default=0) or 1) * 1.04], nice=True),
        axis=value_axis(alt, plot, tickMinStep=1 if plot.format == "num0" else 0.01),
    )
    layers = Layers()
    bars = layers.chart(rows)
    if several:
        scale = alt.Scale(domain=kinds, range=list(SERIES_COLOURS))
        legend = alt.Legend(symbolType="square", symbolStrokeWidth=0)
        # A white edge keeps neighbours apart where their colours are too near to tell.
        bars = bars.mark_bar(stroke="#fff", strokeWidth=1).encode(
            x, y, alt.Order("o:Q"), alt.Fill("s:N", scale=scale, sort=kinds, legend=legend)
        )
    else:
        bars = bars.mark_bar(fill=BLUE).encode(x, y)
    layers.add("bars", bars)
    missing = [
        {"i": places.index(point.x), "t": words.SIGNS.get(point.status, "").strip("[]")}
        for point in plot.missing
    ]
    if missing:
        signs = layers.chart(missing).mark_text(fill=MUTED, baseline="bottom", dy=-4)
        layers.add("signs", signs.encode(x, alt.YValue("height"), alt.Text("t:N")))
    return layers.specification(width, 150 if width < NARROW else 200)


def _status(point: Point) -> str:
    known = point.status in words.SIGNS
    return words.status_label(point.status).lower() if known else "no figure"


def said(plot: Plot, point: Point) -> str:
    """A point in words, in the format of the plot."""
    if point.value is None:
        return f"{point.x}: {_status(point)}"
    shown = f"{point.x}: {plot.show(point.value)}"
    return f"{shown} (provisional)" if point.provisional else shown


def describe_lines(plot: Plot) -> str:
    """What one sees in a line chart, for those who do not see it."""
    parts = []
    for series in plot.series:
        own = [point for point in plot.points if point.series == series]
        shown = [point for point in own if point.value is not None]
        name = f"{series}: " if series else ""
        if not shown:
            parts.append(f"{name}no value is shown")
            continue
        lowest = min(shown, key=lambda point: point.value or 0)
        highest = max(shown, key=lambda point: point.value or 0)
        parts.append(
            f"{name}{len(shown)} of {len(own)} points are shown. "
            f"The first is {said(plot, shown[0])}; the last is {said(plot, shown[-1])}; "
            f"the lowest is {said(plot, lowest)}; the highest is {said(plot, highest)}"
        )
        gaps = [said(plot, point) for point in own if point.value is None]
        if gaps:
            parts.append(f"Not shown, and marked with a grey stripe: {'; '.join(gaps)}")
    if len(plot.series) == 1 and any(point.lower is not None for point in plot.shown):
        parts.append("A band around the line shows the 95 per cent confidence interval")
    return "Line chart. " + ". ".join(parts) + "."


def describe_bars(plot: Plot) -> str:
    """What one sees in a bar chart, for those who do not see it."""
    if len(plot.series) == 1:
        return "Bar chart. " + "; ".join(said(plot, point) for point in plot.points) + "."
    parts = []
    for series in plot.series:
        own = [point for point in plot.shown if point.series == series]
        if own:
            lowest = min(own, key=lambda point: point.value or 0)
            highest = max(own, key=lambda point: point.value or 0)
            parts.append(
                f"{series}: lowest {said(plot, lowest)}, highest {said(plot, highest)}, "
                f"last {said(plot, own[-1])}"
            )
    return f"Stacked bar chart, {len(plot.places)} bars. " + "; ".join(parts) + "."
