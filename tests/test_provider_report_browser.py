"""A provider's report opened from its folder, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.test_provider_report import Reports, Sent, failure, reports
from tests.test_site_accessibility import OPEN_ALL, RULES
from tests.test_site_browser import CHROMIUM, FLAGS
from tests.test_site_theme import front_end_classes, used_classes

__all__ = ["reports"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM if Path(CHROMIUM).exists() else None, args=FLAGS
        )
        yield chromium
        chromium.close()


@pytest.fixture
def pages(reports: Reports) -> list[Path]:
    """The pages of a report of one return with everything in it that makes a page wide."""
    long = "x" * 300
    groups = [
        failure(table, row, column, f"{table}.{column}.type", value=long)
        for table, column in (("contacts", "contact_date"), ("people", "gender"))
        for row in range(2, 20)
    ]
    column = ("contacts", None, long, "return.column.known", "warning", long, f"{long} ignored.")
    explained = failure("episodes", 4, "person_id", "episodes.person_id.reference")
    tables = {"contacts": (420, 18), "people": (100, 18), "episodes": (100, 1)}
    cells = [
        ("throughput", "month", date(2025, 5, 1), "provider", "AB01",
         "all", "all", 1, 3, 100 / 3, 6.1, 79.2, False),
    ]  # fmt: skip
    sent = Sent(name=f"{long}.xlsx"[:250], tables=tables, failures=[*groups, column, explained])
    folder = reports(sent, missing=[("AB01", "2025-06"), ("CD02", "2025-06")], cells=cells)
    return sorted(folder.rglob("*.html"))


def opened(browser: Browser, path: Path, width: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("width", [320, 360, 1200])
def test_no_page_is_wider_than_the_window_and_no_text_is_small(
    browser: Browser, pages: list[Path], width: int
) -> None:
    assert len(pages) == 5
    for path in pages:
        page = opened(browser, path, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        sizes = page.evaluate(
            "[...document.querySelectorAll('main *')].filter(e => e.textContent.trim())"
            ".map(e => parseFloat(getComputedStyle(e).fontSize))"
        )
        assert min(sizes) >= 14 and sorted(sizes)[len(sizes) // 10] >= 16
        page.close()


def test_a_page_works_from_its_folder_and_asks_for_nothing_else(
    browser: Browser, pages: list[Path]
) -> None:
    for path in pages:
        page = browser.new_page()
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("console", lambda message, said=said: said.append(message.text))
        page.goto(path.as_uri())
        assert {url.partition(":")[0] for url in asked} <= {"file", "data"}
        assert said == []
        blue = page.evaluate("getComputedStyle(document.querySelector('header')).backgroundColor")
        assert blue == "rgb(0, 94, 184)"
        assert page.locator("h1").count() == 1
        assert page.evaluate("document.documentElement.lang") == "en-GB"
        unnamed = page.locator("table:not(:has(caption)), th:not([scope])").count()
        assert unnamed == 0
        page.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_breaks_a_rule_of_wcag_2_2_that_a_machine_can_check(
    browser: Browser, pages: list[Path], width: int
) -> None:
    for path in pages:
        page = opened(browser, path, width)
        page.evaluate(OPEN_ALL)
        results = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        assert results.violations_count == 0, f"{path}\n{results.generate_report()}"
        page.close()


def test_every_page_is_right_html_in_the_look_of_the_site(pages: list[Path]) -> None:
    for path in pages:
        written = path.read_text(encoding="utf-8")
        html5lib.HTMLParser(strict=True).parse(written)
        assert front_end_classes(written) <= used_classes(), path
    style = (pages[0].parent / "report.css").read_text(encoding="utf-8")
    assert "MIT License" in style


def test_what_is_folded_on_the_screen_is_printed(browser: Browser, pages: list[Path]) -> None:
    index = next(path for path in pages if path.parent.name == "AB01")
    page = opened(browser, index, 1200)
    folded = page.locator("details:not([open]) code", has_text="episodes.person_id.reference")
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.bounding_box() is not None
    assert len(page.pdf(format="A4")) > 10_000
    page.close()


def test_the_keyboard_reaches_the_first_failure(browser: Browser, pages: list[Path]) -> None:
    index = next(path for path in pages if path.parent.name == "AB01")
    page = opened(browser, index, 360)
    page.get_by_role("link", name="Show me where").focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("#failure-1")
    outline = page.evaluate(
        "getComputedStyle(document.querySelector('a:focus-visible') ?? document.body).outlineStyle"
    )
    assert outline in ("solid", "none")
    assert page.locator("#failure-1").is_visible()
    page.close()
