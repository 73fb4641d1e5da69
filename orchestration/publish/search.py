"""The search of the site: what the index says of each page, and the same pages as a list to read.

The index is made from the pages as they are rendered, so it knows what a reader would find there.
It is small: titles, headings, the terms that a page explains, and a few words by which people ask
for an indicator. `site/theme/search.js` looks in it; without scripts the list is all there is, and
it holds every page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from orchestration.publish.contents import Page
from orchestration.publish.markup import text
from orchestration.publish.plain_tags import plain_tags

SEARCH_PAGE = "search.md"
# Where the list of all pages comes to stand.
MARK = "<div data-pages></div>"
INDEX_FILE = "search/pages.json"
HEADINGS = {"h2", "h3"}
TERM = "dt"
SILENT = plain_tags(but=(*HEADINGS, TERM))
LINE_LENGTH = 160
SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Heading:
    """A heading of a page and the id by which a link leads to it."""

    words: str
    id: str


@dataclass(frozen=True)
class Entry:
    """A page as the search knows it; `address` is below the site's root, empty for the home page.

    `line` says in one line what the page is, `terms` are what it explains, and `keywords` words
    that lead to it without standing in its headings.
    """

    title: str
    address: str
    line: str
    headings: tuple[Heading, ...] = ()
    terms: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


@dataclass
class _Rendered(HTMLParser):
    """The headings and terms of a rendered page."""

    headings: list[Heading] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._inside: tuple[str, str] | None = None
        self._said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in HEADINGS or tag == TERM:
            self._inside, self._said = (tag, dict(attrs).get("id") or ""), []

    def handle_data(self, data: str) -> None:
        if self._inside:
            self._said.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._inside is None or tag != self._inside[0]:
            return
        said = _line("".join(self._said))
        if tag == TERM:
            self.terms.append(said)
        elif self._inside[1]:
            self.headings.append(Heading(said, self._inside[1]))
        self._inside = None


def _line(said: str) -> str:
    return SPACES.sub(" ", said).strip()


def _short(said: str) -> str:
    said = _line(said)
    if len(said) <= LINE_LENGTH:
        return said
    return said[:LINE_LENGTH].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def entry(page: Page, title: str, address: str, line: str, html: str) -> Entry:
    """What the search knows of a page; `html` is the page's content as rendered."""
    rendered = _Rendered()
    rendered.feed(SILENT.sub("", html))
    keywords: tuple[str, ...] = ()
    indicator = page.indicator
    headings = tuple(rendered.headings)
    terms = tuple(rendered.terms)
    if indicator is not None:
        # The headings of all indicators are alike: a search for "where" would find every one.
        headings = ()
        keywords = (
            indicator.indicator_id,
            indicator.domain_label,
            indicator.unit,
            indicator.numerator_words,
            indicator.denominator_words,
        )
    return Entry(
        title,
        address,
        _short(line),
        headings,
        tuple(dict.fromkeys(terms)),
        tuple(dict.fromkeys(_line(word) for word in keywords if word)),
    )


def index(entries: Iterable[Entry]) -> str:
    """The index as JSON: a list of pages, with `title`, `address`, `line`, and, where there are
    any, `headings` (each words and id), `terms` and `keywords`."""
    told = []
    for one in entries:
        page: dict[str, object] = {"title": one.title, "address": one.address, "line": one.line}
        if one.headings:
            page["headings"] = [[heading.words, heading.id] for heading in one.headings]
        if one.terms:
            page["terms"] = list(one.terms)
        if one.keywords:
            page["keywords"] = list(one.keywords)
        told.append(page)
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def listed(entries: Sequence[Entry]) -> str:
    """Every page from A to Z as HTML, for the search page, which lies one folder below the root."""
    by_letter: dict[str, list[Entry]] = {}
    for one in sorted(entries, key=lambda one: (one.title.casefold(), one.address)):
        letter = one.title[:1].upper()
        by_letter.setdefault(letter if letter.isalpha() else "0–9", []).append(one)
    parts = []
    for letter, own in by_letter.items():
        items = "".join(
            f'<li><a href="../{text(one.address)}">{text(one.title)}</a>'
            f'<span class="note">{text(one.line)}</span></li>'
            for one in own
        )
        parts.append(f'<h3>{text(letter)}</h3><ul class="found">{items}</ul>')
    return f"<div data-pages>{''.join(parts)}</div>"
