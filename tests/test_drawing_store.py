"""Charts are drawn once: a build draws only those whose data changed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from orchestration.private import OTHERS
from orchestration.publish import drawing_store
from orchestration.publish.charts import Plot, Point, line_chart
from orchestration.publish.drawing import Drawing
from orchestration.publish.drawing_store import Charts


def chart(last: float) -> str:
    points = tuple(Point(month, value) for month, value in (("Jan", 3.0), ("Feb", last)))
    return line_chart(Plot(points, "num1"), 340)


def drawn(specifications: list[str], store: Path | None = None) -> tuple[list[Drawing], int]:
    """The drawing of each, in their order, and how many had to be drawn."""
    with Charts(store) as charts:
        charts.want({str(number): one for number, one in enumerate(specifications)})
        drawings, drawn_anew = charts.drawings()
    return list(drawings.values()), drawn_anew


@pytest.fixture()
def store(tmp_path: Path) -> Path:
    return tmp_path / "build" / "drawings.json"


def test_what_was_drawn_before_is_not_drawn_again_and_looks_the_same(store: Path) -> None:
    specifications = [chart(1), chart(2), chart(1)]
    first, drawn_first = drawn(specifications, store)
    again, drawn_again = drawn(specifications, store)
    assert (drawn_first, drawn_again) == (2, 0)
    assert first == again == drawn(specifications)[0]


def test_after_one_changed_value_one_chart_is_drawn(store: Path) -> None:
    drawn([chart(1), chart(2)], store)
    drawings, drawn_anew = drawn([chart(1), chart(5)], store)
    assert drawn_anew == 1
    assert drawings == drawn([chart(1), chart(5)])[0]


def test_drawings_that_the_gate_may_yet_refuse_are_nobodys_but_the_operators(store: Path) -> None:
    drawn([chart(1)], store)
    assert not store.stat().st_mode & OTHERS


def test_what_no_page_asks_for_any_more_is_not_kept(store: Path) -> None:
    drawn([chart(1), chart(2)], store)
    drawn([chart(2)], store)
    assert len(json.loads(store.read_text())) == 1


def test_another_way_of_drawing_draws_anew(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn([chart(1)], store)
    monkeypatch.setattr(drawing_store, "_drawn_by", lambda: "another version")
    assert drawn([chart(1)], store)[1] == 1


@pytest.mark.parametrize(
    "damaged", ["", "{", "[]", '{"a": 1}', '{"a": [1, 2]}', '{"a": ["x", 2, ""]}']
)
def test_a_store_that_cannot_be_read_is_as_good_as_none(store: Path, damaged: str) -> None:
    store.parent.mkdir()
    store.write_text(damaged, encoding="utf-8")
    assert drawn([chart(1)], store)[1] == 1
    assert drawn([chart(1)], store)[1] == 0


def test_a_chart_that_cannot_be_drawn_is_told_and_those_of_the_last_build_are_kept(
    store: Path,
) -> None:
    drawn([chart(1)], store)
    before = store.read_bytes()
    with pytest.raises(subprocess.CalledProcessError):
        drawn([chart(2), '{"mark": "nothing"}', chart(3)], store)
    assert store.read_bytes() == before


def test_who_gives_up_does_not_wait_for_what_is_being_drawn() -> None:
    with pytest.raises(KeyError), Charts() as charts:
        charts.want({str(number): chart(number) for number in range(200)})
        process = charts._drawer._process
        raise KeyError
    assert process is not None and process.returncode is not None and process.returncode < 0
