"""The site in a real browser: quiet, whole on a telephone, and complete without scripts."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, sync_playwright

from tests.published_sample import sample_site

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# One of each kind; the site is served below a path, as a release may be.
PAGES = (
    "",
    "domains/physical_health/",
    "indicators/",
    "indicators/mdt_coverage/",
    "indicators/step_down_after_discharge/",
    "indicators/unit_cost/",
    "inequalities/",
    "targets/",
    "areas/",
    "areas/E06000061/",
    "areas/KEC/",
    "organisations/",
    "organisations/DE04/",
    "groups/",
    "groups/homeless/",
    "words/",
    "whats-new/",
    "accessibility/",
    "data-quality/",
    "method/",
    "downloads/",
    "glossary/",
)


class Quiet(SimpleHTTPRequestHandler):
    """Serves the site below /any/path/."""

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix("/any/path"))

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    handler = functools.partial(Quiet, directory=str(sample_site()))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/any/path/"
    server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM if Path(CHROMIUM).exists() else None, args=FLAGS
        )
        yield chromium
        chromium.close()


class Watched:
    """A page of the browser with everything it said and asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("response", self._answered)

    def _answered(self, answer: Response) -> None:
        if answer.status >= 400:
            self.said.append(f"{answer.status} {answer.url}")


def test_every_page_is_quiet_and_asks_no_other_host(browser: Browser, address: str) -> None:
    page = browser.new_page()
    watched = Watched(page)
    for path in sorted(sample_site().rglob("index.html")):
        answer = page.goto(address + path.parent.relative_to(sample_site()).as_posix() + "/")
        assert answer is not None
        assert answer.ok
    assert watched.said == []
    assert [url for url in watched.asked if not url.startswith(address)] == []
    page.close()


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_page_is_wider_than_the_screen(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 700})
    for path in PAGES:
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.close()


@pytest.mark.parametrize("width", [320, 360])
def test_a_sentence_in_a_table_is_neither_squeezed_nor_wider_than_its_table_shows(
    browser: Browser, address: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 700})
    seen = 0
    for path in PAGES:
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        for wide, shown in page.evaluate(
            "[...document.querySelectorAll('td.said')].map(one => "
            "[one.getBoundingClientRect().width, one.closest('.scroll').clientWidth])"
        ):
            seen += 1
            assert 0.75 * shown <= wide <= shown, path
    assert seen > 10
    page.close()


@pytest.mark.parametrize(("width", "shown"), [(360, "narrow"), (1280, "wide")])
def test_one_drawing_of_each_chart_shows_and_its_letters_can_be_read(
    browser: Browser, address: str, width: int, shown: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 700})
    page.goto(address + "indicators/mdt_coverage/")
    visible = page.locator("figure svg:visible")
    # Control chart, local authorities and places, funnel.
    assert visible.count() == 3
    for index in range(3):
        assert visible.nth(index).get_attribute("class") == shown
        height = (
            visible.nth(index)
            .locator("text")
            .first.evaluate("element => element.getBoundingClientRect().height")
        )
        assert height >= 11
    page.close()


def test_everything_is_there_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 700})
    page = context.new_page()
    watched = Watched(page)
    page.goto(address)
    page.get_by_role("link", name="Menu").click()
    page.get_by_role("navigation", name="All pages").get_by_role(
        "link", name="Joint working"
    ).click()
    page.get_by_role("main").get_by_role("link", name="Hand-overs accepted").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Hand-overs accepted"
    numbers = page.get_by_text("The numbers in a table").first
    table = page.locator("table").first
    assert not table.is_visible()
    numbers.click()
    assert table.is_visible()
    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Home").click()
    assert page.url == address
    assert watched.said == []
    context.close()


def test_the_keyboard_reaches_the_content_first_and_sees_where_it_is(
    browser: Browser, address: str
) -> None:
    page = browser.new_page()
    page.goto(address + "indicators/mdt_coverage/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    assert skip.evaluate("element => element.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.inner_text() == "How it stands"
    assert focused.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    page.close()


def test_on_paper_the_navigation_is_left_out(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address + "indicators/mdt_coverage/")
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation", name="Domains").is_visible()
    assert page.get_by_role("heading", level=1).is_visible()
    assert page.get_by_role("contentinfo").get_by_text("Release ").is_visible()
    page.close()
