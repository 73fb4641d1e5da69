"""Reading a return, whatever its form, into tables of text."""

from __future__ import annotations

import datetime as dt
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from orchestration.facts import standard
from orchestration.intake.read import read_return
from orchestration.intake.read_csv import read_csv
from orchestration.intake.read_workbook import unescaped
from orchestration.intake.text_tables import Unreadable
from tests.judging import judge_one
from tests.return_files import ReturnFiles


def cells(content: bytes) -> list[list[str]]:
    """The header and the records of a CSV file, split; what was in quotes put back."""
    table = read_csv("contacts", "contacts.csv", content, standard().limits)
    assert table is not None
    put_back = str.maketrans({"\ufdd1": "\n", "\ufdd3": table.delimiter})
    body = table.body.decode().removesuffix("\n")
    records = body.split("\n") if body else []
    return [list(table.header)] + [
        [cell.translate(put_back) for cell in record.split(table.delimiter)] for record in records
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_the_header_holds_most_often(delimiter: str) -> None:
    text = delimiter.join(["a", '"b,;|x"', "c"]) + "\n" + delimiter.join(["1", "2", "3"])
    assert cells(text.encode()) == [["a", "b,;|x", "c"], ["1", "2", "3"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_four_encodings_read_the_same(encoding: str) -> None:
    assert cells("a,b\ncafé,naïve\n".encode(encoding)) == [["a", "b"], ["café", "naïve"]]


def test_bytes_that_are_no_text_cannot_be_read() -> None:
    with pytest.raises(Unreadable, match="no known encoding"):
        cells(b"a,b\n\x81\x8d,1\n")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_kind_end_a_line(end: str) -> None:
    assert cells(end.join(["a,b", "1,2", "3,4"]).encode()) == [["a", "b"], ["1", "2"], ["3", "4"]]


def test_quoted_fields_hold_delimiters_quotes_and_line_breaks() -> None:
    assert cells(b'a,b\n"x, ""y""\nz",2\n3,4\n') == [["a", "b"], ['x, "y"\nz', "2"], ["3", "4"]]


def test_a_quote_inside_a_field_is_an_ordinary_character() -> None:
    assert cells(b'a,b\n6" nail,5\' 4"\n') == [["a", "b"], ['6" nail', "5' 4\""]]


@pytest.mark.parametrize("heading", ['b"x', 'b"x"', '"b,,,,"'])
def test_only_quotes_that_open_a_cell_hide_delimiters_of_the_header(heading: str) -> None:
    header = cells(f"a;{heading};c\n1;2;3\n".encode())[0]
    assert header == ["a", heading.strip('"') if heading[0] == '"' else heading, "c"]


def test_two_halves_of_a_character_are_one() -> None:
    assert unescaped("_xD83D__xDE00_ _xDE00_ _x0041_") == "\U0001f600 \ufffd A"


def test_a_hundred_megabytes_of_quotes_inside_of_cells_are_read_in_seconds() -> None:
    line = b"C1,5' 10\" tall,it's 6' 1\" and so on\n"
    content = b"a,b,c\n" + line * (100_000_000 // len(line))
    started = time.perf_counter()
    table = read_csv("contacts", "contacts.csv", content, standard().limits)
    assert time.perf_counter() - started < 10
    assert table is not None
    assert table.body == content[6:]


def test_a_quote_that_is_never_closed_is_told_with_its_line() -> None:
    with pytest.raises(Unreadable, match="opens on line 3 is never closed"):
        cells(b'a,b\n1,2\n"3,4\n5,6\n')


@pytest.mark.parametrize("form", ["folder", "zip", "zip_with_folder", "workbook"])
def test_a_return_says_the_same_in_every_form(form: str, tmp_path: Path) -> None:
    files = ReturnFiles().set("contacts", 1, attendance="did_not_attend")
    if form == "folder":
        path = files.write_folder(tmp_path / "return")
    elif form == "workbook":
        # a workbook under the name of a zip: a file is told by what it holds
        path = files.write_workbook(tmp_path / "return.zip")
    else:
        inside = "May 2025/" if form == "zip_with_folder" else ""
        path = files.write_zip(tmp_path / "return.xlsx", inside)
    judged = judge_one(path, tmp_path / "aside")
    assert judged.failures == [[]]
    assert [row[5] for row in judged.accepted_rows["contacts"]] == ["attended", "did_not_attend"]


def test_cells_of_a_workbook_read_as_a_person_would_write_them(tmp_path: Path) -> None:
    path = ReturnFiles().write_workbook(
        tmp_path / "return.xlsx",
        {
            ("return", 0, "period"): dt.datetime(2025, 5, 1),
            ("return", 0, "submission_no"): 1.0,
            ("contacts", 0, "contact_date"): dt.date(2025, 5, 6),
            ("contacts", 0, "duration_minutes"): 30,
            ("assessments", 0, "score"): 22.5,
            ("costs", 0, "amount_gbp"): 0.1 + 0.2,
        },
    )
    judged = judge_one(path, tmp_path / "aside")
    assert judged.failures == [[]]
    assert judged.accepted_rows["contacts"][0][3] == dt.date(2025, 5, 6)
    assert str(judged.accepted_rows["assessments"][0][-1]) == "22.5000000000"
    assert float(judged.accepted_rows["costs"][0][-1]) == pytest.approx(0.3)  # type: ignore[arg-type]


def test_an_error_value_and_a_formula_without_a_value_are_failures_of_type(tmp_path: Path) -> None:
    path = ReturnFiles().write_workbook(
        tmp_path / "return.xlsx",
        {("contacts", 0, "purpose"): "#DIV/0!", ("contacts", 1, "duration_minutes"): "=10+20"},
    )
    book = openpyxl.load_workbook(path)
    book["contacts"]["F2"].data_type = "e"
    book.save(path)
    judged = judge_one(path, tmp_path / "aside")
    assert [(rule, line) for rule, _, line, _ in judged.failures[0]] == [
        ("contacts.duration_minutes.type", 3),
        ("contacts.purpose.type", 2),
    ]


def test_hidden_sheets_are_read_and_headings_may_be_written_loosely(tmp_path: Path) -> None:
    path = ReturnFiles().write_workbook(tmp_path / "return.xlsx")
    book = openpyxl.load_workbook(path)
    book["contacts"].sheet_state = "hidden"
    book["contacts"].title = " Contacts "
    for cell, heading in zip(book[" Contacts "][1], ["Contact ID", "EPISODE-ID"], strict=False):
        cell.value = heading
    book.save(path)
    judged = judge_one(path, tmp_path / "aside")
    assert judged.failures == [[]]
    assert len(judged.accepted_rows["contacts"]) == 2


def unreadable(path: Path) -> str:
    with pytest.raises(Unreadable) as reason:
        read_return(path, standard())
    return str(reason.value)


def test_what_is_no_return_is_told_in_words(tmp_path: Path) -> None:
    lone = tmp_path / "contacts.csv"
    lone.write_text("a,b\n")
    assert unreadable(lone) == "it is neither a folder, nor a zip, nor an .xlsx workbook"

    old = tmp_path / "old.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    assert "old .xls format" in unreadable(old)

    empty = tmp_path / "empty"
    empty.mkdir()
    assert unreadable(empty) == "there is no table in it"

    link = tmp_path / "link"
    link.symlink_to(empty)
    assert "symbolic link" in unreadable(link)

    cut = ReturnFiles().write_zip(tmp_path / "cut.zip")
    cut.write_bytes(cut.read_bytes()[:-100])
    assert "damaged" in unreadable(cut)

    outside = tmp_path / "outside.zip"
    with zipfile.ZipFile(outside, "w") as archive:
        archive.writestr("../people.csv", "a,b\n")
    assert unreadable(outside) == "a name in the zip leads outside of it"

    twice = ReturnFiles().write_folder(tmp_path / "twice")
    (twice / "People.CSV").write_text("person_id\n")
    assert unreadable(twice) == "the table people is there twice"


def test_a_note_beside_the_tables_is_ignored_whatever_it_holds(tmp_path: Path) -> None:
    path = ReturnFiles().write_folder(tmp_path / "return")
    (path / "read me.txt").write_bytes(b'"never closed \x81')
    (path / "~$lock.csv").write_text("x")
    (path / ".DS_Store").write_bytes(b"\x00\x01")
    judged = judge_one(path, tmp_path / "aside")
    assert judged.failures[0] == [("return.table.known", "read me", None, None)]
    assert not judged.judgements[0].rejected
