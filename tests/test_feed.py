"""The Atom feed of releases, held to what RFC 4287 says a feed must have."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from orchestration.publish.errors import PublishError
from orchestration.publish.feed import ATOM, ReleaseNote, feed, site_url
from tests.published_sample import HISTORY, sample_site

NEW = ReleaseNote("b2", date(2026, 4, 8), datetime(2026, 4, 8, 2, 14, tzinfo=UTC))
OLD = ReleaseNote(
    "a1", date(2026, 3, 9), datetime(2026, 3, 9, 4, 0, tzinfo=timezone(timedelta(hours=1)))
)


def one(parent: Element, name: str) -> Element:
    """The only child of that name; Atom allows no second and needs the first."""
    (found,) = parent.findall(f"{{{ATOM}}}{name}")
    return found


def text(parent: Element, name: str) -> str:
    return one(parent, name).text or ""


def links(parent: Element) -> dict[str, str]:
    return {link.get("rel", ""): link.get("href", "") for link in parent.findall(f"{{{ATOM}}}link")}


def test_the_feed_has_what_atom_asks_for_and_the_newest_release_first() -> None:
    top = ElementTree.fromstring(feed("Outcomes <of> & all", "QPM", [OLD, NEW]).encode())
    assert top.tag == f"{{{ATOM}}}feed"
    assert text(top, "id") == "tag:inclusion-outcomes.invalid,2026:QPM/releases"
    assert text(top, "title") == "Outcomes <of> & all: releases"
    assert text(top, "updated") == "2026-04-08T02:14:00Z"
    assert text(one(top, "author"), "name")
    entries = top.findall(f"{{{ATOM}}}entry")
    assert [text(entry, "id").rpartition("/")[2] for entry in entries] == ["b2", "a1"]
    assert text(entries[1], "updated") == "2026-03-09T03:00:00Z"
    for entry in entries:
        assert text(entry, "title")
        assert text(entry, "summary")
        # An entry without content must lead to a page.
        assert links(entry)["alternate"]


def test_addresses_are_relative_until_the_sites_own_is_known() -> None:
    relative = ElementTree.fromstring(feed("Outcomes", "QPM", [NEW]))
    assert links(relative) == {"self": "feed.xml", "alternate": "./"}
    known = ElementTree.fromstring(feed("Outcomes", "QPM", [NEW], "https://example.org/out/"))
    assert links(known) == {
        "self": "https://example.org/out/feed.xml",
        "alternate": "https://example.org/out/",
    }
    assert text(known, "id") == text(relative, "id")


def test_the_newest_release_leads_to_what_it_changed_and_others_to_the_site() -> None:
    top = ElementTree.fromstring(feed("Outcomes", "QPM", [OLD, NEW]))
    newest, older = (links(entry)["alternate"] for entry in top.findall(f"{{{ATOM}}}entry"))
    assert (newest, older) == ("whats-new/", "./")


def test_the_sites_address_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUTCOMES_SITE_URL", raising=False)
    assert site_url() == ""
    monkeypatch.setenv("OUTCOMES_SITE_URL", "https://example.org/out")
    assert site_url() == "https://example.org/out/"
    for wrong in ("example.org", "ftp://example.org/", "https:///out", "https://example.org/?a=b"):
        monkeypatch.setenv("OUTCOMES_SITE_URL", wrong)
        with pytest.raises(PublishError, match=r"OUTCOMES_SITE_URL: .* is no address of a site"):
            site_url()


def test_the_sites_feed_tells_of_every_release_and_every_page_names_it() -> None:
    top = ElementTree.parse(sample_site() / "feed.xml").getroot()
    told = [text(entry, "id").rpartition("/")[2] for entry in top.findall(f"{{{ATOM}}}entry")]
    assert told == [note.release_id for note in HISTORY]
    for path in sample_site().rglob("*.html"):
        assert 'type="application/atom+xml"' in path.read_text(encoding="utf-8"), path
