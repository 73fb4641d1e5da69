"""The page that shows every component to those who write pages."""

from __future__ import annotations

import re

import pytest

from orchestration.publish.area_charts import area_chart, describe_areas
from orchestration.publish.charts import Plot, Point
from orchestration.publish.components import COMPONENTS
from orchestration.publish.errors import PublishError
from orchestration.publish.markup import environment, fill_in, read_page
from orchestration.publish.site import SITE
from tests.published_sample import sample_site

PAGE = SITE / "pages" / "components.md"
EVIDENCE = {
    "BigValue": {"data", "value", "title", "fmt"},
    "Value": {"data", "column", "fmt"},
    **{
        chart: {"data", "x", "y", "series", "title", "fmt"}
        for chart in ("LineChart", "BarChart", "AreaChart")
    },
    "FunnelChart": {"data", "x", "y", "title", "fmt"},
    "ControlChart": {"data", "x", "y", "title", "fmt"},
    "DataTable": {"data", "title"},
    "Alert": {"status"},
    "Details": {"title"},
}


def examples() -> dict[str, str]:
    """The example of each section of the page."""
    written = PAGE.read_text(encoding="utf-8")
    sections = re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", written, re.M | re.S)
    found = {}
    for name, section in sections:
        example = re.search(r"^````example\n(.*?)^````$", section, re.M | re.S)
        if example:
            found[name] = example[1]
    return found


def test_every_component_has_an_example_that_uses_it() -> None:
    shown = examples()
    assert set(shown) == set(COMPONENTS)
    for name, example in shown.items():
        assert f"<{name}" in example, name


def test_each_example_is_shown_as_written_and_then_happens() -> None:
    page = (sample_site() / "components" / "index.html").read_text(encoding="utf-8")
    assert "&lt;AreaChart data={area_example}" in page
    assert page.count("<figure") == 5
    assert "<p>Everybody counts <strong>once</strong>" in page


def test_the_page_is_found_by_no_reader_and_no_search_engine() -> None:
    page = (sample_site() / "components" / "index.html").read_text(encoding="utf-8")
    assert '<meta name="robots" content="noindex">' in page
    for path in sample_site().rglob("*.html"):
        if path.parent.name != "components":
            assert "components/" not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("name", sorted(EVIDENCE))
def test_components_take_the_attributes_that_evidence_has(name: str) -> None:
    assert EVIDENCE[name] <= set(COMPONENTS[name].takes)


def test_a_mistake_in_an_example_is_told_with_its_line() -> None:
    lines = fill_in(environment(), "# A\n\n````example\n<Alert>\nNo end\n````\n", {}, "pages/a.md")
    with pytest.raises(PublishError, match=r"pages/a\.md, line 4: <Alert> is never closed"):
        read_page(lines, "pages/a.md")


def test_areas_break_where_one_of_them_is_missing_and_never_fall_to_zero() -> None:
    points = [Point(x, 2.0, series="a") for x in ("Jan", "Feb", "Mar", "Apr")]
    points += [Point("Jan", 1.0, series="b"), Point("Feb", None, status="suppressed", series="b")]
    points += [Point(x, 1.0, series="b") for x in ("Mar", "Apr")]
    drawn = area_chart(Plot(tuple(points), "num0"), 680)
    assert '"t": "[c]"' in drawn
    assert '{"hi": 3.0, "i": 0, "lo": 2.0, "r": 0, "s": "b"}' in drawn
    assert '"i": 1, "lo"' not in drawn
    said = describe_areas(Plot(tuple(points), "num0"))
    assert "Not shown, and marked with a grey stripe: Feb" in said
    assert "Together they are 3 at Jan and 3 at Apr" in said


def test_an_area_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="below zero"):
        area_chart(Plot((Point("Jan", -1.0),), "num0"), 680)
