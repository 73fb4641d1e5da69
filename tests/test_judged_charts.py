"""Control and funnel charts: what is drawn, what never is, and that each says it in words too."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from xml.etree import ElementTree

import altair as alt
import pytest

from orchestration.publish import charts, control_charts, funnel_charts, verdicts
from orchestration.publish.charts import Point
from orchestration.publish.control_charts import Month
from orchestration.publish.drawing import Drawing, draw
from orchestration.publish.funnel_charts import Place


def month(name: str, value: float | None, **more: Any) -> Month:
    point = Point(
        name,
        value,
        status=more.pop("status", "shown"),
        provisional=more.pop("provisional", False),
    )
    usual: dict[str, Any] = {
        "mean": 30.0, "lower": 20.0, "upper": 40.0, "phase": 1, "trial": False, "reason": "",
        "variation": "" if value is None else "common_cause",
    }  # fmt: skip
    return Month(point, **{**usual, **more})


# Seven months; counted anew from the fifth, with trial limits.
NEW: dict[str, Any] = {"phase": 2, "trial": True, "mean": 35.0, "lower": 25.0, "upper": 45.0}
SERIES = (
    month("Jan 2025", 31.0),
    month("Feb 2025", 44.0, variation="improvement"),
    month("Mar 2025", None, status="suppressed"),
    month("Apr 2025", 18.0, variation="concern"),
    month("May 2025", 36.0, **NEW, reason="A new form."),
    month("Jun 2025", None, status="not_submitted", **NEW),
    month("Jul 2025", 48.0, variation="special_high", provisional=True, **NEW),
)
PLACES = [
    Place("Abington", 50, 30.0, "within"),
    Place("Brook Lane", 120, 45.0, "above_998"),
    Place("Castle", 200, 21.0, "below_95"),
]
LIMITS = [
    {"denominator": n, "benchmark_value": 30.0, "lower_limit": 30 - w, "upper_limit": 30 + w,
     "lower_limit_998": 30 - 1.5 * w, "upper_limit_998": 30 + 1.5 * w}
    for n, w in ((50, 12.0), (100, 9.0), (200, 6.0))
]  # fmt: skip
KINDS = {
    f"{name}-{size}": specification
    for size, width in charts.WIDTHS.items()
    for name, specification in {
        "control": control_charts.control_chart(SERIES, "percent1", width),
        "funnel": funnel_charts.funnel_chart(PLACES, LIMITS, "percent1", "People", width),
    }.items()
}


@cache
def drawings() -> dict[str, Drawing]:
    return dict(zip(KINDS, draw(list(KINDS.values())), strict=True))


def marks(kind: str, name: str) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(f"<svg>{drawings()[kind].body}</svg>")
    return [mark for group in root.iter("g") if group.get("class") == name for mark in group]


@pytest.mark.parametrize("kind", KINDS)
def test_each_chart_is_a_right_specification_and_draws_small(kind: str) -> None:
    alt.LayerChart.from_dict(json.loads(KINDS[kind]), validate=True)
    drawing = drawings()[kind]
    assert abs(drawing.width - charts.WIDTHS[kind.partition("-")[2]]) < 30
    assert len(drawing.body) < 8_000


@pytest.mark.parametrize("size", charts.WIDTHS)
def test_a_hidden_month_is_a_sign_at_the_foot_and_never_a_point(size: str) -> None:
    points = [mark for kind in control_charts.MARKS for mark in marks(f"control-{size}", kind)]
    assert len(points) == 5
    for rows in json.loads(KINDS[f"control-{size}"])["datasets"].values():
        # Of a hidden month there is the stripe, and what is level across it.
        assert not [row for row in rows if row.get("y") == 0]
    stripes = marks(f"control-{size}", "absent")
    signs = marks(f"control-{size}", "signs")
    assert (len(stripes), len(signs)) == (2, 2)
    assert {mark.text.strip("[]") for mark in signs if mark.text} == {"c", "x"}
    layer = next(
        each for each in json.loads(KINDS[f"control-{size}"])["layer"] if each["name"] == "signs"
    )
    assert layer["encoding"]["y"] == {"value": "height"}


def test_what_stands_out_has_a_shape_of_its_own_and_not_a_colour_alone() -> None:
    shapes = [shape for shape, _ in control_charts.MARKS.values()]
    assert len(set(shapes)) == len(shapes)
    drawn = {marks("control-wide", kind)[0].get("d") for kind in ("improvement", "concern")}
    assert len(drawn) == 2
    outside = [
        (shape, fill)
        for position, (shape, fill) in funnel_charts.MARKS.items()
        if position != "within"
    ]
    assert len(set(outside)) == len(outside)


def test_counting_anew_has_an_upright_line_and_limits_that_start_afresh() -> None:
    assert len(marks("control-wide", "breaks")) == 1
    assert len(marks("control-wide", "mean")) == 2
    assert len(marks("control-wide", "limits")) == 2
    assert len(marks("control-wide", "trial_limits")) == 2
    # The line of the months breaks there, and where one is hidden: Jan-Feb, Apr, May, Jul.
    assert len(marks("control-wide", "line")) == 4
    assert marks("control-wide", "limits")[0].get("stroke-dasharray") != marks(
        "control-wide", "trial_limits"
    )[0].get("stroke-dasharray")


def test_a_provisional_month_is_hollow() -> None:
    assert marks("control-wide", "special_high")[0].get("fill") == "#fff"
    assert marks("control-wide", "concern")[0].get("fill") == control_charts.ORANGE


def test_a_control_chart_in_words_says_the_verdict_and_what_one_sees() -> None:
    said = control_charts.describe(SERIES, "percent1", "The figure rose.")
    assert said == (
        "Control chart. The figure rose. 5 of 7 points are shown. The latest average is 35.0%, its "
        "trial limits 25.0% to 45.0%. The last is Jul 2025: 48.0%. Improvement: Feb 2025: 44.0%. "
        "Concern: Apr 2025: 18.0%. Higher than chance: Jul 2025: 48.0%. Not shown, and marked with "
        "a grey stripe: Mar 2025: too small to show; Jun 2025: not submitted."
    )


def test_a_funnel_in_words_names_those_outside_it() -> None:
    assert funnel_charts.describe(PLACES, "percent1", 30.0) == (
        "Funnel chart. 1 of 3 organisations lie within the funnel. The level line is the system as "
        "a whole: 30.0%. Far above the funnel: Brook Lane: 45.0%. Below the funnel: Castle: 21.0%."
    )


def test_the_marks_of_a_funnel_are_described_in_words() -> None:
    assert funnel_charts.mark_in_words("above_998") == "A filled triangle that points up"
    assert funnel_charts.mark_in_words("below_95") == "A hollow triangle that points down"


def test_a_funnel_draws_each_place_once_with_five_curves() -> None:
    points = [mark for kind in funnel_charts.MARKS for mark in marks("funnel-wide", kind)]
    assert len(points) == 3
    curves = [len(marks("funnel-wide", name)) for name in ("limits", "limits_998", "benchmark")]
    assert curves == [2, 2, 1]


def test_a_chart_of_hidden_months_alone_can_be_made() -> None:
    hidden = tuple(
        month(name, None, status="suppressed", mean=None, lower=None, upper=None) for name in "ab"
    )
    json.loads(control_charts.control_chart(hidden, "num0", 340))
    assert "0 of 2 points are shown" in control_charts.describe(hidden, "num0", "")


@pytest.mark.parametrize("kind", verdicts.SIGNS)
def test_every_word_that_is_judged_has_its_sign_and_every_sign_its_word(kind: str) -> None:
    assert list(verdicts.SIGNS[kind]) == list(verdicts.words_of(kind))
    for code, (sign, tone) in verdicts.SIGNS[kind].items():
        assert not tone or sign, "colour never speaks alone"
        assert verdicts.label(kind, code) in verdicts.html(kind, code)
