"""What is drawn, and what never is."""

from __future__ import annotations

import json
import os
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import altair as alt
import pytest

from orchestration.publish import charts, words
from orchestration.publish.area_charts import area_chart
from orchestration.publish.charts import Plot, Point
from orchestration.publish.drawing import Drawer, Drawing, draw

MONTHS = [f"{date(2025, month, 1):%b %Y}" for month in range(1, 9)]


def point(place: str, value: float | None, status: str = "shown", **more: Any) -> Point:
    around = {"lower": value - 2, "upper": value + 2} if value is not None else {}
    return Point(place, value, status=status, **around, **more)


TREND = Plot(
    (
        point(MONTHS[0], 11.0),
        point(MONTHS[1], 12.5),
        point(MONTHS[2], None, "suppressed"),
        point(MONTHS[3], 10.0),
        point(MONTHS[4], None, "not_submitted"),
        point(MONTHS[5], 9.0),
        point(MONTHS[6], 13.0),
        point(MONTHS[7], 14.25, provisional=True),
    ),
    "percent1",
)
PLACES = Plot(
    (
        point("Somewhere", 11.0),
        point("East Northants and Wellingborough", None, "low_base"),
        point("Elsewhere", 9.5, provisional=True),
    ),
    "percent1",
)
STACK = Plot(
    tuple(Point(m, float(n), series=s) for s in ("Came", "Missing") for n, m in enumerate(MONTHS)),
    "num0",
)
SERIES = Plot(
    tuple(Point(p.x, p.value, status=p.status, series=s) for s in "AB" for p in TREND.points),
    "num1",
)
KINDS = {
    f"{name}-{size}": specification
    for size, width in charts.WIDTHS.items()
    for name, specification in {
        "line": charts.line_chart(TREND, width),
        "series": charts.line_chart(SERIES, width),
        "lying": charts.bar_chart(PLACES, width, sideways=True),
        "stack": charts.bar_chart(STACK, width, sideways=False),
        "area": area_chart(TREND, width),
        "areas": area_chart(STACK, width),
        "standing": charts.bar_chart(TREND, width, sideways=False),
    }.items()
}


@cache
def drawings() -> dict[str, Drawing]:
    return dict(zip(KINDS, draw(list(KINDS.values())), strict=True))


def marks(kind: str, name: str) -> list[ElementTree.Element]:
    """The marks of the layers of that name in a drawing."""
    root = ElementTree.fromstring(f"<svg>{drawings()[kind].body}</svg>")
    return [mark for group in root.iter("g") if group.get("class") == name for mark in group]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_chart_is_a_right_specification_and_draws(kind: str) -> None:
    chart = json.loads(KINDS[kind])
    alt.LayerChart.from_dict(chart, validate=True)
    drawing = drawings()[kind]
    assert abs(drawing.width - charts.WIDTHS[kind.partition("-")[2]]) < 30
    assert len(drawing.body) < 12_000
    assert "font-family" not in drawing.body
    assert " id=" not in drawing.body


@pytest.mark.parametrize("size", charts.WIDTHS)
def test_a_missing_point_is_never_drawn_as_a_value(size: str) -> None:
    assert len(marks(f"line-{size}", "points")) == len(TREND.shown)
    for rows in json.loads(KINDS[f"line-{size}"])["datasets"].values():
        missing = {MONTHS.index(one.x) for one in TREND.missing}
        assert not [row for row in rows if "y" in row and row["i"] in missing]
        assert not [row for row in rows if row.get("y") == 0]


def test_the_line_breaks_at_a_missing_point_and_a_stripe_with_its_sign_stands_there() -> None:
    # January and February; April by itself, which a line cannot show; June to August.
    assert len(marks("line-wide", "line")) == 3
    assert len(marks("line-wide", "absent")) == 2
    assert [mark.text for mark in marks("line-wide", "signs")] == ["[c]", "[x]"]


def test_a_point_by_itself_keeps_its_interval() -> None:
    assert len(marks("line-wide", "band")) == 2
    assert len(marks("line-wide", "limits")) == 1


def test_a_provisional_point_is_hollow() -> None:
    filled = [mark.get("fill") for mark in marks("line-wide", "points")]
    assert filled == [charts.BLUE] * 5 + ["#fff"]


def test_a_missing_bar_has_its_reason_in_its_place() -> None:
    assert len(marks("lying-narrow", "bars")) == 2
    assert [m.text for m in marks("lying-narrow", "signs")] == ["[u] too few to calculate"]
    assert [m.text for m in marks("lying-wide", "numbers")] == ["11.0%", "9.5% [p]"]


def test_a_value_of_zero_is_drawn_and_is_not_taken_for_missing() -> None:
    plot = Plot((point("a", 2.0), Point("b", 0.0, 0.0, 1.0), point("c", 3.0)), "num1")
    rows = json.loads(charts.line_chart(plot, 680))["datasets"]
    assert any(row.get("y") == 0 for named in rows.values() for row in named)


def test_a_chart_in_words_says_what_one_sees() -> None:
    said = charts.describe_lines(TREND)
    assert "6 of 8 points are shown" in said
    assert "the last is Aug 2025: 14.3% (provisional)" in said
    assert "the lowest is Jun 2025: 9.0%" in said
    assert "Mar 2025: too small to show; May 2025: not submitted" in said
    assert "Elsewhere: 9.5% (provisional)" in charts.describe_bars(PLACES)
    assert "Wellingborough: too few to calculate" in charts.describe_bars(PLACES)
    assert "Missing: lowest Jan 2025: 0, highest Aug 2025: 7" in charts.describe_bars(STACK)


def test_every_sign_can_stand_in_a_chart() -> None:
    plot = Plot((*(point(s, None, s) for s in words.SIGNS), point("x", 1.0)), "num0")
    rows = json.loads(charts.line_chart(plot, 680))["datasets"]
    assert [row["t"] for named in rows.values() for row in named if "t" in row] == list(
        words.SIGNS.values()
    )


def test_a_process_of_its_own_draws_the_same_in_the_same_order() -> None:
    with Drawer() as drawer:
        made = [drawer.draw(specification) for specification in [*KINDS.values()] * 3]
        assert [drawing.result() for drawing in made] == [*drawings().values()] * 3


def test_a_chart_is_drawn_without_the_fonts_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []

    def convert(*_: Any, **__: Any) -> str:
        told.append(Path(os.environ["FONTCONFIG_FILE"]).read_text(encoding="utf-8"))
        return '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'

    monkeypatch.setattr("vl_convert.vegalite_to_svg", convert)
    monkeypatch.setenv("FONTCONFIG_FILE", "the machine's")
    draw(["{}"])
    folders = ElementTree.fromstring(told[0]).findall("dir")
    assert folders and not any(Path(str(one.text)).exists() for one in folders)
    assert os.environ["FONTCONFIG_FILE"] == "the machine's"
