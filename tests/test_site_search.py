"""The search: what its index holds, what it finds in a real browser, and what there is without."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

import html5lib
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.published_sample import sample_site
from tests.test_site_browser import Watched, address, browser

__all__ = ["address", "browser"]


def index() -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(
        (sample_site() / "search" / "pages.json").read_text(encoding="utf-8")
    )
    return told


def listed() -> list[str]:
    """The addresses of the list of all pages, below the site's root."""
    page = (sample_site() / "search" / "index.html").read_text(encoding="utf-8")
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    (place,) = (e for e in tree.iter("div") if e.get("data-pages") is not None)
    return [(a.get("href") or "").removeprefix("../") for a in place.iter("a")]


def every_page() -> set[str]:
    """The addresses of all pages, save the search itself and what is for those who write pages."""
    site = sample_site()
    found = {path.parent.relative_to(site).as_posix() for path in site.rglob("index.html")}
    return {"" if page == "." else f"{page}/" for page in found - {"search", "components"}}


def test_the_index_and_the_list_hold_every_page_once() -> None:
    assert sorted(page["address"] for page in index()) == sorted(every_page())
    assert sorted(listed()) == sorted(every_page())
    assert all(page["title"] and page["line"] for page in index())


def test_every_heading_in_the_index_is_a_place_on_its_page() -> None:
    for page in index():
        written = (sample_site() / page["address"] / "index.html").read_text(encoding="utf-8")
        for _, place in page.get("headings", []):
            assert re.search(rf'id="{re.escape(place)}"', written), (page["address"], place)


def test_the_index_is_small() -> None:
    packed = gzip.compress((sample_site() / "search" / "pages.json").read_bytes())
    assert len(packed) < 20_000


def test_the_list_is_in_the_order_of_the_letters() -> None:
    by_address = {page["address"]: page["title"] for page in index()}
    titles = [by_address[one].casefold() for one in listed()]
    assert titles == sorted(titles)


@pytest.fixture
def page(browser: Browser) -> Any:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    yield page
    page.close()


def first_found(page: Page) -> Any:
    return page.locator("#found > li > a").first


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("multi-disciplinary", "People managed by a multi-disciplinary team"),
        ("smoking", "Smoking reduced"),
        ("HOUSING permanent", "People supported into permanent housing"),
        ("what is a funnel", "Method"),
        ("tier", "Words used"),
        ("mdt_coverage", "People managed by a multi-disciplinary team"),
        ("cost", "Cost per attended contact"),
    ],
)
def test_a_question_finds_its_page(page: Page, address: str, asked: str, found: str) -> None:
    page.goto(f"{address}search/")
    page.get_by_role("searchbox").fill(asked)
    expect(page.locator("#found")).to_be_visible()
    words = " | ".join(page.locator("#found > li > a").all_inner_texts()[:4])
    assert found in words


def test_the_address_keeps_the_question_and_a_result_leads_to_its_page(
    page: Page, address: str
) -> None:
    watched = Watched(page)
    page.goto(f"{address}search/?q=cost")
    expect(page.get_by_role("searchbox")).to_have_value("cost")
    expect(page.get_by_role("status").first).to_contain_text("found for “cost”")
    page.get_by_role("searchbox").fill("unit of cost")
    expect(page).to_have_url(re.compile(r"\?q=unit\+of\+cost$"))
    first_found(page).click()
    assert page.get_by_role("heading", level=1).inner_text()
    assert watched.said == []
    assert [url for url in watched.asked if not url.startswith(address)] == []


def test_what_is_not_there_is_said_and_markup_is_only_text(page: Page, address: str) -> None:
    page.goto(f"{address}search/?q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E")
    said = page.get_by_role("status").first
    expect(said).to_contain_text("No page found for “<img src=x onerror=alert(1)>”")
    assert page.locator("main img").count() == 0


def test_without_an_index_the_list_is_searched(page: Page, address: str) -> None:
    page.route("**/pages.json", lambda route: route.abort())
    page.goto(f"{address}search/?q=smoking")
    expect(first_found(page)).to_have_text("Smoking reduced")


def test_without_scripts_every_page_can_be_found_in_the_list(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.get_by_role("link", name="Search").first.click()
    assert not page.get_by_role("searchbox").is_visible()
    page.get_by_role("main").get_by_role("link", name="Smoking reduced").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Smoking reduced"
    context.close()
