"""The preview for those who write pages: what it says, and that a mistake does not end it."""

from __future__ import annotations

import json
import queue
import shutil
import threading
import urllib.request
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from mkdocs.livereload import LiveReloadServer

from orchestration.cli import main
from orchestration.publish.contents import ReleaseFacts
from orchestration.publish.preview import NothingPublished, Preview, preview, watch
from orchestration.publish.releases import kept_releases
from orchestration.publish.site import SITE
from orchestration.settings import Settings
from tests.published_sample import write_published


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build folder with one release."""
    folder = tmp_path_factory.mktemp("preview") / "build"
    write_published(folder / "releases" / "r1" / "public" / "data", only=("unit_cost",))
    note = {"release_id": "r1", "as_at": "2026-04-08", "published_at": "2026-04-08T02:14:00+00:00"}
    (folder / "releases" / "r1" / "release.json").write_text(json.dumps(note))
    (folder / "public").symlink_to(Path("releases") / "r1" / "public")
    return folder


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    shutil.copytree(SITE, tmp_path / "pages")
    return tmp_path / "pages"


def settings(build: Path) -> Settings:
    return Settings(Path("returns"), Path("registry"), build, date(2026, 4, 8))


def test_the_preview_shows_the_last_release_in_the_pages_as_they_are(
    build: Path, pages: Path
) -> None:
    (pages / "pages" / "glossary.md").write_text("# Words\n\nA new word.\n")
    said: list[str] = []
    shown = preview(settings(build), pages)
    assert shown.make(said.append)
    made = build / "preview" / "glossary" / "index.html"
    assert "A new word." in made.read_text(encoding="utf-8")
    assert "Published 8 April 2026, 02:14 UTC" in made.read_text(encoding="utf-8")
    assert (build / "preview" / "feed.xml").is_file()
    assert not (build / "public" / "index.html").exists()
    assert said[0].endswith(f"s: {build / 'preview'}")


def test_a_mistake_is_told_with_page_and_line_and_the_preview_stays(
    build: Path, pages: Path
) -> None:
    said: list[str] = []
    shown = preview(settings(build), pages)
    assert shown.make(said.append)
    (pages / "pages" / "glossary.md").write_text(
        "# Words\n\n```sql wrong\nselect nothing\nfrom returns\n```\n"
    )
    assert not shown.make(said.append)
    assert said[-1].startswith("pages/glossary.md, line 4: query wrong: ")
    assert "nothing" in said[-1]
    assert (build / "preview" / "index.html").is_file()


def test_the_command_tells_by_its_exit_status_how_it_went(build: Path, pages: Path) -> None:
    def ran(*words: str) -> int:
        return CliRunner().invoke(main, ["site", *words]).exit_code

    assert ran("--build", str(build / "none")) == 2
    (pages / "pages" / "glossary.md").write_text("# Words\n\n<Wrong />\n")
    assert ran("--build", str(build), "--pages", str(pages)) == 1


def test_without_a_release_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NothingPublished, match="outcomes refresh"):
        preview(settings(tmp_path))


def test_the_kept_releases_come_the_newest_first(tmp_path: Path) -> None:
    for name, day in (("old", "2026-03-09"), ("new", "2026-04-08")):
        (tmp_path / "releases" / name).mkdir(parents=True)
        note = {"release_id": name, "as_at": day, "published_at": f"{day}T02:00:00+00:00"}
        (tmp_path / "releases" / name / "release.json").write_text(json.dumps(note))
    assert [note.release_id for note in kept_releases(settings(tmp_path))] == ["new", "old"]


class Made(Preview):
    """A preview that is made at once, of one page."""

    def make(self, say: object) -> bool:  # noqa: ARG002
        self.folder.mkdir(exist_ok=True)
        written = (self.source / "page.md").read_text(encoding="utf-8")
        (self.folder / "page.html").write_text(f"<body>{written}</body>", encoding="utf-8")
        MADE.release()
        return "wrong" not in written


MADE = threading.Semaphore(0)


def test_watching_makes_it_anew_at_each_change_and_goes_on_after_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers: queue.Queue[LiveReloadServer] = queue.Queue()
    serve = LiveReloadServer.serve

    def noted(self: LiveReloadServer) -> None:
        servers.put(self)
        serve(self)

    monkeypatch.setattr(LiveReloadServer, "serve", noted)
    source, folder = tmp_path / "pages", tmp_path / "shown"
    source.mkdir()
    (source / "page.md").write_text("first")
    release = ReleaseFacts("r1", date(2026, 4, 8), "today")
    shown = Made(tmp_path, source, folder, release, tmp_path / "drawings.json")
    said: list[str] = []

    def changed(to: str) -> bool:
        """Writes until it is seen: what is written before watching has begun is no change."""
        for attempt in range(60):
            (source / "page.md").write_text(to + " " * attempt)
            MADE.acquire(timeout=1)
            if to in (folder / "page.html").read_text(encoding="utf-8"):
                return True
        return False

    # Port 0 is any that is free.
    watching = threading.Thread(target=watch, args=(shown, 0, said.append))
    watching.start()
    server = servers.get(timeout=60)
    try:
        assert changed("wrong by one")
        assert changed("mended again")
        address = f"http://127.0.0.1:{server.server_port}/page.html"
        with urllib.request.urlopen(address, timeout=60) as answer:
            assert b"mended again" in answer.read()
    finally:
        server.shutdown()
        watching.join(60)
    assert "The preview stays as it was until this is mended." in said
