"""The rows of each table as a file: what the table says, safe to open."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import html5lib

from orchestration.publish.row_files import row_file
from orchestration.publish.tables import Column
from tests.published_sample import sample_site


def rows_of(written: str) -> list[list[str]]:
    return list(csv.reader(written.splitlines()))


def test_numbers_stand_as_they_are_and_a_range_in_two_columns() -> None:
    columns = (
        Column("area", "Area"),
        Column("value", "Figure", "percent1", status="status", provisional="p"),
        Column("lower", "95% interval", "percent1", to="upper", status="status"),
        Column("n", "Returns that count", of="expected"),
    )
    shown = {"area": "North", "value": 7.123456, "lower": 5.5, "upper": 8.25, "n": 1, "expected": 2}
    hidden = {"area": "South", "value": None, "lower": None, "upper": None, "n": 0, "expected": 2}
    written = row_file(
        columns,
        [shown | {"status": "shown", "p": True}, hidden | {"status": "suppressed", "p": False}],
        "Figures by area",
        "4f1d0c2a9b7e",
    )
    named = ["Figures by area", "4f1d0c2a9b7e"]
    assert rows_of(written) == [
        ["Area", "Figure", "95% interval, from", "95% interval, to", "Returns that count",
         "Returns that count, of", "Status", "Provisional", "Table", "Release"],
        ["North", "7.123456", "5.5", "8.25", "1", "2", "Shown", "yes", *named],
        ["South", "", "", "", "0", "2", "Too small to show", "no", *named],
    ]  # fmt: skip


def test_a_verdict_is_its_word_and_a_day_is_told_as_programs_read_it() -> None:
    columns = (Column("due", "Due", "longdate"), Column("said", "Change", verdict="gap_changes"))
    written = row_file(columns, [{"due": date(2027, 3, 31), "said": "widening"}], "Gaps", "4f1d")
    assert rows_of(written)[1] == ["2027-03-31", "Widening", "Gaps", "4f1d"]


def test_each_of_several_statuses_says_of_which_figure_it_tells() -> None:
    columns = (Column("a", "Before", status="was"), Column("b", "Now", status="is"))
    written = row_file(columns, [{"a": 1, "b": None, "was": "shown", "is": "suppressed"}], "T", "r")
    assert rows_of(written) == [
        ["Before", "Now", "Status: Before", "Status: Now", "Table", "Release"],
        ["1", "", "Shown", "Too small to show", "T", "r"],
    ]


def test_a_text_that_a_spreadsheet_would_compute_gets_an_apostrophe_and_a_number_does_not() -> None:
    records = [{"name": "=1+2", "n": -3.5}, {"name": "@SUM(A1)", "n": -1}, {"name": "-5", "n": 2}]
    written = row_file((Column("name", "+Name"), Column("n", "Number")), records, "-T", "r")
    assert rows_of(written) == [
        ["'+Name", "Number", "Table", "Release"], ["'=1+2", "-3.5", "'-T", "r"],
        ["'@SUM(A1)", "-1", "'-T", "r"], ["-5", "2", "'-T", "r"],
    ]  # fmt: skip


def test_two_columns_of_one_title_can_be_told_apart() -> None:
    columns = (Column("a", "In"), Column("b", "In"))
    heading = rows_of(row_file(columns, [{"a": 1, "b": 2}], "T", "r"))[0]
    assert heading == ["In", "In (2)", "Table", "Release"]


def test_every_table_of_the_site_has_its_rows_beside_it() -> None:
    tables = 0
    for path in sorted(sample_site().rglob("*.html")):
        tree = html5lib.parse(path.read_text(encoding="utf-8"), namespaceHTMLElements=False)
        files = [
            path.parent / (a.get("href") or "") for a in tree.iter("a") if "download" in a.attrib
        ]
        shown = list(tree.iter("table"))
        assert len(files) == len(shown), path
        for table, file in zip(shown, files, strict=True):
            tables += 1
            body = list(table.find("tbody").iter("tr"))
            assert len(rows_of(Path(file).read_text(encoding="utf-8"))) == len(body) + 1, file
    assert tables > 500


def test_a_files_address_is_of_its_page_and_query_and_not_of_its_figures() -> None:
    folder = sample_site() / "data" / "tables" / "indicators" / "mdt_coverage"
    assert {"months.csv", "places.csv", "organisations.csv"} <= {p.name for p in folder.iterdir()}
