"""The small enhancements in a real browser: a table sorted and filtered, a link copied."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.test_site_browser import Watched, address, browser

__all__ = ["address", "browser"]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    watched = Watched(page)
    yield page
    assert watched.said == []
    page.close()


def column(table: Locator, number: int) -> list[str]:
    found: list[str] = table.evaluate(
        "(table, number) => [...table.tBodies[0].rows].filter(row => !row.hidden)"
        ".map(row => row.cells[number].textContent.trim())",
        number,
    )
    return found


def spoken(page: Page) -> Locator:
    return page.locator("body > [role=status]")


def test_a_click_on_a_heading_sorts_by_numbers_and_another_turns_the_order(
    page: Page, address: str
) -> None:
    page.goto(f"{address}data-quality/")
    table = page.locator("table[data-rows=by_provider]")
    before = column(table, 3)
    assert before != sorted(before, key=int)
    button = table.get_by_role("button", name="In effect", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    assert column(table, 3) == sorted(before, key=int)
    expect(spoken(page)).to_have_text("Sorted by In effect, ascending.")
    head = table.get_by_role("columnheader", name="In effect", exact=True)
    assert head.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Enter")
    assert column(table, 3) == sorted(before, key=int, reverse=True)
    assert head.get_attribute("aria-sort") == "descending"
    table.get_by_role("button", name="Organisation").click()
    assert head.get_attribute("aria-sort") == "none"
    assert column(table, 0) == sorted(column(table, 0))


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def test_months_sort_by_time(page: Page, address: str) -> None:
    page.goto(f"{address}indicators/mdt_coverage/")
    open_all(page)
    table = page.locator("table[data-rows=months]")
    months = column(table, 0)
    table.get_by_role("button", name="Figure").click()
    assert column(table, 0) != months
    table.get_by_role("button", name="Month").click()
    assert column(table, 0) == months


def test_what_is_hidden_comes_last_either_way(page: Page, address: str) -> None:
    page.goto(f"{address}indicators/crisis_rate/")
    open_all(page)
    table = page.locator("table[data-rows=organisations]")
    hidden = [figure for figure in column(table, 1) if figure.startswith("[")]
    assert hidden
    for _ in range(2):
        table.get_by_role("button", name="Figure").click()
        figures = column(table, 1)
        assert all(figure.startswith("[") for figure in figures[-len(hidden) :])
        assert not any(figure.startswith("[") for figure in figures[: -len(hidden)])


def test_a_filter_hides_the_other_rows_and_the_address_keeps_it(page: Page, address: str) -> None:
    page.goto(f"{address}data-quality/")
    page.get_by_text("Each month in numbers").click()
    table = page.locator("table[data-rows=by_month]")
    box = page.locator("#filter-by_month")
    box.fill("2025 dec")
    assert column(table, 0) == ["Dec 2025"]
    expect(spoken(page)).to_have_text("1 of 24 rows are shown.")
    expect(page).to_have_url(re.compile(r"\?by_month=2025\+dec$"))
    page.reload()
    # It lies behind a summary, which opens so that the reader of a link sees what was meant.
    expect(table).to_be_visible()
    expect(box).to_have_value("2025 dec")
    assert column(table, 0) == ["Dec 2025"]
    box.fill("")
    assert len(column(table, 0)) == 24
    assert "?" not in page.url


def test_a_short_table_has_no_filter(page: Page, address: str) -> None:
    page.goto(f"{address}data-quality/")
    assert page.locator("#filter-by_provider").count() == 0
    assert page.locator("#filter-by_month").count() == 1


def test_a_link_to_a_heading_is_copied(browser: Browser, address: str) -> None:
    context = browser.new_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}method/")
    page.get_by_role("button", name="Copy link to “Funnels”").click()
    expect(spoken(page)).to_have_text("The link is copied.")
    assert page.evaluate("navigator.clipboard.readText()") == f"{address}method/#funnels"
    context.close()


def test_where_copying_is_not_allowed_the_link_is_in_the_address_bar(
    page: Page, address: str
) -> None:
    page.add_init_script(
        "navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))"
    )
    page.goto(f"{address}method/")
    page.get_by_role("button", name="Copy link to “Funnels”").click()
    expect(spoken(page)).to_have_text("The link is in the address bar.")
    assert page.url == f"{address}method/#funnels"


def test_headings_keep_their_names(page: Page, address: str) -> None:
    page.goto(f"{address}method/")
    assert page.get_by_role("heading", name="Funnels", exact=True).count() == 1


def test_without_scripts_no_room_is_left_for_what_only_scripts_do(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}data-quality/")
    page.get_by_text("Each month in numbers").click()
    assert page.locator("main button").count() == 0
    assert page.locator(".filter:visible").count() == 0
    context.close()
