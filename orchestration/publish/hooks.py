"""What mkdocs calls while it builds the site: thin wiring between it and this package.

mkdocs loads this file by its path, as a module of its own, so what it needs to know comes with the
configuration: `config.extra["build"]` is the `Build` of `orchestration.publish.site`.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

if TYPE_CHECKING:
    from orchestration.publish.site import Build


def _build(config: MkDocsConfig) -> Build:
    build: Build = config.extra["build"]
    return build


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Put the prepared pages in the place of their sources, and the data beside them."""
    build = _build(config)
    for src_uri, prepared in build.prepared.items():
        source = files.get_file_from_path(src_uri)
        if source is not None:
            files.remove(source)
        files.append(File.generated(config, src_uri, content=prepared.markdown))
        for name, rows in prepared.files.items():
            files.append(File.generated(config, name, content=rows))
    for src_uri, path in build.data_files.items():
        file = File.generated(config, src_uri, abs_src_path=str(path))
        if build.may_share:
            _link(path, Path(file.abs_dest_path))
        files.append(file)
    told = build.feed(config.site_name)
    if told is not None:
        files.append(File.generated(config, build.feed_file, content=told))
    return files


def _link(path: Path, place: Path) -> None:
    """Puts the file in its place under a second name, where it can have one: mkdocs then finds it
    there, and has a hundred megabytes less to copy."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        place.hardlink_to(path)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Set the components and their charts into the rendered Markdown."""
    build = _build(config)
    return build.prepared[page.file.src_uri].finish(html, build.drawings)


def on_env(env: Any, config: MkDocsConfig, files: Files) -> Any:
    """Now that every page is rendered and none is written: the search's index and its list."""
    build = _build(config)
    rendered = {file.src_uri: file.page for file in files.documentation_pages() if file.page}
    made = build.search_of(
        {
            src_uri: (page.title or "", page.meta, page.content or "")
            for src_uri, page in rendered.items()
        }
    )
    if made is not None:
        search_page = rendered[made.page]
        search_page.content = (search_page.content or "").replace(made.mark, made.listed)
        files.append(File.generated(config, made.index_file, content=made.index))
    return env


def on_page_context(
    context: dict[str, Any],
    page: Page,
    config: MkDocsConfig,
    nav: Navigation,  # noqa: ARG001
) -> dict[str, Any]:
    """Give the theme what it says around a page."""
    build = _build(config)
    planned = build.prepared[page.file.src_uri].page
    crumbs = [] if page.file.src_uri == "index.md" else [("Home", "index.md")]
    if planned.indicator is not None and planned.domain is not None:
        crumbs.append((planned.domain.label, planned.domain.page))
    crumbs += planned.crumbs
    context.update(
        contents=build.contents,
        as_at=build.as_at,
        address=build.address,
        title=planned.title or page.title,
        description=planned.description or page.meta.get("description", ""),
        crumbs=crumbs,
        domain=planned.domain,
        is_home=page.file.src_uri == "index.md",
        # A short page is seen at a glance; a long one says first what is on it.
        on_this_page=page.toc.items[0].children if page.meta.get("contents") else [],
    )
    return context
