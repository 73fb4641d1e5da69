"""The gate's report: what it shows, what it never shows, and that nothing leaves the machine."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from html import escape
from pathlib import Path

import pytest

from expectations.gate import (
    CheckResult,
    GateTables,
    check_names,
    run_gate,
    run_suite,
    running,
    sentences,
)
from tests.test_gate_refuses import FACTS, LINK_KEY, NHS_NUMBER, correct_tables, everywhere, on, put

MARKER = "Jo Somebody"


def pages(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def tables_of_somebody() -> GateTables:
    """Tables that break many expectations by cells that no report may show."""
    tables = correct_tables()
    for change in (
        on("breakdown_value", MARKER, breakdown_type="gender"),
        on("status", MARKER, indicator_id="exercise"),
        on("is_provisional", MARKER),
        put("return_status", "source_name", f"{MARKER}.zip"),
        put("return_status", "state", MARKER, state="rejected"),
        put("validation_failures", "rule", MARKER),
        put("validation_failures", "value", MARKER, rule="narratives.text.personal_data"),
        put("validation_failures", "message", MARKER),
        put("validation_failures", "row_number", MARKER),
        put("returns", "provider_name", f"{MARKER} {LINK_KEY}"),
        put("catalogue", "definition", f"{MARKER} {NHS_NUMBER}"),
        put("areas", "area_name", f"{MARKER} {NHS_NUMBER}"),
        everywhere("areas", person_id=MARKER),
    ):
        change(tables)
    return GateTables(**vars(tables))


def without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("something tried to reach a network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[CheckResult]]:
    """The report and the results of correct tables, judged where no network can be reached and
    where an older report and a file of the operator's lay."""
    folder = tmp_path_factory.mktemp("gate")
    (folder / "validations" / "old").mkdir(parents=True)
    (folder / "validations" / "old" / "page.html").write_text("old")
    (folder / "notes.txt").write_text("the operator's own")
    with pytest.MonkeyPatch.context() as monkeypatch:
        without_network(monkeypatch)
        return folder, run_gate(GateTables(**vars(correct_tables())), FACTS, folder)


def test_the_whole_gate_passes_correct_tables_without_a_network(
    passed: tuple[Path, list[CheckResult]],
) -> None:
    folder, results = passed
    assert [(each.suite, each.expectation) for each in results] == [
        (suite, sentence) for suite in check_names() for sentence in sentences(suite, FACTS)
    ]
    assert all(each.success for each in results)
    overview = pages(folder)["index.html"]
    assert "The gate: passed" in overview
    assert all(escape(each.expectation) in overview for each in results)


def test_neither_report_nor_results_show_a_cell_that_broke_an_expectation(tmp_path: Path) -> None:
    results = run_gate(tables_of_somebody(), FACTS, tmp_path)
    assert sum(not each.success for each in results) > 10
    told = pages(tmp_path)
    assert "The gate: refused" in told["index.html"]
    assert not any("Somebody" in each.found for each in results)
    for secret in ("Somebody", LINK_KEY, NHS_NUMBER):
        assert [name for name, page in told.items() if secret in page] == []


def test_the_report_has_great_expectations_own_pages_and_every_link_in_it_leads_somewhere(
    passed: tuple[Path, list[CheckResult]],
) -> None:
    folder, _ = passed
    for name, page in pages(folder).items():
        for link in re.findall(r'href="([^"#]+)"', page):
            if not link.startswith("https://greatexpectations.io"):
                assert ((folder / name).parent / link).is_file(), f"{name} leads to {link}"
    detail = [page for name, page in pages(folder).items() if name.startswith("validations/")]
    assert any("No count that is given is small" in page for page in detail)


def test_the_report_fetches_nothing(passed: tuple[Path, list[CheckResult]]) -> None:
    folder, _ = passed
    for page in pages(folder).values():
        assert not re.search(r"<script|<link|<img|<iframe|@import|url\(", page)


def test_an_earlier_report_is_taken_away_and_nothing_else_is(
    passed: tuple[Path, list[CheckResult]],
) -> None:
    folder, _ = passed
    assert not (folder / "validations" / "old").exists()
    assert (folder / "notes.txt").read_text() == "the operator's own"


def test_a_gate_that_breaks_down_leaves_no_report_that_could_be_read_as_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "index.html").write_text("an older report")
    monkeypatch.setattr(running, "_raise_if_broken", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run_gate(GateTables(**vars(correct_tables())), FACTS, tmp_path)
    assert not (tmp_path / "index.html").exists()


def test_one_suite_has_a_report_of_its_own(tmp_path: Path) -> None:
    run_suite("returns", GateTables(**vars(correct_tables())), FACTS, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["returns"]
    assert "The gate: passed" in pages(tmp_path)["returns/index.html"]


def test_the_gate_is_named_without_great_expectations_and_knows_nothing_of_the_pipeline() -> None:
    code = (
        "import sys, expectations.gate as gate; print(*gate.check_names());"
        "print(*{'great_expectations', 'dagster', 'dbt', 'orchestration'} & set(sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    ).stdout.splitlines()
    assert told == [" ".join(check_names()), ""]
