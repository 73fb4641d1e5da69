"""Funnel charts: organisations by size and figure, and what chance would do to one of their size.

One outside the funnel is a triangle that points to where it lies, filled where it lies outside the
99.8 per cent limits too. Names stand in the table and in the text and not in the picture, where
they would cover each other. After Spiegelhalter, "Funnel plots for comparing institutional
performance", Statistics in Medicine 24 (2005), 1185-1202.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from orchestration.publish import charts, tables, verdicts, words
from orchestration.publish.calls import COLUMN, DATA, Call, Takes
from orchestration.publish.charts import BLUE, INK, MUTED, NARROW, Layers, Plot
from orchestration.publish.drawing import FONT_SIZE
from orchestration.publish.figures import figure
from orchestration.publish.markup import text
from orchestration.publish.tables import Column

WITHIN = "within"
NOBODY = "No organisation has a figure that can be shown and compared by its size."
# Shape and fill of each position, as `seeds/catalogue/funnel_positions.csv` names them.
MARKS = {
    WITHIN: ("circle", MUTED),
    "above_998": ("triangle-up", BLUE),
    "above_95": ("triangle-up", "#fff"),
    "below_95": ("triangle-down", "#fff"),
    "below_998": ("triangle-down", BLUE),
}
CURVES = ("lower_limit", "upper_limit", "lower_limit_998", "upper_limit_998")
LIMITS = ("denominator", "benchmark_value", *CURVES)
TAKES = {
    "data": DATA,
    "limits": DATA,
    "x": COLUMN,
    "y": COLUMN,
    "name": COLUMN,
    "position": COLUMN,
    "title": Takes("text", required=True),
    "subtitle": Takes("text"),
    "xAxisTitle": Takes("text", required=True),
    "yAxisTitle": Takes("text"),
    "fmt": Takes("format"),
}


@dataclass(frozen=True)
class Place:
    """An organisation in the funnel."""

    name: str
    size: float
    value: float
    position: str


def _places(call: Call) -> list[Place]:
    places = []
    for record in call.records:
        size, value = call.cell(record, "x"), call.cell(record, "y")
        for attribute, found in (("x", size), ("y", value)):
            if not tables.is_number(found):
                raise call.error(f"{attribute}={call.values[attribute]}: {found!r} is no number")
        position = str(call.cell(record, "position"))
        if position not in MARKS:
            raise call.error(f"{position!r} is not one of {', '.join(MARKS)}")
        places.append(Place(str(call.cell(record, "name")), float(size), float(value), position))
    return places


def funnel_chart(
    places: list[Place], limits: list[dict[str, Any]], form: str, across: str, width: int
) -> str:
    """The chart as a Vega-Lite specification; `limits` are rows with the columns of `LIMITS`."""
    alt = charts.altair_module()

    plot = Plot((), form)
    heights = [float(row[name]) for row in limits for name in CURVES if row[name] is not None]
    top = max([place.value for place in places] + heights, default=1.0)
    low = min([place.value for place in places] + heights, default=0.0)
    widest = max([place.size for place in places] + [float(r["denominator"]) for r in limits])
    # A funnel that starts far above zero would be a flat line at the top of a chart from zero.
    bottom = 0.0 if low < 0.5 * top else low - (top - low) * 0.08
    x_scale = alt.Scale(domain=[0, widest * 1.03], nice=True)
    axis = alt.Axis(
        title=across,
        titleFontWeight="normal",
        titleFontSize=FONT_SIZE,
        titleColor=INK,
        grid=False,
        tickCount=5,
        format=",~f",
    )
    y_scale = alt.Scale(domain=[bottom, top * 1.03], nice=True, zero=False)
    x = alt.X("x:Q", scale=x_scale, axis=axis)
    y = alt.Y("y:Q", scale=y_scale, axis=charts.value_axis(alt, plot))
    layers = Layers()
    for name, curves, dash in (
        ("limits", CURVES[:2], [3, 3]),
        ("limits_998", CURVES[2:], [8, 4]),
        ("benchmark", ("benchmark_value",), [1, 0]),
    ):
        rows = [
            {"x": float(row["denominator"]), "y": float(row[curve]), "r": curve}
            for curve in curves
            for row in limits
            if row[curve] is not None
        ]
        if rows:
            colour = INK if name == "benchmark" else MUTED
            line = layers.chart(rows).mark_line(stroke=colour, strokeWidth=1.5, strokeDash=dash)
            layers.add(name, line.encode(x, y, alt.Detail("r:N")))
    for position, (shape, fill) in MARKS.items():
        rows = [{"x": p.size, "y": p.value} for p in places if p.position == position]
        if rows:
            outside = position != WITHIN
            marks = layers.chart(rows).mark_point(
                shape=shape,
                size=110 if outside else 50,
                fill=fill,
                stroke=BLUE if outside else MUTED,
                strokeWidth=2,
                fillOpacity=1 if outside else 0.7,
                opacity=1,
            )
            layers.add(position, marks.encode(x, y))
    return layers.specification(width, 220 if width < NARROW else 280)


def describe(places: list[Place], form: str, benchmark: float) -> str:
    """What one sees in a funnel chart, for those who do not see it."""
    show = words.FORMATS[form]
    within = sum(place.position == WITHIN for place in places)
    said = [
        f"{within} of {len(places)} organisations lie within the funnel",
        f"The level line is the system as a whole: {show(benchmark)}",
    ]
    for position in MARKS:
        found = [place for place in places if place.position == position != WITHIN]
        if found:
            each = "; ".join(f"{place.name}: {show(place.value)}" for place in found)
            said.append(f"{verdicts.label('funnel_positions', position)}: {each}")
    return "Funnel chart. " + ". ".join(said) + "."


def mark_in_words(position: str) -> str:
    """The mark of an organisation outside the funnel, as one would describe it to somebody."""
    shape, fill = MARKS[position]
    look = "filled" if fill == BLUE else "hollow"
    return f"A {look} triangle that points {shape.removeprefix('triangle-')}"


def component(call: Call) -> str:
    """`<FunnelChart>`: the chart with its words, its notes and its numbers."""
    places, limits = _places(call), call.values["limits"].records()
    form = call.values.get("fmt", "num1")
    lacking = [name for name in LIMITS if name not in call.values["limits"].columns]
    if lacking:
        raise call.error(f"the query of limits has no column {', '.join(lacking)}")
    if not places or not limits:
        return f"<p>{text(NOBODY)}</p>"
    across = call.values["xAxisTitle"]
    drawn = {n: funnel_chart(places, limits, form, across, w) for n, w in charts.WIDTHS.items()}
    notes = [
        "Each point is an organisation; those whose figure cannot be shown are not in the chart.",
        "The level line is the system as a whole. If nothing but chance set organisations apart, "
        "95 of 100 would lie within the dotted lines, and 998 of 1,000 within the dashed ones.",
    ]
    for position in MARKS:
        if position != WITHIN and any(place.position == position for place in places):
            notes.append(
                f"{mark_in_words(position)}: "
                f"{verdicts.label('funnel_positions', position).lower()}."
            )
    described = describe(places, form, float(limits[0]["benchmark_value"]))
    return figure(call, drawn, described, notes, call.columns or _columns(call, form))


def _columns(call: Call, form: str) -> tuple[Column, ...]:
    values = call.values
    return (
        Column(values["name"], "Organisation"),
        Column(values["x"], values["xAxisTitle"], "num0"),
        Column(values["y"], values.get("yAxisTitle", tables.heading(values["y"])), form),
        Column(values["position"], "In the funnel", verdict="funnel_positions"),
    )
