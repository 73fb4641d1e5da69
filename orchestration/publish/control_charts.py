"""Control charts: a series of months around its average, with the limits of what chance would do.

A month that stands out has a shape of its own beside its colour: a diamond improves, a square
worries, a triangle points up or down where neither is better. A month without a figure is a grey
stripe with its sign at the foot, and never a point at zero. Where the series was counted anew an
upright line stands, and the average and limits start afresh. Trial limits are dotted. After NHS
England, "Making Data Count", and Provost and Murray, "The Health Care Data Guide" (2011).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from orchestration.publish import charts, tables, verdicts, words
from orchestration.publish.calls import CHART_TAKES, COLUMN, Call, Takes
from orchestration.publish.charts import (
    ABSENT,
    BLUE,
    INK,
    MARGIN,
    MUTED,
    NARROW,
    Layers,
    Plot,
    Point,
)
from orchestration.publish.figures import figure
from orchestration.publish.tables import Column

ORANGE, PURPLE = "#b35900", "#5b2d8e"
COMMON = "common_cause"
# Shape and colour of each variation, as `seeds/catalogue/variations.csv` names them.
MARKS = {
    COMMON: ("circle", MUTED),
    "improvement": ("diamond", BLUE),
    "concern": ("square", ORANGE),
    "special_high": ("triangle-up", PURPLE),
    "special_low": ("triangle-down", PURPLE),
}
# The shapes have one size by Vega's measure and not by the eye's.
SIZES = {COMMON: 40, "improvement": 110, "concern": 95, "special_high": 95, "special_low": 95}
TAKES = {
    **{name: kind for name, kind in CHART_TAKES.items() if name != "series"},
    "mean": COLUMN,
    "lower": COLUMN,
    "upper": COLUMN,
    "variation": COLUMN,
    "phase": COLUMN,
    "trial": Takes("column"),
    "break": Takes("column"),
    "verdict": Takes("data"),
}


@dataclass(frozen=True)
class Month:
    """A point of the series and what the rules say of it; `reason` is why a phase begins here."""

    point: Point
    mean: float | None
    lower: float | None
    upper: float | None
    variation: str
    phase: int
    trial: bool
    reason: str

    @property
    def stands_out(self) -> bool:
        return self.variation in MARKS and self.variation != COMMON


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _months(call: Call) -> tuple[Month, ...]:
    months = []
    for record in call.records:
        value = call.cell(record, "y")
        if value is not None and not tables.is_number(value):
            raise call.error(f"y={call.values['y']}: {value!r} is not a number")
        status = str(call.cell(record, "status") or ("" if value is None else words.SHOWN))
        provisional = bool(call.cell(record, "provisional"))
        point = Point(
            str(call.cell(record, "x")), _number(value), status=status, provisional=provisional
        )
        variation = str(call.cell(record, "variation") or "")
        if variation and variation not in MARKS:
            raise call.error(f"{variation!r} is not one of {', '.join(MARKS)}")
        months.append(
            Month(
                point,
                _number(call.cell(record, "mean")),
                _number(call.cell(record, "lower")),
                _number(call.cell(record, "upper")),
                variation,
                int(call.cell(record, "phase") or 1),
                bool(call.cell(record, "trial")),
                str(call.cell(record, "break") or ""),
            )
        )
    if len({month.point.x for month in months}) < len(months):
        raise call.error("two rows have the same place on the x axis")
    return tuple(months)


def _breaks(months: tuple[Month, ...]) -> list[int]:
    """The places at which a phase begins, the first left out."""
    return [
        index
        for index, month in enumerate(months)
        if index and month.phase != months[index - 1].phase
    ]


def _scale(months: tuple[Month, ...]) -> tuple[float, float]:
    """The lowest and the highest that is drawn. A control chart is about differences, so it need
    not start at zero; it does where that costs little."""
    drawn = [
        value
        for month in months
        for value in (month.point.value, month.lower, month.upper)
        if value is not None
    ]
    low, high = min(drawn, default=0.0), max(drawn, default=1.0)
    spare = (high - low or abs(high) or 1.0) * 0.08
    return (0.0 if 0 <= low < 0.4 * high else low - spare), high + spare


def control_chart(months: tuple[Month, ...], form: str, width: int) -> str:
    """The chart as a Vega-Lite specification about `width` pixels wide."""
    alt = charts.altair_module()

    plot = Plot(tuple(month.point for month in months), form)
    step = (width - MARGIN) / max(len(months), 1)
    x_scale = alt.Scale(type="point", domain=list(range(len(months))), padding=0.5)
    x = alt.X("i:O", scale=x_scale, axis=charts.place_axis(alt, plot, width))
    y_scale = alt.Scale(domain=list(_scale(months)), nice=True, zero=False)
    y = alt.Y("y:Q", scale=y_scale, axis=charts.value_axis(alt, plot))
    layers = Layers()

    missing = [
        {
            "i": index,
            "t": words.SIGNS.get(month.point.status, "").strip("[]" if step < 20 else ""),
        }
        for index, month in enumerate(months)
        if month.point.value is None
    ]
    if missing:
        gaps = layers.chart(missing)
        layers.add(
            "absent",
            gaps.mark_rule(stroke=ABSENT, strokeWidth=round(step * 0.82, 1)).encode(
                x, alt.YValue(0), alt.Y2Value("height")
            ),
        )
        signs = gaps.mark_text(fill=MUTED, baseline="bottom", dy=-3)
        layers.add("signs", signs.encode(x, alt.YValue("height"), alt.Text("t:N")))

    starts = [{"i": place, "t": f"{number}"} for number, place in enumerate(_breaks(months), 1)]
    if starts:
        # Between the last month of the one phase and the first of the next.
        rules = layers.chart(starts)
        rule = rules.mark_rule(stroke=INK, strokeWidth=1.5, xOffset=-step / 2, x2Offset=-step / 2)
        layers.add("breaks", rule.encode(x, alt.YValue(0), alt.Y2Value("height")))
        named = rules.mark_text(fontWeight="bold", align="left", dx=4 - step / 2, dy=6)
        layers.add("numbers", named.encode(x, alt.YValue(0), alt.Text("t:N")))

    for name, trial, dash in (("limits", False, [7, 4]), ("trial_limits", True, [2, 3])):
        rows = [
            {"i": index, "y": value, "r": f"{month.phase}{side}"}
            for index, month in enumerate(months)
            for side, value in (("lower", month.lower), ("upper", month.upper))
            if value is not None and month.trial == trial
        ]
        if rows:
            line = layers.chart(rows).mark_line(stroke=MUTED, strokeWidth=1.5, strokeDash=dash)
            layers.add(name, line.encode(x, y, alt.Detail("r:N")))
    rows = [
        {"i": index, "y": month.mean, "r": month.phase}
        for index, month in enumerate(months)
        if month.mean is not None
    ]
    if rows:
        line = layers.chart(rows).mark_line(stroke=INK, strokeWidth=1.5)
        layers.add("mean", line.encode(x, y, alt.Detail("r:N")))

    runs: list[dict[str, Any]] = []
    at = list(enumerate(months))
    for number, (_, run) in enumerate(
        groupby(at, lambda each: (each[1].point.value is None, each[1].phase))
    ):
        runs += [
            {"i": index, "y": month.point.value, "r": number}
            for index, month in run
            if month.point.value is not None
        ]
    line = layers.chart(runs).mark_line(stroke=MUTED, strokeWidth=1.5, strokeOpacity=0.7)
    layers.add("line", line.encode(x, y, alt.Detail("r:N")))
    for variation, (shape, colour) in MARKS.items():
        rows = [
            {"i": index, "y": month.point.value, "f": "#fff" if month.point.provisional else colour}
            for index, month in enumerate(months)
            if month.point.value is not None and (month.variation or COMMON) == variation
        ]
        if rows:
            size = SIZES[variation] * (1 if step > 14 else 0.6)
            marks = layers.chart(rows).mark_point(
                shape=shape, size=size, stroke=colour, strokeWidth=1.5, fillOpacity=1, opacity=1
            )
            layers.add(variation, marks.encode(x, y, alt.Fill("f:N", scale=None, legend=None)))
    return layers.specification(width, 200 if width < NARROW else 250)


def describe(months: tuple[Month, ...], form: str, verdict: str) -> str:
    """What one sees in a control chart, for those who do not see it."""
    show = words.FORMATS[form]
    shown = [month for month in months if month.point.value is not None]
    said = [f"{len(shown)} of {len(months)} points are shown"]
    limited = [month for month in shown if month.mean is not None and month.upper is not None]
    if limited:
        last = limited[-1]
        kind = "trial limits" if last.trial else "limits"
        lower = "" if last.lower is None else f"{show(last.lower)} to "
        said.append(
            f"The latest average is {show(last.mean)}, its {kind} {lower}{show(last.upper)}"
        )
    if shown:
        said.append(f"The last is {shown[-1].point.x}: {show(shown[-1].point.value)}")
    for variation in MARKS:
        found = [month for month in shown if month.variation == variation != COMMON]
        if found:
            each = "; ".join(f"{month.point.x}: {show(month.point.value)}" for month in found)
            said.append(f"{verdicts.label('variations', variation)}: {each}")
    hidden = [m for m in months if m.point.value is None]
    if hidden:
        each = "; ".join(charts.said(Plot((), form), month.point) for month in hidden)
        said.append(f"Not shown, and marked with a grey stripe: {each}")
    opening = f"Control chart. {verdict} " if verdict else "Control chart. "
    return opening + ". ".join(said) + "."


def component(call: Call) -> str:
    """`<ControlChart>`: the chart with its words, its notes and its numbers."""
    months, form = _months(call), call.values.get("fmt", "num1")
    shown = [month for month in months if month.point.value is not None]
    drawn = {n: control_chart(months, form, width) for n, width in charts.WIDTHS.items()}
    notes = []
    if any(month.mean is not None for month in months):
        notes.append("The level line is the average.")
    if any(month.upper is not None and not month.trial for month in months):
        notes.append("Dashed lines are the limits: chance alone seldom takes a month beyond them.")
    if any(month.upper is not None and month.trial for month in months):
        notes.append("Dotted lines are trial limits: they rest on few months, and can still move.")
    for variation in MARKS:
        if variation != COMMON and any(month.variation == variation for month in shown):
            word = verdicts.words_of("variations")[variation]
            notes.append(f"{word.sign}\N{NO-BREAK SPACE}{word.label.lower()}.")
    for number, place in enumerate(_breaks(months), 1):
        month = months[place]
        reason = f": {month.reason.rstrip('.')}" if month.reason else ""
        notes.append(f"At line {number}, counting starts anew with {month.point.x}{reason}.")
    if any(month.point.provisional for month in shown):
        notes.append("A hollow point is provisional.")
    told = call.values["verdict"].records() if "verdict" in call.values else []
    described = describe(months, form, " ".join(row["sentence"] for row in told))
    return figure(
        call,
        drawn if shown else {},
        described,
        notes,
        call.columns or _columns(call, form),
        (month.point.status for month in months if month.point.value is None),
    )


def _columns(call: Call, form: str) -> tuple[Column, ...]:
    values = call.values
    status = values.get("status")
    return (
        Column(values["x"], values.get("xAxisTitle", tables.heading(values["x"]))),
        Column(
            values["y"],
            values.get("yAxisTitle", tables.heading(values["y"])),
            form,
            status=status,
            provisional=values.get("provisional"),
            in_words=True,
        ),
        Column(values["mean"], "Average", form),
        Column(values["lower"], "Limits", form, to=values["upper"]),
        Column(values["variation"], "What it shows", verdict="variations"),
    )
