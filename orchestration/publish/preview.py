"""A preview for those who write pages: the last release's figures in the pages as they are now.

It is made beside the releases and never put up. A mistake in a page is told with page and line, and
the preview before it stays until the mistake is mended.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from orchestration.publish.contents import ReleaseFacts
from orchestration.publish.errors import PublishError
from orchestration.publish.releases import release_facts
from orchestration.publish.site import SITE, build_site
from orchestration.release_store import published_release
from orchestration.settings import Settings

FOLDER = "preview"
Say = Callable[[str], None]


class NothingPublished(Exception):
    """There is no release whose figures a preview could show; the message says what to do."""


@dataclass(frozen=True)
class Preview:
    """The preview of one build folder: from these data, by these pages, into this folder;
    `drawings` holds the charts of the preview before."""

    data: Path
    source: Path
    folder: Path
    release: ReleaseFacts
    drawings: Path

    def make(self, say: Say) -> bool:
        """Make it anew; whether that went well. What is wrong is said, and the old one stays."""
        following = self.folder.with_name(f"{self.folder.name}.next")
        shutil.rmtree(following, ignore_errors=True)
        try:
            made = build_site(self.data, following, self.release, self.source, self.drawings)
        except PublishError as error:
            say(str(error))
            return False
        shutil.rmtree(self.folder, ignore_errors=True)
        following.rename(self.folder)
        say(f"{made.pages} pages in {sum(made.seconds.values()):.1f} s: {self.folder}")
        return True


def preview(settings: Settings, source: Path = SITE) -> Preview:
    """The preview of the release that is up. Raises NothingPublished where there is none."""
    up = published_release(settings)
    if up is None:
        raise NothingPublished(
            f"There is no release in {settings.build} whose figures the pages could show. "
            "Run `outcomes refresh` first, or name another build folder: --build"
        )
    release = release_facts(settings, up)
    kept = settings.build / f"{FOLDER}-drawings.json"
    return Preview(settings.public / "data", source, settings.build / FOLDER, release, kept)


def watch(shown: Preview, port: int, say: Say) -> None:
    """Make the preview, serve it at 127.0.0.1, and make it anew and show it whenever a file of the
    pages changes, until the program is ended. A mistake is said and does not end it."""
    # Of mkdocs, which builds the pages: it looks for changes and reloads open pages.
    from mkdocs.livereload import LiveReloadServer

    for_reader = logging.getLogger("mkdocs.livereload")
    for_reader.setLevel(logging.ERROR)
    shown.make(say)
    server = LiveReloadServer(
        lambda: _again(shown, say), host="127.0.0.1", port=port, root=str(shown.folder)
    )
    server.watch(str(shown.source))
    say(f"The preview is at {server.url} and follows {shown.source} (end with Ctrl-C)")
    try:
        server.serve()  # type: ignore[no-untyped-call]
    except KeyboardInterrupt:
        say("Ended.")
    finally:
        server.shutdown()


def _again(shown: Preview, say: Say) -> None:
    if not shown.make(say):
        say("The preview stays as it was until this is mended.")
