"""The file that goes back: what was sent, its failing cells marked, and safe to open."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

from orchestration.facts import standard
from orchestration.intake.read import read_return
from orchestration.intake.read_csv import read_csv
from orchestration.intake.text_tables import LINE_BREAK_OF_FILE, TextTable, Unreadable, in_words
from orchestration.reports import marked_workbook
from orchestration.reports.cell_failures import PROBLEMS, problems
from orchestration.reports.file_back import CellFailure, safe_name, write_file_back
from orchestration.reports.marked_csv import mark_csv
from orchestration.reports.marked_workbook import COLOUR, mark_workbook
from orchestration.sample import write_sample
from orchestration.spreadsheets import safe_cell
from tests.judging import judge_one
from tests.return_files import ReturnFiles

MARK = CellFailure("contacts", 2, "purpose", "contacts.purpose.code", "error", 'holds "x"')
SAID = 'purpose: holds "x"'


def failing(
    row: int | None, field: str | None = None, table: str | None = "contacts", words: str = "wrong"
) -> CellFailure:
    return CellFailure(table, row, field, "a.rule", "error", words)


def read_text(content: bytes) -> TextTable:
    table = read_csv("contacts", "contacts.csv", content, standard().limits)
    assert table is not None
    return table


def marked(content: bytes, said: dict[int, str]) -> bytes:
    return mark_csv(content, read_text(content), said)


def rows_of(table: TextTable) -> list[list[str]]:
    """The records' cells, put in words, without blank records and empty cells at a record's end."""
    rows = []
    for record in table.body.decode().split("\n"):
        cells = [in_words(cell, table.delimiter).strip() for cell in record.split(table.delimiter)]
        while cells and not cells[-1]:
            cells.pop()
        rows.append(cells)
    return [row for row in rows if row]


def written(path: Path, failures: Iterable[CellFailure], folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    back = write_file_back(path, list(failures), standard(), folder)
    assert back is not None
    return back


# --- CSV


def test_a_failing_row_says_why_in_one_more_column_and_all_else_stays() -> None:
    text = b'a,b\r\n1,"x ""y"" z"\r\n2,3\r\n\r\n4,5'
    assert marked(text, {3: 'b: holds "3"'}) == (
        b'a,b,problems\r\n1,"x ""y"" z",\r\n2,3,"b: holds ""3"""\r\n\r\n4,5,'
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiter_and_line_ends_stay(delimiter: str, end: str) -> None:
    text = end.join([f"a{delimiter}b", f"1{delimiter}2", f"3{delimiter}4"])
    expected = end.join(
        [delimiter.join(row) for row in (["a", "b", PROBLEMS], ["1", "2", '"no"'], ["3", "4", ""])]
    )
    assert marked(text.encode(), {2: "no"}) == expected.encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_stays_where_the_words_can_be_written_in_it(encoding: str) -> None:
    back = marked("a,b\ncafé,2\n".encode(encoding), {2: "é"})
    assert back == 'a,b,problems\ncafé,2,"é"\n'.encode(encoding)


@pytest.mark.parametrize("sent", [b"a,b\nx,2\n", "a,b\ncafé,2\n".encode("cp1252")])
def test_words_beyond_the_encoding_make_it_utf_8_with_a_mark(sent: bytes) -> None:
    back = marked(sent, {2: "≥ 1"})
    assert back.startswith(b"\xef\xbb\xbf")
    assert "≥ 1" in back.decode("utf-8-sig")


def test_a_record_over_several_lines_is_known_by_its_first_line() -> None:
    text = b'\n"a\nb",c\n"1\n\n2",3\n4,5\n'
    assert marked(text, {4: "here", 7: "there"}) == (
        b'\n"a\nb",c,problems\n"1\n\n2",3,"here"\n4,5,"there"\n'
    )


def test_words_stand_in_their_column_whatever_the_row_leaves_out_or_adds_at_its_end() -> None:
    text = b"a,b,,\n1,2\n1,2,,,,\n1,2,,\n"
    assert marked(text, {2: "x", 3: "y"}) == (b'a,b,,,problems\n1,2,,,"x"\n1,2,,,"y",,\n1,2,,,\n')


def test_a_row_of_another_shape_is_not_mended_and_its_words_stand_behind_it() -> None:
    text = b"a,b,c\n1,2\n1,2,3,4\n"
    back = marked(text, {2: "short", 3: "long"})
    assert back == b'a,b,c,problems\n1,2,"problems: short"\n1,2,3,4,"problems: long"\n'


def test_a_file_that_comes_back_a_second_time_has_its_column_written_anew() -> None:
    first = marked(b'a,b,c\n1,2,3\n1,2\n"1\n",2,3\n', {2: "old, ;", 3: "short", 4: "mended"})
    again = marked(first, {2: "new", 3: "short"})
    assert again == b'a,b,c,problems\n1,2,3,"new"\n1,2,"problems: short"\n"1\n",2,3,\n'


def test_cells_that_would_be_formulas_get_an_apostrophe_and_no_others_do() -> None:
    text = b'=a,b\n=1+1,-5\n"=1,2","a,=b"\n""=1,@x\n"-5"+1,"-1,234.50"\n"a\n=b",1\n"\n=c","""=d"\n'
    assert marked(text, {}) == (
        b'\'=a,b,problems\n\'=1+1,-5,\n"\'=1,2","a,=b",\n"\'"=1,\'@x,\n'
        b'"\'-5"+1,"-1,234.50",\n"a\n=b",1,\n"\'\n=c","""=d",\n'
    )


def test_words_that_would_be_a_formula_or_break_the_line_do_neither() -> None:
    assert problems([failing(2, None, words="=1\n\x00\u2028\ufdd1 2")]) == "'=1 2"


TEXT = st.text(alphabet=st.sampled_from(list('",;=+-@\t\r\n a1é\ufdd1＝')), max_size=6)
QUOTING = st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.lists(TEXT, min_size=1, max_size=4), min_size=1, max_size=8),
    QUOTING,
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]),
    st.sets(st.integers(1, 20)),
)
def test_read_again_a_csv_file_says_what_it_said_and_marking_it_again_changes_nothing(
    rows: list[list[str]], quoting: Any, end: str, encoding: str, failing_rows: set[int]
) -> None:
    rows[0][0] = "a" + rows[0][0]  # a header that begins within quotes could be read in two ways
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator=end).writerows(rows)
    content = text.getvalue().encode(encoding)
    try:
        before = read_csv("contacts", "contacts.csv", content, standard().limits)
    except Unreadable:
        return
    assume(before is not None and PROBLEMS not in before.columns)
    records = _records(before)
    shapeless = {line for line, cells in records.items() if not _is_shaped(cells, before)}
    said = dict.fromkeys(failing_rows | shapeless, 'x: "é", =1')
    back = mark_csv(content, before, said)
    after = read_text(back)
    assert [_bare(cell) for cell in after.header] == [
        *(_bare(cell) for cell in before.header),
        PROBLEMS,
    ]
    again = _records(after)
    assert list(again) == list(records)
    for line, cells in again.items():
        words = said.get(line, "")
        if line in shapeless:
            assert cells.pop() == f"problems: {words}"
        else:
            told = cells.pop(len(before.header)) if len(cells) > len(before.header) else ""
            assert told.strip() == words
        assert [c.strip() for c in cells if c.strip()] == [
            safe_cell(c).strip() for c in records[line] if c.strip()
        ]
    assert mark_csv(back, after, said) == back


def _records(table: TextTable) -> dict[int, list[str]]:
    """The cells of each record that is not blank, by the line on which it begins."""
    found, line = {}, table.first_line
    for record in table.body.decode().split("\n"):
        cells = [in_words(cell, table.delimiter) for cell in record.split(table.delimiter)]
        if any(cell.strip() for cell in cells):
            found[line] = cells
        line += 1 + record.count(LINE_BREAK_OF_FILE)
    return found


def _is_shaped(cells: list[str], table: TextTable) -> bool:
    """Whether a record has the cells that the header names, and none beyond that hold anything."""
    named = max((n for n, column in enumerate(table.columns, start=1) if column), default=0)
    return len(cells) >= named and not any(cell.strip() for cell in cells[len(table.header) :])


def _bare(heading: str) -> str:
    """A heading without the apostrophe and white space before it."""
    return heading.strip().removeprefix("'").strip()


# --- Zips and folders


def test_a_zip_comes_back_with_the_same_names_and_a_folder_as_a_zip(tmp_path: Path) -> None:
    files = ReturnFiles()
    for path in (
        files.write_zip(tmp_path / "May 2025.zip", inside="in here/"),
        files.write_folder(tmp_path / "May 2025"),
    ):
        back = written(path, [MARK], tmp_path / "back")
        assert back == tmp_path / "back" / "May_2025.zip"
        with zipfile.ZipFile(back) as archive:
            inside = "in here/" if path.suffix else ""
            assert set(archive.namelist()) == {f"{inside}{name}" for name in files.csv_texts()}
            contacts = archive.read(f"{inside}contacts.csv").decode().splitlines()
        assert contacts[0].endswith(",problems")
        assert contacts[1].endswith(',"purpose: holds ""x"""')


def test_only_tables_and_texts_beside_them_come_back(tmp_path: Path) -> None:
    path = ReturnFiles().write_folder(tmp_path / "return")
    (path / "costs.csv").rename(path / "costs.html")
    (path / "macros.xlsm").write_bytes(b"PK\x03\x04")
    (path / "stays.txt").write_bytes(b"PK\x03\x04")
    (path / "run.bat").write_text("del")
    (path / "notes.csv").write_text("a,b\n=1,2\n")
    (path / "empty.csv").write_text(" \n")
    (path / "damaged.csv").write_bytes(b'a\n"\x81')
    (path / "old").mkdir()
    (path / "old" / "contacts.csv").write_text(",\n")
    with zipfile.ZipFile(written(path, [], tmp_path / "back")) as archive:
        names = set(archive.namelist())
        assert archive.read("notes.csv") == b"a,b\n'=1,2\n"
        assert archive.read("old/contacts.csv") == b",\n"
    tables = {f"{name}.csv" for name in standard().tables}
    assert names == tables | {"notes.csv", "empty.csv", "old/contacts.csv"}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("2025-05 return", "2025-05_return"),
        ("../../etc/passwd", "etc_passwd"),
        ("\u202e \n;rm", "rm"),
        ("", "return_"),
        ("con", "return_con"),
        ("LPT1.old", "return_LPT1.old"),
        ("\udcff", "return_"),
        ("x" * 300, "x" * 100),
    ],
)
def test_a_name_becomes_one_that_every_system_takes(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_return_that_cannot_be_read_has_no_file_back(tmp_path: Path) -> None:
    path = tmp_path / "return.zip"
    path.write_bytes(b"PK\x03\x04 and then nothing")
    assert write_file_back(path, [], standard(), tmp_path) is None
    whole = ReturnFiles().write_zip(tmp_path / "whole.zip")
    unread = CellFailure(None, None, None, "return.file.readable", "reject", "no")
    assert write_file_back(whole, [unread], standard(), tmp_path) is None
    assert {p.name for p in tmp_path.iterdir()} == {"return.zip", "whole.zip"}


# --- Workbooks


def marked_book(
    path: Path, failures: Iterable[CellFailure], change: Callable[[Any], None] | None = None
) -> Any:
    """The workbook at `path`, changed and marked: the copy itself, and not the plain one."""
    if change is not None:
        book = openpyxl.load_workbook(path)
        change(book)
        book.save(path)
    back = marked_by_openpyxl(path, failures)
    assert back is not None
    return openpyxl.load_workbook(io.BytesIO(back))


def marked_by_openpyxl(path: Path, failures: Iterable[CellFailure]) -> bytes | None:
    tables = [t for t in read_return(path, standard()) if t.name in standard().tables]
    placed = marked_workbook.place_failures(tables, list(failures))
    return marked_workbook._marked_copy(path.read_bytes(), placed, standard())


def colour(cell: Any) -> str | None:
    return cell.fill.fgColor.rgb[-6:] if cell.fill.fill_type == "solid" else None


@pytest.fixture
def book_path(tmp_path: Path) -> Path:
    return ReturnFiles().write_workbook(tmp_path / "return.xlsm")


def test_a_failing_cell_has_a_colour_a_note_and_a_row_that_says_why(book_path: Path) -> None:
    def change(book: Any) -> None:
        sheet = book["contacts"]
        sheet["F2"].font = Font(bold=True)
        sheet.column_dimensions["A"].width = 33
        book["costs"].sheet_state = "hidden"

    sheet = marked_book(book_path, [MARK, failing(2, "purpose", words="two")], change)["contacts"]
    assert (colour(sheet["F2"]), sheet["F2"].comment.text) == (COLOUR, f"{SAID}\npurpose: two")
    assert sheet["F2"].font.bold
    assert [row[8].value for row in sheet.iter_rows()] == [PROBLEMS, f"{SAID} | purpose: two", None]
    assert (colour(sheet["F3"]), sheet["F3"].comment) == (None, None)
    assert sheet.column_dimensions["A"].width == 33
    assert sheet.parent["costs"].sheet_state == "hidden"


def test_what_has_no_cell_of_its_own_marks_the_nearest(book_path: Path) -> None:
    book = marked_book(
        book_path,
        [
            failing(3, None, words="row"),
            failing(None, "Purpose", words="column"),
            failing(None, "no_such", words="missing column"),
            failing(None, None, "no_such_table", "missing table"),
            failing(None, None, None, "whole return"),
        ],
    )
    notes = {
        (sheet.title, cell.coordinate): cell.comment.text
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    }
    assert notes == {
        ("contacts", "A3"): "row",
        ("contacts", "F1"): "Purpose: column",
        ("contacts", "A1"): "no_such: missing column",
        ("return", "A1"): "missing table\nwhole return",
    }


def test_no_formula_link_macro_or_drawing_comes_back(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "return.xlsx"
    book = xlsxwriter.Workbook(path)
    for name, rows in ReturnFiles().tables.items():
        sheet = book.add_worksheet(name)
        for column, field in enumerate(rows[0]):
            sheet.write_string(0, column, field)
            for row, values in enumerate(rows, start=1):
                sheet.write_string(row, column, values[field])
    contacts = book.get_worksheet_by_name("contacts")
    contacts.write_formula("H2", "=10+20", None, 30)
    contacts.write_formula("H3", "=WEBSERVICE(A1)", None, "")
    contacts.write_string("F2", "=1+1")
    contacts.write_url("F3", "file://host/share", string="housing")
    contacts.data_validation("E2:E9", {"validate": "list", "source": ["a", "b"]})
    contacts.data_validation("D2:D9", {"validate": "custom", "value": "=HYPERLINK(A1)"})
    contacts.conditional_format("E2:E9", {"type": "formula", "criteria": "=NOW()>1"})
    contacts.conditional_format("D2:D9", {"type": "cell", "criteria": ">", "value": 5})
    book.define_name("acts", "=cmd|'/c calc'!A0")
    book.define_name("points", "=contacts!$A$1")
    chart = book.add_chart({"type": "bar"})
    chart.add_series({"values": "=contacts!$H$2:$H$3"})
    contacts.insert_chart("K2", chart)
    guide = book.add_worksheet("guide")
    guide.insert_textbox(0, 0, "read me")
    (tmp_path / "vba.bin").write_bytes(b"\xd0\xcf\x11\xe0 macros")
    book.add_vba_project(str(tmp_path / "vba.bin"))
    book.close()

    back = marked_by_openpyxl(path, [])
    assert back is not None
    with zipfile.ZipFile(io.BytesIO(back)) as archive:
        for name in archive.namelist():
            assert not any(
                word in name.lower() for word in ("vba", "chart", "drawing", "link", "embed")
            )
            xml = archive.read(name)
            assert b"<f>" not in xml
            assert b"file://" not in xml
            assert b"macroEnabled" not in xml
    again = openpyxl.load_workbook(io.BytesIO(back))
    sheet = again["contacts"]
    assert (sheet["H2"].value, sheet["H2"].data_type) == (30, "n")
    assert (sheet["F2"].value, sheet["F2"].data_type, sheet["F2"].quotePrefix) == (
        "=1+1",
        "s",
        True,
    )
    assert (sheet["F3"].value, sheet["F3"].hyperlink) == ("housing", None)
    assert [v.formula1 for v in sheet.data_validations.dataValidation] == ['"a,b"']
    assert [str(ranges.sqref) for ranges in sheet.conditional_formatting] == ["D2:D9"]
    assert list(again.defined_names) == ["points"]


def test_a_formula_without_a_saved_value_comes_back_as_its_text(book_path: Path) -> None:
    def change(book: Any) -> None:
        book["contacts"]["H2"] = "=10+20"
        book["contacts"]["H3"] = "#DIV/0!"
        book["contacts"]["H3"].data_type = "e"

    sheet = marked_book(book_path, [], change)["contacts"]
    assert (sheet["H2"].value, sheet["H2"].data_type, sheet["H2"].quotePrefix) == (
        "=10+20",
        "s",
        True,
    )
    assert (sheet["H3"].value, sheet["H3"].data_type) == ("#DIV/0!", "e")


def test_numbers_keep_all_their_digits(book_path: Path) -> None:
    def change(book: Any) -> None:
        book["contacts"]["H2"] = 8128

    marked_book(book_path, [], change)
    rewrite_contacts(book_path, b"<v>8128</v>", b"<v>0.30000000000000004</v>")
    assert marked_book(book_path, [])["contacts"]["H2"].value == 0.1 + 0.2


def rewrite_contacts(path: Path, old: bytes, new: bytes) -> None:
    """Puts other XML into the sheet of contacts."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    contacts = f"xl/worksheets/sheet{list(standard().tables).index('contacts') + 1}.xml"
    assert parts[contacts].count(old) == 1
    parts[contacts] = parts[contacts].replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for name, xml in parts.items():
            archive.writestr(name, xml)


def test_the_providers_own_note_and_colour_stay(book_path: Path) -> None:
    def change(book: Any) -> None:
        book["contacts"]["F2"].comment = Comment("ask Ann", "Ben")
        book["contacts"]["F3"].comment = Comment("ask Cem", "Ben")
        book["contacts"]["F3"].fill = PatternFill("solid", fgColor="FFFF00")

    sheet = marked_book(book_path, [MARK], change)["contacts"]
    assert sheet["F2"].comment.text == f"{SAID}\n\nThe note that was here before:\nask Ann"
    assert (sheet["F3"].comment.text, sheet["F3"].comment.author) == ("ask Cem", "Ben")
    assert colour(sheet["F3"]) == "FFFF00"


def test_a_workbook_that_comes_back_a_second_time_is_marked_anew(book_path: Path) -> None:
    def change(book: Any) -> None:
        book["contacts"]["F2"].comment = Comment("ask Ann", "Ben")

    first = marked_book(book_path, [MARK, failing(3, "attendance")], change)
    first.save(book_path)
    sheet = marked_book(book_path, [failing(3, "purpose", words="new")])["contacts"]
    assert (colour(sheet["F2"]), sheet["F2"].comment.text) == (None, "ask Ann")
    assert (colour(sheet["E3"]), sheet["E3"].comment) == (None, None)
    assert (colour(sheet["F3"]), sheet["F3"].comment.text) == (COLOUR, "purpose: new")
    assert [cell.value for cell in sheet["I"]] == [PROBLEMS, None, "purpose: new"]
    assert sheet.max_column == 9


def test_a_cell_within_a_merged_range_is_marked_at_its_first(book_path: Path) -> None:
    def change(book: Any) -> None:
        sheet = book["contacts"]
        sheet["G2"] = sheet["H2"] = None
        sheet.merge_cells("F2:H2")

    sheet = marked_book(book_path, [failing(2, "bedded_down")], change)["contacts"]
    assert (colour(sheet["F2"]), sheet["F2"].comment.text) == (COLOUR, "bedded_down: wrong")
    assert [str(merged) for merged in sheet.merged_cells] == ["F2:H2"]


def test_a_filter_and_a_table_take_the_new_column_in(book_path: Path) -> None:
    def change(book: Any) -> None:
        book["contacts"].auto_filter.ref = "A1:H3"
        book["people"].add_table(Table(displayName="t", ref="A1:F3"))

    book = marked_book(book_path, [MARK], change)
    assert book["contacts"].auto_filter.ref == "A1:I3"
    table = book["people"].tables["t"]
    assert (table.ref, table.tableColumns[-1].name) == ("A1:G3", PROBLEMS)


def test_the_column_stands_where_nothing_else_does(book_path: Path) -> None:
    def change(book: Any) -> None:
        book["contacts"]["I3"] = "a remark"

    sheet = marked_book(book_path, [MARK], change)["contacts"]
    assert (sheet["I3"].value, sheet["J1"].value, sheet["J2"].value) == ("a remark", PROBLEMS, SAID)


def test_beyond_so_many_notes_there_is_colour_and_the_column(
    book_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marked_workbook, "MOST_NOTES", 2)
    failures = [MARK, failing(3, "purpose"), failing(None, "purpose", words="all")]
    sheet = marked_book(book_path, failures)["contacts"]
    assert [bool(cell.comment) for cell in sheet["F"]] == [True, True, False]
    assert [colour(cell) for cell in sheet["F"]] == [COLOUR] * 3
    assert sheet["I3"].value == "purpose: wrong"


@pytest.mark.parametrize(
    "trap",
    [
        b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
        b'<mergeCells><mergeCell a=">" ref="A1:XFD1048576"/></mergeCells>',
        b'<hyperlinks><hyperlink ref="A1:B1048576" location="x"/></hyperlinks>',
        # The cells of a merged range behind its first may hold values, which openpyxl forgets.
        b'<mergeCells><mergeCell ref="A2:B2"/></mergeCells>',
    ],
)
def test_what_openpyxl_would_choke_on_or_lose_comes_back_plain(
    trap: bytes, book_path: Path
) -> None:
    rewrite_contacts(book_path, b"</sheetData>", b"</sheetData>" + trap)
    assert marked_by_openpyxl(book_path, [MARK]) is None
    tables = read_return(book_path, standard())
    back = mark_workbook(book_path.read_bytes(), tables, [MARK], standard())
    sheet = openpyxl.load_workbook(io.BytesIO(back))["contacts"]
    assert (colour(sheet["F2"]), sheet["F2"].comment.text, sheet["I2"].value) == (
        COLOUR,
        SAID,
        SAID,
    )
    assert says_the_same(tables, back, book_path)


def says_the_same(tables: list[TextTable], back: bytes, beside: Path) -> bool:
    """Whether a marked workbook reads as `tables`, the column `problems` left out."""
    path = beside.with_name("again.xlsx")
    path.write_bytes(back)
    again = {table.name: table for table in read_return(path, standard())}
    for table in tables:
        new = again[table.name]
        width = len(table.header)
        assert new.header[:width] == table.header
        assert new.header[-1] == PROBLEMS
        assert [row for r in rows_of(new) if any(row := r[:width])] == rows_of(table)
        assert new.first_line == table.first_line
    return True


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(date(1900, 3, 1), date(2200, 1, 1)),
    st.datetimes(datetime(1900, 3, 1), datetime(2200, 1, 1)),
    st.times(),
    st.text(alphabet=st.sampled_from(list("=+-@ \n\ta1é_x0041\"'")), max_size=8),
    st.sampled_from(["=A1", "=1+1"]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.lists(VALUES, max_size=10), max_size=6),
    above=st.integers(0, 2),
    failing_rows=st.sets(st.integers(1, 9)),
)
def test_read_again_a_workbook_says_what_it_said(
    rows: list[list[Any]], above: int, failing_rows: set[int], tmp_path_factory: Any
) -> None:
    path = tmp_path_factory.mktemp("book") / "return.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "contacts"
    for _ in range(above):
        sheet.append([])
    for row in [["contact_id", "Purpose", None, "kind"], *rows]:
        sheet.append(row)
    book.save(path)
    tables = read_return(path, standard())
    failures = [failing(above + 1 + row, "purpose") for row in failing_rows]
    placed = marked_workbook.place_failures(tables, failures)
    plain = marked_workbook._plain_workbook(placed)
    for back in (mark_workbook(path.read_bytes(), tables, failures, standard()), plain):
        path.write_bytes(back)
        after = read_return(path, standard())[0]
        for old, new in zip(
            tables[0].body.decode().split("\n"), after.body.decode().split("\n"), strict=False
        ):
            if "\ufdd0" not in old:
                assert [c for c in new.split("\x1f")[:4] if c] == [
                    c for c in old.split("\x1f")[:4] if c
                ]
        assert after.header[:4] == tables[0].header[:4]


# --- All of it


def test_every_sample_return_comes_back_saying_what_it_said(tmp_path: Path) -> None:
    write_sample(
        tmp_path, providers=3, months=1, seed=5, faults=0.05, as_at=date(2026, 4, 15), people=60
    )
    found = 0
    for path in sorted((tmp_path / "returns").glob("*/*")):
        failures = [failing(row, "purpose") for row in range(2, 6)]
        before = read_return(path, standard())
        back = written(path, failures, tmp_path / "back")
        if back.suffix == ".xlsx":
            assert marked_by_openpyxl(path, failures) is not None
        after = {table.name: table for table in read_return(back, standard())}
        for table in before:
            width = len(table.header)
            assert after[table.name].first_line == table.first_line
            for old, new in zip(rows_of(table), rows_of(after[table.name]), strict=True):
                if len(old) <= width:
                    new = new[:width]  # noqa: PLW2901
                    while new and not new[-1]:
                        new.pop()
                assert [safe_cell(cell) for cell in old] == [
                    safe_cell(cell) for cell in new if not cell.startswith("problems: ")
                ]
        found += 1
    assert found == 3


def test_a_file_that_goes_back_and_is_sent_again_is_judged_as_before(tmp_path: Path) -> None:
    files = ReturnFiles().set("contacts", 1, attendance="?").set("people", 0, gender="")
    files.add("contacts", contact_id="C9", episode_id="none")
    for path in (files.write_zip(tmp_path / "a.zip"), files.write_workbook(tmp_path / "b.xlsx")):
        before = judge_one(path, tmp_path / "aside").failures[0]
        failures = [CellFailure(t, r, f, rule, "error", "wrong") for rule, t, r, f in before]
        back = written(path, failures, tmp_path / "back")
        after = judge_one(back, tmp_path / "aside").failures[0]
        assert len(before) > 2
        added = [failure for failure in after if failure not in before]
        assert [failure for failure in after if failure in before] == before
        assert {(rule, field) for rule, _, _, field in added} == {("return.column.known", PROBLEMS)}


SCRIPT = """
import sys
from pathlib import Path
from orchestration.facts import standard
from orchestration.reports.file_back import CellFailure, write_file_back
fails = [CellFailure("contacts", 2, "purpose", "r", "error", "wrong")]
for path in sys.argv[2:]:
    write_file_back(Path(path), fails, standard(), Path(sys.argv[1]))
"""


def test_the_same_return_gives_the_same_bytes(tmp_path: Path) -> None:
    book = ReturnFiles().write_workbook(tmp_path / "return.xlsx")
    changed = openpyxl.load_workbook(book)
    for columns in ("K1:L1", "N1:O1", "K3:L3", "M5:N5"):
        changed["costs"].merge_cells(columns)
    validation = DataValidation("list", formula1='"a,b"', sqref="A2:A5 B7:B9 D2")
    changed["costs"].add_data_validation(validation)
    changed.defined_names["points"] = DefinedName("points", attr_text="costs!$A$1")
    changed.save(book)
    paths = [str(book), str(ReturnFiles().write_zip(tmp_path / "csv.zip"))]
    for seed in ("1", "2"):
        (tmp_path / seed).mkdir()
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(tmp_path / seed), *paths],
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": f"UTC+{seed}"},
        )
    for name in ("return.xlsx", "csv.zip"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
