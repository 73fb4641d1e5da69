"""From a page's source to Markdown that is ready to be rendered, with its components' HTML aside.

What a component makes is not put into the Markdown, which would be read again: a small mark stands
in its place and `finish` sets the HTML in when the Markdown has become HTML.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestration.publish.calls import CHART_CLOSES, CHART_OPENS, CONTENT, Context
from orchestration.publish.components import COMPONENTS, use
from orchestration.publish.contents import Contents, Page, common_values
from orchestration.publish.drawing import Drawing
from orchestration.publish.errors import PublishError
from orchestration.publish.markup import Markdown, Part, environment, fill_in, read_page
from orchestration.publish.queries import Published, QueryError, Rows

CHART = re.compile(f"{CHART_OPENS}(\\w+):(size|body){CHART_CLOSES}")
BLOCK = re.compile(r'<(div|span) data-block="(\d+)"></\1>')
SHARED = re.compile(r"\$\{(\w+)\}")


@dataclass
class Prepared:
    """A page as Markdown, the HTML of its components, the files of their rows, and the charts that
    they asked for."""

    page: Page
    markdown: str
    blocks: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    specifications: dict[str, str] = field(default_factory=dict)

    def finish(self, html: str, drawings: Mapping[str, Drawing]) -> str:
        """The page's rendered Markdown with its components and charts in their places."""

        def drawn(match: re.Match[str]) -> str:
            drawing = drawings[match[1]]
            if match[2] == "body":
                return drawing.body
            return f'viewBox="0 0 {drawing.width} {drawing.height}"'

        html = BLOCK.sub(lambda match: self.blocks[int(match[2])], html)
        return CHART.sub(drawn, html)


class Author:
    """Prepares the pages of one site; holds what they share."""

    def __init__(self, published: Published, contents: Contents, source: Path) -> None:
        self._published, self._contents, self._source = published, contents, source
        self._jinja = environment()
        self._templates: dict[Path, str] = {}
        self._entries = {key: one.entry for key, one in contents.indicators.items()}
        self._names = {key: one.name for key, one in contents.indicators.items()}
        self._shared: dict[str, str] = {}
        # In the order of their names: a query may use those before it.
        for path in sorted((source / "queries").glob("*.sql")):
            self._shared[path.stem] = self._read_shared(path, common_values(contents))

    def _label(self, path: Path) -> str:
        """How an error names a file: as its author does, from the folder of the site."""
        inside = path.is_relative_to(self._source)
        return path.relative_to(self._source).as_posix() if inside else str(path)

    def _read_shared(self, path: Path, values: Mapping[str, Any]) -> str:
        """A query of `queries/`, asked once for all pages; gives the query for what it gave."""
        label = self._label(path)
        fenced = f"```sql {path.stem}\n{path.read_text(encoding='utf-8')}\n```\n"
        queries, _ = read_page(fill_in(self._jinja, fenced, values, label), label)
        sql = self._with_shared(queries[0].sql)
        try:
            return self._published.keep(path.stem, sql)
        except QueryError as error:
            raise PublishError(f"query {path.stem}: {error}", label, error.line) from error

    def _with_shared(self, sql: str, before: Mapping[str, str] | None = None) -> str:
        known = {**self._shared, **(before or {})}

        def one(match: re.Match[str]) -> str:
            if match[1] not in known:
                raise QueryError(f"there is no query {match[1]} to use", 1)
            return f"({known[match[1]]})"

        return SHARED.sub(one, sql)

    def shared_rows(self, name: str) -> Rows:
        """What a query of the folder `queries/` gives."""
        if name not in self._shared:
            raise PublishError(f"there is no queries/{name}.sql", page="queries")
        return self._published.rows(self._shared[name])

    def prepare(self, page: Page, places: Mapping[str, str]) -> Prepared:
        """Prepare one page; `places` gives the address of every page by its Markdown file.

        Raises PublishError, with the page and the line, for whatever its author can mend.
        """
        label = self._label(page.source)
        if page.source not in self._templates:
            self._templates[page.source] = page.source.read_text(encoding="utf-8")
        try:
            lines = fill_in(self._jinja, self._templates[page.source], page.values, label)
            queries, parts = read_page(lines, label)
            rows: dict[str, Rows] = {}
            before: dict[str, str] = {}
            used = {name for query in queries for name in SHARED.findall(query.sql)}
            for query in queries:
                try:
                    sql = self._with_shared(query.sql, before)
                    if query.name in used:
                        # Answered once, however many others of the page build on it.
                        sql = self._published.keep(f"on_page_{query.name}", sql)
                    rows[query.name] = self._published.rows(sql)
                except QueryError as error:
                    line = query.line + error.line - 1
                    raise PublishError(f"query {query.name}: {error}", label, line) from error
                before[query.name] = sql
            here = places[page.src_uri]

            def href(target: str) -> str:
                return posixpath.relpath(places[target] or ".", here or ".") + "/"

            context = Context(
                label,
                rows,
                self._entries,
                self._names,
                self._contents.areas,
                href,
                lambda file: posixpath.relpath(file, here or "."),
                page.src_uri.removesuffix(".md"),
                self._contents.release.release_id,
            )
            prepared = Prepared(
                page, "", files=context.files, specifications=context.specifications
            )
            prepared.markdown = _markdown(parts, context, prepared.blocks)
        except PublishError as error:
            if page.source == self._source / "pages" / page.src_uri:
                raise
            # A template serves many pages: say for which of them it failed.
            made = f"{error.message} (making {page.src_uri})"
            raise PublishError(made, error.page, error.line) from error
        return prepared


def _markdown(parts: list[Part] | tuple[Part, ...], context: Context, blocks: list[str]) -> str:
    """The parts as Markdown, with a mark for each component and its HTML in `blocks`."""

    def mark(html: str, element: str = "div") -> str:
        blocks.append(html)
        placed = f'<{element} data-block="{len(blocks) - 1}"></{element}>'
        return placed if element == "span" else f"\n\n{placed}\n\n"

    written: list[str] = []
    for part in parts:
        if isinstance(part, Markdown):
            written.append(part.text)
            continue
        call = use(part, context)
        component = COMPONENTS[part.name]
        html = component.make(call)
        if component.content == "markdown":
            opens, closes = html.split(CONTENT)
            written += [mark(opens), _markdown(part.content, context, blocks), mark(closes)]
        else:
            written.append(mark(html, "span" if component.inline else "div"))
    return "".join(written)
