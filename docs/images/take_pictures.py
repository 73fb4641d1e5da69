"""Pictures of each kind of page of the demonstration, as a telephone and a desk show it.

`make pictures` takes them of `build/public` into `docs/images/pages`, and lists them in
`docs/pictures.md`.
"""

from __future__ import annotations

import functools
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

DOCS = Path(__file__).resolve().parents[1]
SITE = DOCS.parent / "build" / "public"
WIDTHS = {"telephone": (360, 740), "desk": (1200, 900)}
PAGES = {
    "home": ("Home", ""),
    "domain": ("A domain", "domains/physical_health/"),
    "indicator": ("An indicator", "indicators/mdt_coverage/"),
    "place": ("A place", "areas/NOR/"),
    "organisation": ("An organisation", "organisations/BR02/"),
    "group": ("An inclusion health group", "groups/homeless/"),
    "inequalities": ("Inequalities", "inequalities/"),
    "targets": ("Targets", "targets/"),
    "data-quality": ("Data quality", "data-quality/"),
    "words": ("Words and stories", "words/"),
    "whats-new": ("What's new", "whats-new/"),
    "method": ("Method", "method/"),
    "glossary": ("Glossary", "glossary/"),
    "downloads": ("Downloads", "downloads/"),
    "accessibility": ("Accessibility statement", "accessibility/"),
    "search": ("Search", "search/?q=housing"),
}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]  # fmt: skip


class Quiet(SimpleHTTPRequestHandler):
    """Serves without telling of each request."""

    def log_message(self, format: str, *args: object) -> None:
        pass


def take(folder: Path) -> None:
    """Takes every picture into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for kind, (width, height) in WIDTHS.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            for name, (_, place) in PAGES.items():
                page.goto(f"http://127.0.0.1:{server.server_port}/{place}")
                if name == "search":
                    page.locator("#found > li").first.wait_for()
                page.screenshot(path=folder / f"{name}-{kind}.jpg", type="jpeg", quality=55)
        browser.close()
    server.shutdown()


def listed() -> str:
    """The page of `docs` that shows them."""
    lines = [
        "# Each kind of page, as a telephone and a desk show it",
        "",
        "The top of each, of the demonstration. `make pictures` takes them anew.",
    ]
    for name, (title, _) in PAGES.items():
        lines += ["", f"## {title}", ""]
        lines += [f"![{title}, {kind}](images/pages/{name}-{kind}.jpg)" for kind in WIDTHS]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    take(DOCS / "images" / "pages")
    (DOCS / "pictures.md").write_text(listed(), encoding="utf-8")
