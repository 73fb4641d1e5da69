"""The Atom feed of releases (RFC 4287): one entry for each that is kept, the newest first.

Addresses in it are relative to the feed itself unless the site's own address is known, so the same
folder works wherever it is put. The ids never change: they are tag URIs (RFC 4151) made from the
release and not from where it lies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

from orchestration.operation import operation
from orchestration.publish import words
from orchestration.publish.errors import PublishError

ATOM = "http://www.w3.org/2005/Atom"
FEED_FILE = "feed.xml"
# Who gives the ids, and the year from which on it did: part of every id, so never to be changed.
TAGGED_BY = "inclusion-outcomes.invalid,2026"


@dataclass(frozen=True)
class ReleaseNote:
    """A release as its note tells of it; `published_at` knows its time zone."""

    release_id: str
    as_at: date
    published_at: datetime


def site_url() -> str:
    """The address of the published site with a slash at its end, from `OUTCOMES_SITE_URL`; empty
    where that is not set. PublishError where it is no address of a web site."""
    given = operation().site_url
    if not given:
        return ""
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise PublishError(
            f"{given!r} is no address of a site; give one such as https://outcomes.example.org/",
            page="OUTCOMES_SITE_URL",
        )
    return given.rstrip("/") + "/"


def feed(title: str, system_code: str, history: Iterable[ReleaseNote], base: str = "") -> str:
    """The feed as XML. `system_code` keeps the ids of two systems' sites apart; `base` is the
    site's address with a slash at its end, if it is known."""
    notes = sorted(history, key=lambda note: note.published_at, reverse=True)
    if not notes:
        raise ValueError("a feed needs a release")
    ElementTree.register_namespace("", ATOM)
    top = ElementTree.Element(f"{{{ATOM}}}feed", {"xml:lang": "en-GB"})
    own = f"tag:{TAGGED_BY}:{system_code}"
    _add(top, "id", f"{own}/releases")
    _add(top, "title", f"{title}: releases")
    _add(top, "subtitle", "Each time the figures of the site are made anew.")
    _add(top, "updated", _moment(notes[0].published_at))
    _add(_add(top, "author"), "name", title)
    _add(top, "link", rel="self", type="application/atom+xml", href=f"{base}{FEED_FILE}")
    _add(top, "link", rel="alternate", type="text/html", href=base or "./")
    for note in notes:
        entry = _add(top, "entry")
        _add(entry, "id", f"{own}/releases/{note.release_id}")
        day = words.long_date(note.as_at)
        _add(entry, "title", f"Release {note.release_id}: figures from returns up to {day}")
        _add(entry, "updated", _moment(note.published_at))
        # What a release changed is on the page of that name, until the next one comes.
        page = "whats-new/" if note == notes[0] else ""
        _add(entry, "link", rel="alternate", type="text/html", href=f"{base}{page}" or "./")
        _add(
            entry,
            "summary",
            f"Release {note.release_id}, from returns up to {day}. The site shows the latest "
            "release only.",
        )
    ElementTree.indent(top)
    return ElementTree.tostring(top, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="utf-8"?>\n', "\n")
    )


def _add(
    parent: ElementTree.Element, name: str, said: str | None = None, **attributes: str
) -> ElementTree.Element:
    added = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    added.text = said
    return added


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
