"""Building the site: published files in, a folder that any web server can serve out."""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.publish import feed, search, words
from orchestration.publish.contents import (
    Contents,
    Lead,
    ReleaseFacts,
    plan_pages,
    read_contents,
)
from orchestration.publish.drawing import Drawing
from orchestration.publish.drawing_store import Charts
from orchestration.publish.errors import PublishError
from orchestration.publish.links import broken_links
from orchestration.publish.pages import Author, Prepared
from orchestration.publish.queries import Published, open_published

__all__ = ["SITE", "PublishError", "ReleaseFacts", "SiteSummary", "build_site"]

SITE = Path(__file__).resolve().parents[2] / "site"
HOOKS = Path(__file__).with_name("hooks.py")


@dataclass(frozen=True)
class SiteSummary:
    """What was built: pages, charts (each drawn for two widths) and how many of them had to be
    drawn, bytes of the pages, and how long each step took in seconds."""

    pages: int
    charts: int
    charts_drawn: int
    page_bytes: int
    seconds: dict[str, float]


@dataclass(frozen=True)
class Search:
    """What the search is made of: the list on its page, in the place of `mark`, and its index."""

    listed: str
    index: str
    page: str = search.SEARCH_PAGE
    mark: str = search.MARK
    index_file: str = search.INDEX_FILE


@dataclass(frozen=True)
class Build:
    """What the hooks of mkdocs need of a build."""

    contents: Contents
    as_at: str
    prepared: dict[str, Prepared]
    drawings: dict[str, Drawing]
    data_files: dict[str, Path]
    may_share: bool = False
    feed_file: str = feed.FEED_FILE

    @staticmethod
    def address(src_uri: str) -> str:
        """The address of a page below the site's root; see `address`."""
        return address(src_uri)

    def feed(self, title: str) -> str | None:
        """The feed of releases; None where the release knows of none."""
        history = self.contents.release.history
        if not history:
            return None
        return feed.feed(title, self.contents.system_code, history, feed.site_url())

    def search_of(
        self, rendered: Mapping[str, tuple[str, Mapping[str, Any], str]]
    ) -> Search | None:
        """The search of the pages, given as title, metadata and content by their Markdown files;
        None where the site has no page for it. A page that is `unlisted` is not in it."""
        if search.SEARCH_PAGE not in rendered:
            return None
        entries = []
        for src_uri, (title, meta, content) in rendered.items():
            if meta.get("unlisted") or src_uri == search.SEARCH_PAGE:
                continue
            page = self.prepared[src_uri].page
            line = page.description or meta.get("description", "")
            where = address(src_uri)
            entries.append(search.entry(page, page.title or title, where, line, content))
        return Search(search.listed(entries), search.index(entries))


class _Clock:
    """How long each step takes, from the end of the one before."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, step: str) -> None:
        now = time.monotonic()
        self.seconds[step] = round(now - self._last, 2)
        self._last = now


def address(src_uri: str) -> str:
    """The address of a page below the site's root, from its Markdown file: `method.md` is
    `method/`, `index.md` the root itself."""
    path = src_uri.removesuffix(".md")
    if path == "index" or path.endswith("/index"):
        return path.removesuffix("index")
    return f"{path}/"


def build_site(
    data: Path,
    destination: Path,
    release: ReleaseFacts,
    source: Path = SITE,
    drawings_kept: Path | None = None,
    *,
    may_share: bool = False,
) -> SiteSummary:
    """Build the whole site from the published files in `data` into `destination`.

    `destination` must be empty or not there yet; the files of `data` are copied to its `data/`,
    with each indicator's own CSV beside them; with `may_share` they are put there under a second
    name, where that can be: nobody may change them then. Charts that the file `drawings_kept` holds
    are not drawn again. Raises PublishError where a published file or a page is not as it must be;
    `destination` is then not to be used.
    """
    if destination.exists() and any(destination.iterdir()):
        raise PublishError(f"{destination} is not empty")
    clock = _Clock()
    # Beside the site, since a file can have two names within one file system only.
    beside = destination.parent if may_share else None
    if beside:
        beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=beside, prefix=".site-") as scratch:
        downloads = Path(scratch) / "indicators"
        with Charts(drawings_kept) as charts:
            with open_published(data, downloads) as published:
                clock.lap("tables")
                contents = read_contents(published, data, release)
                prepared = _prepare(published, contents, source, charts)
            clock.lap("pages")
            drawings, charts_drawn = charts.drawings()
        clock.lap("charts")
        data_files = {f"data/{path.name}": path for path in data.iterdir() if path.is_file()}
        data_files |= {f"data/indicators/{path.name}": path for path in downloads.iterdir()}
        as_at = words.long_date(release.as_at)
        build = Build(contents, as_at, prepared, drawings, data_files, may_share)
        try:
            _run_mkdocs(build, source, destination)
            clock.lap("mkdocs")
            broken = broken_links(destination)
            if broken:
                raise PublishError("the site is not whole: " + "; ".join(broken[:5]))
            clock.lap("links")
        except BaseException:
            # Half a site must not be taken for one.
            shutil.rmtree(destination, ignore_errors=True)
            raise
    return SiteSummary(
        pages=len(prepared),
        charts=len(drawings),
        charts_drawn=charts_drawn,
        page_bytes=sum(path.stat().st_size for path in destination.rglob("*.html")),
        seconds=clock.seconds,
    )


def _prepare(
    published: Published, contents: Contents, source: Path, charts: Charts
) -> dict[str, Prepared]:
    """Every page by its Markdown file, ready to be rendered. Its charts are drawn meanwhile."""
    author = Author(published, contents, source)
    headlines = author.shared_rows("headlines")
    leads = {
        indicator_id: Lead(period_type, period_start, later, status)
        for indicator_id, period_type, period_start, later, status in headlines.rows
    }
    pages = plan_pages(contents, leads, source)
    places = {page.src_uri: address(page.src_uri) for page in pages}
    prepared: dict[str, Prepared] = {}
    for page in pages:
        one = prepared[page.src_uri] = author.prepare(page, places)
        charts.want(one.specifications)
    return prepared


class _Complaints(logging.Handler):
    """Keeps what mkdocs warns of, which would otherwise be lost among its other lines."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def _run_mkdocs(build: Build, source: Path, destination: Path) -> None:
    """Render the prepared pages in the theme; PublishError with what mkdocs found wrong."""
    # mkdocs takes half a second to import, and only this needs it.
    from mkdocs.commands.build import build as build_with_mkdocs
    from mkdocs.config import load_config
    from mkdocs.exceptions import MkDocsException

    complaints, log = _Complaints(), logging.getLogger("mkdocs")
    propagates, log.propagate = log.propagate, False
    log.addHandler(complaints)
    try:
        config = load_config(
            config_file=str(source / "mkdocs.yml"),
            site_dir=str(destination.resolve()),
            hooks=[str(HOOKS)],
        )
        config.extra["build"] = build
        # mkdocs writes one unasked; without knowing the site's address it is empty.
        config.theme.static_templates.discard("sitemap.xml")
        build_with_mkdocs(config)
    except MkDocsException as error:
        raise PublishError("; ".join([str(error), *complaints.messages])) from error
    finally:
        log.removeHandler(complaints)
        log.propagate = propagates
    if complaints.messages:
        raise PublishError("; ".join(complaints.messages[:5]))
