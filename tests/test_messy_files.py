"""Files as people really send them: each reads as return-standard.md says, and never otherwise."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestration.facts import standard
from orchestration.intake.read import read_return
from orchestration.intake.read_csv import open_quotes, read_csv, without_empty_ends
from orchestration.intake.text_tables import Unreadable
from tests.judging import Judged, judge_one, judge_paths
from tests.raw_workbooks import MAIN, sheet, table_rows, write_raw_workbook
from tests.return_files import ReturnFiles, csv_text

Found = tuple[str, str | None, int | None, str | None]
STRICT = "http://purl.oclc.org/ooxml"
CONTACTS = csv_text(ReturnFiles().tables["contacts"])
HEADER, FIRST, SECOND = CONTACTS.splitlines()
WORD_TYPES = "<Types/>"


@dataclass(frozen=True)
class Case:
    """A messy file: how it is made (given a folder, gives the return's path); the failures
    (rule, table, row, field); the identifiers of the contacts that count."""

    make: Callable[[Path], Path]
    failures: tuple[Found, ...] = ()
    contacts: tuple[str, ...] = ("C1", "C2")


def csv_bytes(content: bytes | str, name: str = "contacts.csv") -> Callable[[Path], Path]:
    """A clean folder but for the contacts, which are these bytes under that name."""

    def make(folder: Path) -> Path:
        path = ReturnFiles().write_folder(folder / "return")
        (path / "contacts.csv").unlink()
        (path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


def contact_rows(**cells: str) -> list[str]:
    """The contacts as rows of a sheet, with the first contact's cells of these columns replaced by
    the XML given (`r` is put in)."""
    header = HEADER.split(",")
    rows = table_rows(ReturnFiles(), "contacts")
    values = FIRST.split(",")
    written = []
    for number, (column, value) in enumerate(zip(header, values, strict=True)):
        place = f'r="{chr(65 + number)}2"'
        usual = f'<c {place} t="inlineStr"><is><t>{value}</t></is></c>' if value else ""
        written.append(cells[column].replace("<c", f"<c {place}", 1) if column in cells else usual)
    rows[1] = f'<row r="2">{"".join(written)}</row>'
    return rows


def workbook(
    strings: str = "", styles: str = "", properties: str = "", **cells: str
) -> Callable[[Path], Path]:
    """A clean workbook but for the first contact's cells: see `contact_rows`."""

    def make(folder: Path) -> Path:
        parts = {
            "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
            "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
        }
        return write_raw_workbook(
            folder / "return.xlsx",
            {"contacts": sheet(contact_rows(**cells))},
            parts,
            workbook=properties,
        )

    return make


def edited(edit: Callable[[openpyxl.Workbook], None]) -> Callable[[Path], Path]:
    """A clean workbook as openpyxl writes it, with a change."""

    def make(folder: Path) -> Path:
        path = ReturnFiles().write_workbook(folder / "return.xlsx")
        book = openpyxl.load_workbook(path)
        edit(book)
        book.save(path)
        return path

    return make


def type_of(field: str, line: int = 2) -> tuple[Found, ...]:
    return ((f"contacts.{field}.type", "contacts", line, field),)


def no_column(table: str, *given: str) -> tuple[Found, ...]:
    """The failures of a table of which none of the required columns is there but those given."""
    return tuple(
        ("return.column.present", table, None, field.name)
        for field in standard().tables[table].fields
        if field.required and field.name not in given
    )


def merge_and_hide(book: openpyxl.Workbook) -> None:
    contacts = book["contacts"]
    contacts.merge_cells("H2:J3")
    contacts.row_dimensions[2].hidden = True
    contacts.column_dimensions["C"].hidden = True
    book["people"].sheet_state = "veryHidden"
    book.move_sheet("narratives", -12)


def style_far(book: openpyxl.Workbook) -> None:
    bold = openpyxl.styles.Font(bold=True)
    for number in range(4, 504):
        for column in range(1, 9):
            book["contacts"].cell(number, column).font = bold
    book["contacts"].cell(2, 16_384).font = bold
    book["contacts"].cell(1_048_576, 1).font = bold


def loose_headings(book: openpyxl.Workbook) -> None:
    headings = ["Contact ID", " EPISODE-ID ", "Contact-Date", "contact type", "ATTENDANCE"]
    for cell, heading in zip(book["contacts"][1], headings, strict=False):
        cell.value = heading


def blank_rows_above(book: openpyxl.Workbook) -> None:
    book["contacts"].insert_rows(1, 3)
    book["contacts"].insert_rows(5, 2)
    book["contacts"]["D8"].value = "no such type"


def note_beside(book: openpyxl.Workbook) -> None:
    book["contacts"]["K2"].value = "checked by Jo"
    book.create_sheet("Notes")["A1"].value = "some notes"
    book.create_sheet("Empty")


def half_a_character_beside(book: openpyxl.Workbook) -> None:
    book["contacts"]["I1"].value = "_xD800_"


def dates_mixed(book: openpyxl.Workbook) -> None:
    book["contacts"]["C2"].value = dt.datetime(2025, 5, 6)
    book["contacts"]["C3"].value = "06/05/2025"


def dates_as_numbers(book: openpyxl.Workbook) -> None:
    book["contacts"]["C2"].value = 45783
    book["contacts"]["C3"].value = dt.datetime(2025, 5, 6, 10, 30)


def zip_of(**files: bytes | str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / "return.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in files.items():
                archive.writestr(name.replace("__", "/"), content)
        return path

    return make


def lone(content: bytes, name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


def word_file(folder: Path) -> Path:
    path = folder / "return.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", WORD_TYPES)
        archive.writestr("word/document.xml", "<document/>")
    return path


def beside(name: str, content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = ReturnFiles().write_folder(folder / "return")
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_bytes(content)
        return path

    return make


def libreoffice(folder: Path) -> Path:
    """As LibreOffice writes it: shared strings with xml:space, date cells by a style of its own."""
    texts = ["attended", "clinic", "C1", "E1", "housing"]
    strings = "".join(f'<si><t xml:space="preserve">{text}</t></si>' for text in texts)
    styles = (
        '<numFmts count="2"><numFmt numFmtId="164" formatCode="General"/>'
        '<numFmt numFmtId="165" formatCode="dd/mm/yyyy"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="165"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs>'
    )
    cells = {
        "contact_id": '<c s="0" t="s"><v>2</v></c>',
        "episode_id": '<c s="0" t="s"><v>3</v></c>',
        "contact_date": '<c s="1" t="n"><v>45783</v></c>',
        "contact_type": '<c s="0" t="s"><v>1</v></c>',
        "attendance": '<c s="0" t="s"><f aca="false">A1</f><v>0</v></c>',
        "purpose": '<c s="0" t="str"><f aca="false">A2</f><v>housing</v></c>',
        "duration_minutes": '<c s="0" t="n"><f aca="false">10+20</f><v>30</v></c>',
    }
    return workbook(strings, styles, **cells)(folder)


def strict(folder: Path) -> Path:
    """As Excel saves a "Strict Open XML Spreadsheet": other namespaces, dates in words."""
    rows = contact_rows(contact_date='<c t="d"><v>2025-05-06T00:00:00</v></c>')
    main = f"{STRICT}/spreadsheetml/main"
    return write_raw_workbook(
        folder / "return.xlsx",
        {"contacts": sheet(rows, main=main)},
        main=main,
        references=f"{STRICT}/officeDocument/relationships",
    )


def prefixed(folder: Path) -> Path:
    """As some libraries write it: every element with a prefix, no reference in rows or cells."""
    xml = sheet(table_rows(ReturnFiles(), "contacts"))
    for name in ("worksheet", "sheetData", "row", "c", "is", "t"):
        xml = xml.replace(f"<{name} ", f"<x:{name} ").replace(f"<{name}>", f"<x:{name}>")
        xml = xml.replace(f"</{name}>", f"</x:{name}>")
    xml = xml.replace("xmlns=", "xmlns:x=")
    for number in (1, 2, 3):
        xml = xml.replace(f' r="{number}"', "")
    return write_raw_workbook(folder / "return.xlsx", {"contacts": xml})


def date_cell(code: str, value: str, epoch: str = "") -> Callable[[Path], Path]:
    styles = (
        f'<numFmts><numFmt numFmtId="170" formatCode="{code}"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs>'
    )
    cell = f'<c s="1"><v>{value}</v></c>'
    return workbook("", styles, epoch, contact_date=cell)


C = "contacts"
CODE = ("contacts.contact_type.code", C, 8, "contact_type")
UNREADABLE: tuple[Found, ...] = (("return.file.readable", None, None, None),)
NO_CONTACTS: tuple[str, ...] = ()
CASES = {
    # CSV: encodings, line ends, delimiters
    "utf-8 with a mark": Case(csv_bytes(CONTACTS.encode("utf-8-sig"))),
    "utf-16 little-endian": Case(csv_bytes(b"\xff\xfe" + CONTACTS.encode("utf-16-le"))),
    "utf-16 big-endian": Case(csv_bytes(b"\xfe\xff" + CONTACTS.encode("utf-16-be"))),
    "windows-1252": Case(
        csv_bytes(CONTACTS.replace("housing", "caf\xe9").encode("cp1252")),
        tuple(("contacts.purpose.code", C, line, "purpose") for line in (2, 3)),
        NO_CONTACTS,
    ),
    "bytes that are no text": Case(csv_bytes(CONTACTS.encode() + b"\x81"), UNREADABLE, NO_CONTACTS),
    "utf-16 cut in the middle": Case(
        csv_bytes(CONTACTS.encode("utf-16")[:-1]), UNREADABLE, NO_CONTACTS
    ),
    "old Mac line ends": Case(csv_bytes(CONTACTS.replace("\r\n", "\r"))),
    "no line end at the end": Case(csv_bytes(CONTACTS.rstrip())),
    "line ends of all kinds": Case(csv_bytes(f"{HEADER}\r{FIRST}\n{SECOND}\r\n")),
    "semicolons": Case(csv_bytes(CONTACTS.replace(",", ";"))),
    "tabs under the name of a text": Case(csv_bytes(CONTACTS.replace(",", "\t"), "Contacts.TXT")),
    "bars, no extension": Case(csv_bytes(CONTACTS.replace(",", "|"), " contacts")),
    "tsv": Case(csv_bytes(CONTACTS.replace(",", "\t"), "contacts.tsv")),
    # CSV: quotes
    "everything in quotes": Case(
        csv_bytes(
            "\r\n".join(
                ",".join(f'"{c}"' for c in line.split(",")) for line in CONTACTS.splitlines()
            )
        )
    ),
    "line breaks in quotes count as lines": Case(
        csv_bytes(f'{HEADER}\n"C1\n",E1,2025-05-06,clinic,attended,"\r\nhousing",,30\nC2\n'),
        (("contacts.row.shape", C, 5, None),),
        ("C1",),
    ),
    "a heading of two lines": Case(
        csv_bytes(CONTACTS.replace("contact_id", '"contact_id\n"', 1).replace("clinic", "x", 1)),
        (("contacts.contact_type.code", C, 3, "contact_type"),),
        ("C2",),
    ),
    "a heading that begins with a line break": Case(
        csv_bytes(CONTACTS.replace("contact_id", '"\r\ncontact_id"', 1).replace("clinic", "x", 1)),
        (("contacts.contact_type.code", C, 3, "contact_type"),),
        ("C2",),
    ),
    "blank rows of quotes above such a heading": Case(
        csv_bytes(
            ' ;\r\n"","\r\n ",\r\n\xa0\r\n'
            + CONTACTS.replace("contact_id", '"\r\ncontact_id"', 1).replace("clinic", "x", 1)
        ),
        (("contacts.contact_type.code", C, 7, "contact_type"),),
        ("C2",),
    ),
    "a header with an inch sign, and other delimiters in quotes": Case(
        csv_bytes(
            "".join(
                line.replace(",", ";") + cells + "\r\n"
                for line, cells in zip(
                    CONTACTS.splitlines(),
                    (';6" nail;5" nail;"a,b,c,d,e,f,g,h,i,j"', ";;;", ";;;"),
                    strict=True,
                )
            )
        ),
        tuple(
            ("return.column.known", C, None, heading)
            for heading in ('5" nail', '6" nail', "a,b,c,d,e,f,g,h,i,j")
        ),
    ),
    "a quote closes in mid-cell": Case(
        csv_bytes(CONTACTS.replace("housing", '"hous"ing"', 1)),
        (("contacts.purpose.code", C, 2, "purpose"),),
        ("C2",),
    ),
    "a quote in mid-cell": Case(
        csv_bytes(CONTACTS.replace("housing", 'h"o', 1)),
        (("contacts.purpose.code", C, 2, "purpose"),),
        ("C2",),
    ),
    "a quote is never closed": Case(
        csv_bytes(CONTACTS.replace("housing", '"housing', 1)), UNREADABLE, NO_CONTACTS
    ),
    # CSV: rows
    "ragged rows": Case(
        csv_bytes(f"{HEADER}\n{FIRST},,\n{SECOND},x\nC3,E1\n"),
        (("contacts.row.shape", C, 3, None), ("contacts.row.shape", C, 4, None)),
        ("C1",),
    ),
    "blank rows and rows of delimiters": Case(
        csv_bytes(f'\n ,,\n{HEADER}\n\n{FIRST}\n,,,,,,,\n" ","",\n\t\n{SECOND}\n\n')
    ),
    "a row that holds a quoted delimiter is not blank": Case(
        csv_bytes(f'{CONTACTS}"," ,,,,,,,\n'),
        (
            ("contacts.attendance.required", C, 4, "attendance"),
            ("contacts.contact_date.required", C, 4, "contact_date"),
            ("contacts.contact_id.type", C, 4, "contact_id"),
            ("contacts.contact_type.required", C, 4, "contact_type"),
            ("contacts.episode_id.required", C, 4, "episode_id"),
        ),
    ),
    "white space of every kind is trimmed": Case(
        csv_bytes(CONTACTS.replace("clinic", "\xa0 clinic\u2003\u3000").replace("C2", '"C2\n"'))
    ),
    "line breaks at the ends of quoted cells are trimmed": Case(
        csv_bytes(CONTACTS.replace("C2", '"\nC2\r\n"'))
    ),
    "formatted far to the right": Case(
        csv_bytes("".join(line + "," * 16_000 + "\n" for line in (HEADER + ",x", FIRST, SECOND))),
        (("return.column.known", C, None, None),) * 16_000
        + (("return.column.known", C, None, "x"),),
    ),
    "long empty ends below a header that is not": Case(
        csv_bytes(f"{HEADER}\n{FIRST}{',' * 16_000}\n{SECOND}{',' * 16_000}x\n"),
        (("contacts.row.shape", C, 3, None),),
        ("C1",),
    ),
    "a table of a header only": Case(csv_bytes(HEADER), (), NO_CONTACTS),
    "an empty file is no table": Case(
        csv_bytes(" \n,,\n"), (("return.table.present", C, None, None),), NO_CONTACTS
    ),
    "a title above the header": Case(
        csv_bytes("Monthly return\n\n" + CONTACTS),
        (
            ("return.column.known", C, None, "Monthly return"),
            *no_column(C),
            *(("contacts.row.shape", C, line, None) for line in (3, 4, 5)),
        ),
        NO_CONTACTS,
    ),
    "a column twice and one without a name": Case(
        csv_bytes(
            "".join(
                f"{line},{cell},\r\n"
                for line, cell in zip(
                    CONTACTS.splitlines(), ("Contact ID", "C9", "C9"), strict=True
                )
            )
        ),
        (
            ("return.column.known", C, None, "Contact ID"),
            ("return.column.known", C, None, None),
        ),
    ),
    "NULL, N/A and - are values": Case(
        csv_bytes(CONTACTS.replace("2025-05-06", "NULL", 1).replace(",30", ",-", 1)),
        (*type_of("contact_date"), *type_of("duration_minutes")),
        ("C2",),
    ),
    # folders and zips
    "notes and binary files beside the tables": Case(
        beside("photo.jpg", b"\xff\xd8\x81"), (("return.table.known", "photo", None, None),)
    ),
    "a picture beside the tables": Case(beside("logo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")),
    "a note in UTF-16 beside the tables": Case(
        beside("notes.txt", "notes".encode("utf-16")),
        (("return.table.known", "notes", None, None),),
    ),
    "a picture named as a table": Case(
        csv_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x81", "contacts.png"),
        UNREADABLE,
        NO_CONTACTS,
    ),
    "a workbook beside the tables": Case(beside("copy of contacts.xlsx", b"PK\x03\x04...")),
    "what a Mac adds": Case(beside("__MACOSX/contacts.csv", b"\x00\x05")),
    "a table twice": Case(beside("CONTACTS .txt", HEADER.encode()), UNREADABLE, NO_CONTACTS),
    "a zip of folders made on Windows": Case(
        lambda folder: ReturnFiles().write_zip(folder / "return.csv", "May\\tables\\")
    ),
    "a zip with nothing in it but a workbook": Case(
        zip_of(inner=b"PK\x03\x04"), UNREADABLE, NO_CONTACTS
    ),
    "a lone CSV file": Case(lone(CONTACTS.encode(), "contacts.csv"), UNREADABLE, NO_CONTACTS),
    "a PDF": Case(lone(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "r.xlsx"), UNREADABLE, NO_CONTACTS),
    "a Word file": Case(word_file, UNREADABLE, NO_CONTACTS),
    "an OpenDocument spreadsheet": Case(
        zip_of(mimetype="application/vnd.oasis.opendocument.spreadsheet", content="<office/>"),
        UNREADABLE,
        NO_CONTACTS,
    ),
    "an empty file as return": Case(lone(b"", "return.zip"), UNREADABLE, NO_CONTACTS),
    # workbooks
    "a workbook named as a CSV file": Case(
        lambda folder: ReturnFiles().write_workbook(folder / "return.csv")
    ),
    "sheets in another order, hidden, merged cells": Case(edited(merge_and_hide)),
    "hundreds of styled empty rows": Case(edited(style_far)),
    "headings written loosely": Case(edited(loose_headings)),
    "blank rows of a sheet": Case(edited(blank_rows_above), (CODE,), ("C1",)),
    "a note beside a table of a sheet": Case(
        edited(note_beside),
        (("return.column.known", C, None, None), ("return.table.known", "notes", None, None)),
    ),
    "dates as dates and as text": Case(edited(dates_mixed)),
    "dates as numbers, and with a time": Case(
        edited(dates_as_numbers),
        (*type_of("contact_date"), *type_of("contact_date", 3)),
        NO_CONTACTS,
    ),
    "as LibreOffice writes it": Case(libreoffice),
    "strict Open XML": Case(strict),
    "prefixes, and no references": Case(prefixed),
    "rich text and phonetic hints": Case(
        workbook(
            "<si><r><t>hou</t></r><r><rPr><b/></rPr><t>sing</t></r><rPh><t>x</t></rPh></si>",
            purpose='<c t="s"><v>0</v></c>',
        )
    ),
    "escaped carriage returns": Case(
        workbook(purpose='<c t="inlineStr"><is><t>housing_x000D_</t></is></c>')
    ),
    "a formula that gave an empty text is missing": Case(
        workbook(duration_minutes='<c t="str"><f>""</f><v></v></c>')
    ),
    "a formula without a saved value": Case(
        workbook(duration_minutes="<c><f>10+20</f><v/></c>"), type_of("duration_minutes"), ("C2",)
    ),
    "an error value": Case(
        workbook(purpose='<c t="e"><f>1/0</f><v>#DIV/0!</v></c>'), type_of("purpose"), ("C2",)
    ),
    "an error without a name": Case(
        workbook(purpose='<c t="e"><v></v></c>'), type_of("purpose"), ("C2",)
    ),
    "half a character": Case(
        workbook(purpose='<c t="inlineStr"><is><t>housing_xD800_</t></is></c>'),
        (("contacts.purpose.code", C, 2, "purpose"),),
        ("C2",),
    ),
    "half a character in a heading": Case(
        edited(half_a_character_beside), (("return.column.known", C, None, "\ufffd"),)
    ),
    "a boolean of two lines": Case(
        workbook(bedded_down='<c t="b"><v>a\nb</v></c>'),
        (("contacts.bedded_down.code", C, 2, "bedded_down"),),
        ("C2",),
    ),
    "a boolean": Case(
        workbook(bedded_down='<c t="b"><v>1</v></c>'),
        (("contacts.bedded_down.code", C, 2, "bedded_down"),),
        ("C2",),
    ),
    "12.0 is 12": Case(workbook(duration_minutes="<c><v>12.0</v></c>")),
    "1.2E1 is 12": Case(workbook(duration_minutes="<c><v>1.2E1</v></c>")),
    "1E-7 is no whole number": Case(
        workbook(duration_minutes="<c><v>1E-7</v></c>"), type_of("duration_minutes"), ("C2",)
    ),
    "a number that is none": Case(
        workbook(duration_minutes="<c><v>1e999</v></c>"), type_of("duration_minutes"), ("C2",)
    ),
    "days counted from 1904": Case(
        date_cell("d mmm yyyy", "44321", '<workbookPr date1904="1"/>'),
    ),
    "a date of any format": Case(date_cell("[$-809]dddd, d mmmm yyyy;@", "45783")),
    "a number whose format is a date's in a conditional format": Case(
        workbook(
            "",
            '<numFmts><numFmt numFmtId="170" formatCode="0.00"/></numFmts>'
            '<cellXfs><xf numFmtId="170"/></cellXfs>'
            '<dxfs><dxf><numFmt numFmtId="170" formatCode="yyyy-mm-dd"/></dxf></dxfs>',
            duration_minutes='<c s="0"><v>30</v></c>',
        )
    ),
    "a percentage that looks like a date is a number": Case(
        date_cell("0.0%", "45783"), type_of("contact_date"), ("C2",)
    ),
    "a day that no calendar has": Case(
        date_cell("dd/mm/yyyy", "99999999"), type_of("contact_date"), ("C2",)
    ),
    "a time for a date": Case(date_cell("hh:mm", "0.5"), type_of("contact_date"), ("C2",)),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """Every case, judged together: each return is judged as if alone, and sixty times as fast."""
    folder = tmp_path_factory.mktemp("messy")
    paths = []
    for number, case in enumerate(CASES.values()):
        place = folder / str(number)
        place.mkdir()
        paths.append(case.make(place))
    return judge_paths(paths, folder / "aside")


@pytest.mark.parametrize("name", CASES)
def test_a_messy_file_reads_as_the_standard_says(name: str, judged: Judged) -> None:
    case, number = CASES[name], list(CASES).index(name)
    assert judged.failures[number] == sorted(case.failures, key=_order)
    contacts = [row[1] for row in judged.accepted_rows["contacts"] if row[0] == number]
    assert tuple(contacts) == case.contacts


def _order(found: Found) -> tuple[object, ...]:
    """As SQL orders: what is missing comes last."""
    rule, *rest = found
    return (rule, *((part is None, part) for part in rest))


def messages(path: Path, aside: Path, rule: str) -> set[str]:
    judged = judge_one(path, aside)
    return {f.message for f in judged.judgements[0].failures if f.rule == rule}


def test_a_title_row_is_told_with_its_place_and_what_it_holds(tmp_path: Path) -> None:
    path = csv_bytes("\nMonthly return,May\n" + CONTACTS)(tmp_path)
    told = messages(path, tmp_path / "aside", "return.column.present")
    assert (
        "The table contacts has no column contact_id. Line 2 of contacts.csv was read as the "
        "header, because it is the first row that is not blank, and it holds "
        '"Monthly return", "May". Put the names of the columns there, and nothing above them.'
    ) in told


def test_a_title_row_of_a_sheet_is_told_by_its_row(tmp_path: Path) -> None:
    def title(book: openpyxl.Workbook) -> None:
        book["contacts"].insert_rows(1, 2)
        book["contacts"]["B2"].value = "Monthly return"

    told = messages(edited(title)(tmp_path), tmp_path / "aside", "return.column.present")
    assert len(told) == 5
    # Said once, with the first of them.
    assert sum("Row 2 of the sheet contacts was read as the header" in text for text in told) == 1


def test_a_first_row_of_data_is_told_without_what_it_holds(tmp_path: Path) -> None:
    path = csv_bytes("C1,E1,2025-05-06,clinic,attended,housing,,30\n")(tmp_path)
    told = " ".join(messages(path, tmp_path / "aside", "return.column.present"))
    assert "it looks like a row of data. Put the names of the columns above it." in told
    assert "2025-05-06" not in told


def test_one_missing_column_is_told_without_a_lesson_about_headers(tmp_path: Path) -> None:
    path = csv_bytes(CONTACTS.replace("attendance", "attended"))(tmp_path)
    assert messages(path, tmp_path / "aside", "return.column.present") == {
        "The table contacts has no column attendance."
    }


@given(
    text=st.text(st.sampled_from('ab",\n'), max_size=40),
    block=st.sampled_from([0, 3, 1 << 20]),
)
@settings(max_examples=300, deadline=None)
def test_quotes_open_alike_in_blocks_of_any_size(text: str, block: int) -> None:
    def opened(size: int) -> bytes | str:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("orchestration.intake.read_csv.BLOCK", size)
            try:
                return open_quotes(text.encode(), b",", "x")
            except Unreadable as reason:
                return str(reason)

    assert opened(block) == opened(1 << 30)


@given(rows=st.lists(st.text(st.sampled_from("a,"), max_size=12), min_size=1, max_size=5))
@example(rows=["a,,,,", ",,,,a"])
def test_cutting_empty_ends_keeps_the_shape_of_every_row(rows: list[str]) -> None:
    columns = 3
    cut = without_empty_ends("".join(r + "\n" for r in rows).encode(), b",", columns)
    for before, after in zip(rows, cut.decode().split("\n"), strict=False):
        was, now = before.split(","), after.split(",")
        assert was[:columns] == now[:columns]
        assert any(was[columns:]) == any(now[columns:])
        assert before == after or not was[-1]
        assert (len(was) < columns) == (len(now) < columns)


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_table_or_unreadable(content: bytes) -> None:
    try:
        read_csv("contacts", "contacts.csv", content, standard().limits)
    except Unreadable as reason:
        assert str(reason)


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """A zip and a workbook, as bytes to spoil."""
    folder = tmp_path_factory.mktemp("archives")
    workbook = write_raw_workbook(folder / "workbook.xlsx")
    return [ReturnFiles().write_zip(folder / "zip.zip").read_bytes(), workbook.read_bytes()]


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_a_damaged_zip_or_workbook_is_read_or_unreadable(
    data: st.DataObject, archives: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(data.draw(st.sampled_from(archives)))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(content + data.draw(st.binary(max_size=30)))
    try:
        read_return(path, standard())
    except Unreadable as reason:
        assert str(reason)
