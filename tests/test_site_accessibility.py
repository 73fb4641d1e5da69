"""Can everybody use the site? One page of each kind, in a real browser, as wide as a telephone and
as a desk's screen."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.published_sample import sample_site
from tests.test_site_browser import PAGES, address, browser

__all__ = ["address", "browser"]

RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
OPEN_ALL = "document.querySelectorAll('details').forEach(one => one.open = true)"
# WCAG 1.4.12: a reader may space text out so far, and must lose nothing.
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
word-spacing: 0.16em !important } p { margin-bottom: 2em !important }"""
# Where the Tab key has got to: marked as reached, and what is to be known of it.
STOP = """() => { const one = document.activeElement, style = getComputedStyle(one);
if (one === document.body || 'reached' in one.dataset) return null;
one.dataset.reached = '';
const box = one.getBoundingClientRect();
return { what: one.outerHTML.slice(0, 100), closed: one.matches('details:not([open]) > summary'),
ring: style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 2,
painted: style.boxShadow !== 'none', inSight: box.right > 0 && box.bottom > 0
&& box.top < innerHeight } }"""
NOT_REACHED = """[...document.querySelectorAll('a[href], summary, button, input, [tabindex="0"]')]
.filter(one => one.checkVisibility() && !('reached' in one.dataset))
.map(one => one.outerHTML.slice(0, 100))"""


def one_of_each() -> list[str]:
    """The address of the fullest page of each kind, and of those that are known to be odd."""
    fullest: dict[str, tuple[int, str]] = {}
    for path in sample_site().rglob("index.html"):
        folder = path.parent.relative_to(sample_site())
        page = "" if folder.name == "" else f"{folder.as_posix()}/"
        kind = page if page.count("/") < 2 else f"{folder.parent.as_posix()}/*"
        fullest[kind] = max(fullest.get(kind, (0, "")), (path.stat().st_size, page))
    return sorted({page for _, page in fullest.values()} | set(PAGES))


def opened(browser: Browser, width: int, forced: Literal["active", "none"] = "none") -> Page:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.emulate_media(forced_colors=forced)
    return page


@pytest.mark.parametrize(
    ("width", "forced"), [(320, "none"), (768, "none"), (1280, "none"), (1280, "active")]
)
def test_no_page_breaks_a_rule_of_wcag_2_2_that_a_machine_can_check(
    browser: Browser, address: str, width: int, forced: Literal["active", "none"]
) -> None:
    page, axe = opened(browser, width, forced), Axe()
    options = {"runOnly": RULES, "resultTypes": ["violations"]}
    for path in one_of_each():
        page.goto(address + path)
        page.evaluate(OPEN_ALL)
        results = axe.run(page, options=options)
        assert results.violations_count == 0, f"{path}\n{results.generate_report()}"
    page.close()


@pytest.mark.parametrize("spaced", [False, True])
def test_zoomed_to_400_per_cent_every_page_flows_in_one_column(
    browser: Browser, address: str, spaced: bool
) -> None:
    page = opened(browser, 320)
    paths = one_of_each() if spaced else sorted(sample_site().rglob("index.html"))
    for path in paths:
        where = path if isinstance(path, str) else path.relative_to(sample_site()).as_posix()
        page.goto(address + where)
        page.evaluate(OPEN_ALL)
        if spaced:
            page.add_style_tag(content=SPACED)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, where
        # What is cut off at its own edge must be a table, which scrolls.
        cut = page.evaluate(
            "[...document.querySelectorAll('main *')].filter(one => one.checkVisibility()"
            " && getComputedStyle(one).overflowX !== 'visible' && !one.closest('svg')"
            " && !one.matches('.scroll, .nhsuk-u-visually-hidden')"
            " && one.scrollWidth > one.clientWidth + 1).map(one => one.outerHTML.slice(0, 80))"
        )
        assert cut == [], where
    page.close()


@pytest.mark.parametrize(("width", "forced"), [(360, "none"), (1280, "none"), (1280, "active")])
def test_the_keyboard_alone_reaches_everything_and_always_shows_where_it_is(
    browser: Browser, address: str, width: int, forced: Literal["active", "none"]
) -> None:
    page = opened(browser, width, forced)
    for path in one_of_each():
        page.goto(address + path)
        page.keyboard.press("Tab")
        while stop := page.evaluate(STOP):
            seen = stop["ring"] or (forced == "none" and stop["painted"])
            assert seen and stop["inSight"], f"{path}: {stop['what']}"
            if stop["closed"]:
                page.keyboard.press("Enter")
            page.keyboard.press("Tab")
        assert page.evaluate(NOT_REACHED) == [], path
        assert page.locator("details:not([open])").count() == 0, path
    page.close()


def test_the_skip_link_is_first_and_leads_past_the_navigation(
    browser: Browser, address: str
) -> None:
    page = opened(browser, 1280)
    for path in one_of_each():
        page.goto(address + path)
        page.keyboard.press("Tab")
        skip = page.locator(":focus")
        assert skip.inner_text() == "Skip to main content"
        box = skip.bounding_box()
        assert box is not None
        assert box["x"] >= 0 and box["y"] >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('header, nav.nhsuk-breadcrumb')") is (
            None
        )
    page.close()


def test_landmarks_headings_and_language_are_told_to_a_screen_reader(
    browser: Browser, address: str
) -> None:
    page = opened(browser, 1280)
    for path in one_of_each():
        page.goto(address + path)
        for role in ("banner", "main", "contentinfo"):
            assert page.get_by_role(role).count() == 1, (path, role)  # type: ignore[arg-type]
        for name in ("Domains", "All pages"):
            assert page.get_by_role("navigation", name=name).count() == 1, path
        assert page.locator("html").get_attribute("lang") == "en-GB"
        assert page.get_by_role("heading", level=1).count() == 1
        ranks = page.evaluate(
            "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(one => +one.tagName[1])"
        )
        assert ranks[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(ranks)), path
    page.close()


def test_on_a_telephone_a_wide_table_moves_under_the_arrow_keys(
    browser: Browser, address: str
) -> None:
    page = opened(browser, 360)
    page.goto(address + "inequalities/")
    table = page.get_by_role("region", name="Inclusion health group: the widest gap")
    table.focus()
    assert table.evaluate("one => one.scrollWidth > one.clientWidth && one.scrollLeft === 0")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")
    page.close()
