"""Is the built site whole? Every internal link leads somewhere, and no page needs another host."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from orchestration.publish.plain_tags import plain_tags

# An element that fetches what it names, other than a link that a reader follows.
FETCHES = {"img", "script", "link", "source", "iframe", "audio", "video", "embed", "object", "use"}
# Attributes that point to something.
POINTING = ("href", "src", "data", "srcset", "xlink:href")
SILENT = plain_tags(naming=("id", *POINTING))


@dataclass
class _Page(HTMLParser):
    """The ids of a page and what it points to, with the line of each."""

    ids: dict[str, int] = field(default_factory=dict)
    links: list[tuple[str, str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value is not None:
                self.ids[value] = self.ids.get(value, 0) + 1
            elif name in POINTING and value is not None:
                self.links.append((tag, value, self.getpos()[0]))


def broken_links(site: Path) -> list[str]:
    """What is broken in the site of this folder, one sentence each, pages in their order."""
    pages: dict[str, _Page] = {}
    for path in sorted(site.rglob("*.html")):
        page = _Page()
        page.feed(SILENT.sub("", path.read_text(encoding="utf-8")))
        pages[path.relative_to(site).as_posix()] = page
    found = []
    for name, page in pages.items():
        found += [f"{name}: the id {i} stands {n} times" for i, n in page.ids.items() if n > 1]
        for tag, link, line in page.links:
            wrong = _wrong(site, pages, name, tag, link)
            if wrong:
                found.append(f"{name}, line {line}: {link} {wrong}")
    return found


def _wrong(site: Path, pages: dict[str, _Page], name: str, tag: str, link: str) -> str:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return "is fetched from another host" if tag in FETCHES else ""
    if parts.path.startswith("/"):
        return "would not work under a path of its own"
    target = unquote(urlsplit(urljoin(f"http://site/{name}", link)).path).lstrip("/")
    if target == "" or target.endswith("/"):
        target += "index.html"
    if not (site / target).is_file():
        return "leads nowhere"
    if parts.fragment and (target not in pages or unquote(parts.fragment) not in pages[target].ids):
        return "leads to a place that is not there"
    return ""
