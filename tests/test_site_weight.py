"""What a page costs a reader with an old telephone and little data."""

from __future__ import annotations

import functools
import gzip
import statistics
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.published_sample import sample_site
from tests.test_site_accessibility import one_of_each
from tests.test_site_browser import Quiet, browser

__all__ = ["browser"]

KB = 1000
PAGE_MOST, HOME_MOST = 100 * KB, 120 * KB
# "Slow 4G" as the browser's own tools have it: 1.6 Mbit/s less a tenth, and 562.5 ms an answer.
SLOW_4G = {
    "offline": False,
    "downloadThroughput": 1_440_000 / 8,
    "uploadThroughput": 675_000 / 8,
    "latency": 562.5,
}
WATCH_SHIFTS = """window.shifted = 0; new PerformanceObserver(list => {
for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({ type: 'layout-shift', buffered: true })"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')"


class Compressing(Quiet):
    """Serves every text compressed, as a web server does."""

    protocol_version = "HTTP/1.1"

    def send_head(self) -> BytesIO | None:  # type: ignore[override]
        path = Path(self.translate_path(self.path.split("?")[0]))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return None
        body = gzip.compress(path.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return BytesIO(body)


@pytest.fixture(scope="module")
def compressed() -> Iterator[str]:
    handler = functools.partial(Compressing, directory=str(sample_site()))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/any/path/"
    server.shutdown()


def first_visit(browser: Browser, width: int = 360) -> Page:
    """A page of a browser that has been nowhere yet and has nothing kept."""
    return browser.new_context(viewport={"width": width, "height": 740}).new_page()


def test_no_page_weighs_more_than_it_may_with_everything_it_needs(
    browser: Browser, compressed: str
) -> None:
    weights: dict[str, float] = {}
    for path in one_of_each():
        page = first_visit(browser)
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        sizes: list[float] = []
        network.on(
            "Network.loadingFinished",
            lambda event, sizes=sizes: sizes.append(event["encodedDataLength"]),
        )
        page.goto(compressed + path)
        # The page and the two files of its style.
        assert len(sizes) >= 3, path
        weights[path] = sum(sizes)
        page.context.close()
    most = {path: PAGE_MOST if path else HOME_MOST for path in weights}
    assert {path: weight for path, weight in weights.items() if weight > most[path]} == {}


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves_while_a_page_comes(browser: Browser, compressed: str, width: int) -> None:
    for path in one_of_each():
        page = first_visit(browser, width)
        page.add_init_script(WATCH_SHIFTS)
        network = page.context.new_cdp_session(page)
        # Slow enough that a page is painted before all of it is there.
        network.send("Network.emulateNetworkConditions", {**SLOW_4G, "latency": 20})
        page.goto(compressed + path)
        page.wait_for_function(f"{PAINTED}.length > 0")
        page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        assert page.evaluate("window.shifted") == 0, path
        page.context.close()


@pytest.mark.parametrize("path", ["", "indicators/mdt_coverage/"])
def test_on_slow_4g_and_a_slow_telephone_something_shows_within_two_seconds(
    browser: Browser, compressed: str, path: str
) -> None:
    took = []
    for _ in range(3):
        page = first_visit(browser)
        devtools = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.send("Network.emulateNetworkConditions", SLOW_4G)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        page.goto(compressed + path)
        page.wait_for_function(f"{PAINTED}.length > 0")
        took.append(page.evaluate(f"{PAINTED}[0].startTime"))
        page.context.close()
    assert statistics.median(took) < 2000, took
