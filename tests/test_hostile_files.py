"""Files made to do harm: each ends as return-standard.md says, in seconds and in little memory.

All are judged by one process of their own, a few at a time, and its time and its peak of memory are
measured: what holds for all together holds for each. A process for each would take minutes.
"""

from __future__ import annotations

import json
import os
import socket
import stat
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration.facts import standard
from orchestration.intake.folders import remove_folder
from orchestration.intake.read import unpacked_size
from orchestration.settings import PROJECT
from tests.raw_workbooks import MAIN, row, sheet, table_rows, write_raw_workbook
from tests.return_files import ReturnFiles, csv_text
from tests.test_messy_files import Found, csv_bytes

MOST_SECONDS = 5
MOST_MEGABYTES = 500
CONTACTS = csv_text(ReturnFiles().tables["contacts"])
HEADER, FIRST, SECOND = CONTACTS.splitlines()
C = "contacts"
READABLE = "return.file.readable"
UNPACKED = f"{standard().limits.unpacked_bytes:,} bytes"


@dataclass(frozen=True)
class Case:
    """A hostile file: how it is made; a part of what is said where it cannot be read, or else the
    failures (rule, table, row, field) and the identifiers of the contacts that count."""

    make: Callable[[Path], Path]
    says: str = ""
    failures: tuple[Found, ...] = ()
    contacts: tuple[str, ...] = ("C1", "C2")


def zipped(
    members: Iterable[tuple[str | zipfile.ZipInfo, str | bytes]],
    method: int = zipfile.ZIP_DEFLATED,
) -> Callable[[Path], Path]:
    """A clean zip, with these members besides."""

    def make(folder: Path) -> Path:
        path = ReturnFiles().write_zip(folder / "return.zip")
        with zipfile.ZipFile(path, "a", method) as archive:
            for name, content in members:
                archive.writestr(name, content, compress_type=method)
        return path

    return make


def spoilt(make: Callable[[Path], Path], spoil: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    """What `make` makes, with its bytes changed."""

    def made(folder: Path) -> Path:
        path = make(folder)
        path.write_bytes(spoil(path.read_bytes()))
        return path

    return made


def says_of_itself(content: bytes, size: int) -> bytes:
    """A zip whose last member says that it is `size` bytes long, unpacked."""
    entry = content.rindex(b"PK\x01\x02")
    header = struct.unpack_from("<I", content, entry + 42)[0]
    changed = bytearray(content)
    struct.pack_into("<I", changed, entry + 24, size)
    struct.pack_into("<I", changed, header + 22, size)
    return bytes(changed)


def overlapping(content: bytes) -> bytes:
    """A zip whose every member is the bytes of its last."""
    changed = bytearray(content)
    last = content.rindex(b"PK\x01\x02")
    entry = content.index(b"PK\x01\x02")
    while entry < last:
        changed[entry + 10 : entry + 28] = content[last + 10 : last + 28]
        changed[entry + 42 : entry + 46] = content[last + 42 : last + 46]
        entry = content.index(b"PK\x01\x02", entry + 4)
    return bytes(changed)


def hundred_gigabytes(folder: Path) -> Path:
    """A member that really unpacks to 100 GB, by the same 100 MB deflated a thousand times, and
    says that it is a kilobyte."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    once = packer.compress(bytes(100_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    stream = once * 1000 + b"\x03\x00"
    name = b"people.csv"
    sizes = struct.pack("<III", 0, len(stream), 1000)
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 33) + sizes
    local += struct.pack("<HH", len(name), 0) + name
    entry = b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 33) + sizes
    entry += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
    path = folder / "return.zip"
    with path.open("wb") as file:
        file.write(local + stream + entry)
        end = struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local) + len(stream), 0)
        file.write(b"PK\x05\x06" + end)
    return path


def link_in_zip() -> zipfile.ZipInfo:
    link = zipfile.ZipInfo("people.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    return link


def folder_with(change: Callable[[Path], object]) -> Callable[[Path], Path]:
    """A clean folder, changed."""

    def make(folder: Path) -> Path:
        path = ReturnFiles().write_folder(folder / "return")
        change(path)
        return path

    return make


def odd_files(path: Path) -> None:
    os.mkfifo(path / "people.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(path)  # a socket's path may have a hundred bytes
        try:
            listener.bind("episodes.txt")
        finally:
            os.chdir(here)


def deep_folders(path: Path) -> None:
    here = os.open(path, os.O_RDONLY)
    for _ in range(1000):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "return.zip")
    return folder / "return.zip"


def link(folder: Path) -> Path:
    (folder / "return.zip").symlink_to("/dev/zero")
    return folder / "return.zip"


def many_files(path: Path) -> None:
    for number in range(standard().limits.members):
        (path / f"{number}").touch()


def contacts(content: Callable[[], str | bytes]) -> Callable[[Path], Path]:
    """A clean folder but for the contacts, which are made only when they are written."""

    def make(folder: Path) -> Path:
        return csv_bytes(content())(folder)

    return make


def workbook(
    contacts: Callable[[], str | bytes] | None = None, **parts: Callable[[], str | bytes]
) -> Callable[[Path], Path]:
    """A clean workbook, but for the XML of the contacts, and of parts of `xl/`."""

    def make(folder: Path) -> Path:
        return write_raw_workbook(
            folder / "return.xlsx",
            {"contacts": contacts()} if contacts else {},
            {f"xl/{name.replace('__', '.')}": content() for name, content in parts.items()},
        )

    return make


def contact_sheet(*more: str, before: str = "") -> str:
    """The sheet of contacts, with rows added."""
    return sheet([*table_rows(ReturnFiles(), "contacts"), *more], before)


def with_entity(definition: str) -> str:
    """A sheet of contacts whose first cell is an entity."""
    return contact_sheet(before=f"<!DOCTYPE x [{definition}]>").replace(">C1<", ">&e;<")


LAUGHS = '<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)
)
LONG_TEXT = f'<row r="4"><c r="A4" t="str"><v>{"x" * 1_000_000}</v></c></row>'
SHARED = f'<sst xmlns="{MAIN}"><si><t>{"x" * 30_000}</t></si></sst>'
REFERS = "".join(f'<row r="{n}"><c t="s"><v>0</v></c></row>' for n in range(4, 5000))
ONLY_ID = tuple(
    (f"contacts.{field.name}.required", C, 4, field.name)
    for field in standard().tables[C].fields
    if field.required and field.name != "contact_id"
)
NO_TYPE: Found = ("contacts.contact_id.type", C, 4, "contact_id")
BAD_PURPOSE: Found = ("contacts.purpose.code", C, 2, "purpose")


def same_sheet_twice(folder: Path) -> Path:
    path = write_raw_workbook(folder / "return.xlsx")
    content = path.read_bytes()
    path.unlink()
    with zipfile.ZipFile(path, "w") as made:
        (folder / "old").write_bytes(content)
        with zipfile.ZipFile(folder / "old") as old:
            for name in old.namelist():
                made.writestr(name, old.read(name).replace(b"sheet2.xml", b"sheet1.xml"))
    return path


def guide(first: bool) -> Callable[[Path], Path]:
    """A clean workbook with a sheet of two million empty cells, before or after the tables."""

    def make(folder: Path) -> Path:
        cells = "<c/>" * 16_000
        empty = sheet(f'<row r="{n}">{cells}</row>' for n in range(1, 127))
        path = write_raw_workbook(folder / "return.xlsx", {"guide": empty})
        if first:
            with zipfile.ZipFile(path) as old:
                parts = {name: old.read(name) for name in old.namelist()}
            start, _, listed = parts["xl/workbook.xml"].partition(b"<sheets>")
            tables, _, last = listed.partition(b'<sheet name="guide"')
            own, _, end = last.partition(b"/>")
            listed = b'<sheets><sheet name="guide"' + own + b"/>" + tables + end
            parts["xl/workbook.xml"] = start + listed
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
                for name, content in parts.items():
                    new.writestr(name, content)
        return path

    return make


def styles(codes: Iterable[str]) -> str:
    """A sheet of styles, one for each format code."""
    listed = list(enumerate(codes, start=164))
    formats = "".join(f'<numFmt numFmtId="{n}" formatCode="{code}"/>' for n, code in listed)
    used = "".join(f'<xf numFmtId="{n}"/>' for n, _ in listed)
    held = f"<numFmts>{formats}</numFmts><cellXfs>{used}</cellXfs>"
    return f'<styleSheet xmlns="{MAIN}">{held}</styleSheet>'


def letters() -> str:
    """Three and a half million cells."""
    return sheet(f'<row r="{n}">{"<c><v>1</v></c>" * 1000}</row>' for n in range(1, 3500))


def far_rows(columns: str, rows: int) -> str:
    """A sheet of which each row has a cell in the last column, the header too."""
    return sheet(
        f'<row r="{n}"><c r="{columns}{n}" t="str"><v>x</v></c></row>' for n in range(1, rows)
    )


def endless_tag() -> str:
    attributes = " ".join(f"a{n}='1'" for n in range(200_000))
    return sheet([f"<row {attributes}/>"])


CASES = {
    # zips
    "a zip cut short": Case(spoilt(zipped([]), lambda zip: zip[:-30]), "damaged"),
    "a zip cut to its first bytes": Case(spoilt(zipped([]), lambda zip: zip[:40]), "damaged"),
    "a byte of a table flipped": Case(
        spoilt(zipped([]), lambda zip: zip.replace(b"P1", b"P7", 1)), "people.csv in the zip is"
    ),
    "zips in zips": Case(zipped([("a.zip", b"PK\x03\x04x"), ("people.zip", b"PK\x03\x04x")])),
    "a zip that says it is 4 GB": Case(
        spoilt(zipped([("x.csv", "x")]), lambda zip: says_of_itself(zip, 0xFFFFFFF0)), UNPACKED
    ),
    "many members that are too much together": Case(
        zipped((f"{n}.csv", bytes(1 << 20)) for n in range(101)), UNPACKED
    ),
    "100 GB that say they are a kilobyte": Case(hundred_gigabytes, "damaged"),
    "bzip2 that says it is a kilobyte": Case(
        spoilt(
            zipped([("people.txt", bytes(99 << 20))], zipfile.ZIP_BZIP2),
            lambda zip: says_of_itself(zip, 1000),
        ),
        "people.txt in the zip is damaged",
    ),
    "LZMA that says it is a kilobyte": Case(
        spoilt(
            zipped([("people.txt", bytes(99 << 20))], zipfile.ZIP_LZMA),
            lambda zip: says_of_itself(zip, 1000),
        ),
        "people.txt in the zip is damaged",
    ),
    "members that overlap": Case(spoilt(zipped([]), overlapping), "damaged"),
    "twenty thousand members": Case(
        zipped((f"{n}.csv", "") for n in range(20_000)), "more than 10,000 files"
    ),
    "a name of 60 kB": Case(
        zipped([("n" * 60_000 + ".csv", "")]),
        "",
        (("return.table.known", "n" * 60_000, None, None),),
    ),
    "a name in no known encoding": Case(
        spoilt(
            zipped([("\u00e9\u00e9.csv", "")]), lambda zip: zip.replace("éé".encode(), b"\xff" * 4)
        ),
        "damaged",
    ),
    "up and out": Case(zipped([("../people.csv", "")]), "leads outside"),
    "up and out in the middle": Case(zipped([("a/../../people.csv", "")]), "leads outside"),
    "absolute": Case(zipped([("/etc/people.csv", "")]), "leads outside"),
    "a drive": Case(zipped([("C:\\people.csv", "")]), "leads outside"),
    "up and out by backslashes": Case(zipped([("..\\people.csv", "")]), "leads outside"),
    "a network share": Case(zipped([("\\\\server\\people.csv", "")]), "leads outside"),
    "a link in the zip": Case(zipped([(link_in_zip(), "/etc/passwd")]), "symbolic link in the zip"),
    "a zip with a password": Case(
        spoilt(
            zipped([]),
            lambda zip: zip.replace(b"PK\x01\x02\x14\x03\x14\0\0", b"PK\x01\x02\x14\x03\x14\0\1"),
        ),
        "password",
    ),
    "a workbook with a password": Case(
        spoilt(zipped([]), lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)), "encrypted"
    ),
    # folders
    "a link as return": Case(link, "it is a symbolic link"),
    "a link in the folder": Case(
        folder_with(lambda path: (path / "x").symlink_to("/etc")), "x is a symbolic link"
    ),
    "a pipe as return": Case(pipe, "neither a file nor a folder"),
    "a pipe and a socket in the folder": Case(folder_with(odd_files)),
    "a thousand folders in each other": Case(folder_with(deep_folders)),
    "ten thousand files": Case(folder_with(many_files), "more than 10,000 files"),
    # CSV
    "NUL bytes": Case(
        contacts(lambda: CONTACTS.replace("housing", "hous\0ing", 1).replace("C2", "C2\0")),
        "",
        (BAD_PURPOSE, ("contacts.contact_id.type", C, 3, "contact_id")),
        (),
    ),
    "nothing but NUL bytes": Case(
        contacts(lambda: bytes(10_000_000)),
        "longer than 8,388,608 bytes",
    ),
    "a cell of a million characters": Case(
        contacts(lambda: CONTACTS.replace("housing", "h" * 1_000_000, 1)),
        "",
        (BAD_PURPOSE,),
        ("C2",),
    ),
    "a cell of 50 million characters": Case(
        contacts(lambda: CONTACTS.replace("housing", "h" * 50_000_000, 1)), "line 2 of contacts.csv"
    ),
    "a header of a million cells": Case(
        contacts(lambda: HEADER + ",x" * 1_000_000 + "\n"), "more than 16,384 cells"
    ),
    "a row of a million cells": Case(
        contacts(lambda: f"{CONTACTS}C3{',x' * 1_000_000}\n"),
        "",
        (("contacts.row.shape", C, 4, None),),
    ),
    "ten million blank lines": Case(
        contacts(lambda: f"{HEADER}\n{FIRST}\n" + "\n" * 10_000_000 + SECOND + "\n\n"),
    ),
    "100 million blank lines": Case(
        contacts(lambda: f"{HEADER}\n{FIRST}\n" + "\n" * 100_000_000 + SECOND),
        "more than 25,000,000 cells",
    ),
    "40 million delimiters": Case(
        contacts(lambda: CONTACTS + "," * 40_000_000), "25,000,000 cells"
    ),
    "a million rows of delimiters": Case(contacts(lambda: CONTACTS + ",,,,,,,\n" * 1_000_000)),
    "nothing but quotes": Case(
        contacts(lambda: CONTACTS + '"' * 8_000_000),
        "",
        (("contacts.row.shape", C, 4, None),),
    ),
    "millions of empty cells in quotes above the header": Case(
        contacts(lambda: '"",' * 20_000_000 + "\n" + CONTACTS), "nothing but empty cells"
    ),
    "millions of blank rows in quotes above the header": Case(
        contacts(lambda: '""\n' * 20_000_000 + CONTACTS), "nothing but empty cells"
    ),
    "a header of millions of quoted cells": Case(
        contacts(lambda: '"x",' * 20_000_000 + "\n"), "row on line 1"
    ),
    "a million quoted fields": Case(
        contacts(lambda: CONTACTS + '"a""b",' * 1_000_000),
        "",
        (("contacts.row.shape", C, 4, None),),
    ),
    "formulas and markup in cells": Case(
        contacts(
            lambda: CONTACTS.replace("housing", "=cmd|'/C calc'!A0", 1).replace(
                "C2", "<script>x</script>"
            )
        ),
        "",
        (BAD_PURPOSE, ("contacts.contact_id.type", C, 3, "contact_id")),
        (),
    ),
    "text that runs from right to left": Case(
        contacts(lambda: CONTACTS.replace("housing", "\u202egnisuoh\u202c", 1)),
        "",
        (BAD_PURPOSE,),
        ("C2",),
    ),
    "the marks of our own": Case(
        contacts(lambda: CONTACTS.replace("housing", "housing\ufdd0\ufdd1\ufdd3", 1)),
        "",
        (BAD_PURPOSE,),
        ("C2",),
    ),
    # workbooks
    "a billion laughs": Case(
        workbook(lambda: with_entity(LAUGHS + '<!ENTITY e "&a11;">')), "declares a document type"
    ),
    "quadratic blow-up": Case(
        workbook(lambda: with_entity(f'<!ENTITY e "{"x" * 100_000}">')), "declares a document type"
    ),
    "an entity from a file": Case(
        workbook(lambda: with_entity('<!ENTITY e SYSTEM "file:///etc/passwd">')), "document type"
    ),
    "an entity in UTF-16": Case(
        workbook(
            lambda: with_entity('<!ENTITY e "x">').replace("UTF-8", "UTF-16").encode("utf-16")
        ),
        "document type",
    ),
    "an entity in the list of sheets": Case(
        workbook(workbook__xml=lambda: '<!DOCTYPE x [<!ENTITY e "x">]><workbook/>'), "document type"
    ),
    "elements a million deep": Case(
        workbook(lambda: sheet(["<a>" * 1_000_000])), "nested too deep"
    ),
    "a tag without end": Case(workbook(endless_tag), "a tag in it has no end"),
    "XML cut short": Case(workbook(lambda: contact_sheet()[:-50]), "its XML cannot be read"),
    "macros": Case(workbook(vbaProject__bin=lambda: b"\xd0\xcf\x11\xe0 macros")),
    "a sheet that says it is the largest": Case(
        workbook(
            lambda: contact_sheet().replace(
                "<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>'
            )
        )
    ),
    "a last row far below": Case(
        workbook(lambda: contact_sheet(row(1_048_576, ["C3", "E1"]))),
        "",
        tuple(
            (rule, table, 1_048_576, field)
            for rule, table, _, field in ONLY_ID
            if field != "episode_id"
        ),
    ),
    "a row beyond the last": Case(
        workbook(lambda: contact_sheet('<row r="99999999999"><c t="str"><v>x</v></c></row>')),
        "not in order",
    ),
    "rows out of order": Case(workbook(lambda: contact_sheet(row(2, ["C3"]))), "not in order"),
    "two cells in one place": Case(
        workbook(lambda: contact_sheet().replace('r="B2"', 'r="A2"')), "two cells in one place"
    ),
    "a cell in the last column": Case(
        workbook(lambda: contact_sheet('<row r="4"><c r="XFD4" t="str"><v>x</v></c></row>')),
        "",
        (
            ("return.column.known", C, None, None),
            ("contacts.contact_id.required", C, 4, "contact_id"),
            *ONLY_ID,
        ),
    ),
    "a cell beyond the last column": Case(
        workbook(lambda: contact_sheet('<row r="4"><c r="ZZZZZZ4"><v>1</v></c></row>')),
        "outside of its sheet",
    ),
    "ten thousand rows as wide as a sheet": Case(
        workbook(lambda: far_rows("XFD", 10_000)), "sheets"
    ),
    "a cell of a million characters in a sheet": Case(
        workbook(lambda: contact_sheet(LONG_TEXT)), "", (NO_TYPE, *ONLY_ID)
    ),
    "a text shared five thousand times": Case(
        workbook(lambda: contact_sheet(REFERS), sharedStrings__xml=lambda: SHARED), "bytes of text"
    ),
    "a text that is not among the shared": Case(
        workbook(lambda: contact_sheet('<row r="4"><c t="s"><v>7</v></c></row>')), "cannot be read"
    ),
    "millions of cells of one letter": Case(workbook(letters), "more than 2,000,000 cells"),
    "millions of empty shared texts": Case(
        workbook(sharedStrings__xml=lambda: f'<sst xmlns="{MAIN}">{"<si/>" * 5_000_000}</sst>'),
        "more than 2,000,000 cells",
    ),
    "millions of styles": Case(
        workbook(styles__xml=lambda: f"<a><cellXfs>{'<xf/>' * 3_000_000}</cellXfs></a>"),
        "more formats than Excel can have",
    ),
    "a format of 100,000 brackets": Case(workbook(styles__xml=lambda: styles(["[" * 100_000]))),
    "thousands of formats of brackets": Case(
        workbook(styles__xml=lambda: styles("[" * 254 + "d" for _ in range(9_900))),
    ),
    "tens of thousands of formats of brackets": Case(
        workbook(styles__xml=lambda: styles("[" * 254 + "d" for _ in range(60_000))),
        "more formats than Excel can have",
    ),
    "a guide of two million empty cells before the tables": Case(
        guide(first=True), "", (("return.table.known", "guide", None, None),)
    ),
    "a guide of two million empty cells behind the tables": Case(
        guide(first=False), "", (("return.table.known", "guide", None, None),)
    ),
    "a shared text before the first": Case(
        workbook(
            lambda: contact_sheet('<row r="4"><c t="s"><v>-1</v></c></row>'),
            sharedStrings__xml=lambda: f'<sst xmlns="{MAIN}"><si><t>C3</t></si></sst>',
        ),
        "cannot be read",
    ),
    "one sheet under many names": Case(same_sheet_twice, "the same content"),
    "a formula injected, and markup, in a sheet": Case(
        workbook(lambda: contact_sheet().replace(">housing<", ">=cmd|'/C calc'!A0&lt;b><", 1)),
        "",
        (BAD_PURPOSE,),
        ("C2",),
    ),
    "an escaped mark of our own": Case(
        workbook(lambda: contact_sheet().replace(">housing<", ">housing_xFDD1_<", 1)),
        "",
        (BAD_PURPOSE,),
        ("C2",),
    ),
}


@dataclass(frozen=True)
class Told:
    """What the other process said of a file."""

    failures: list[Found]
    contacts: tuple[str, ...]
    messages: list[str]
    seconds: float
    megabytes: float


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Told]]:
    """Every case, judged by a process that does nothing else."""
    folder = tmp_path_factory.mktemp("hostile")
    paths = []
    for number, case in enumerate(CASES.values()):
        place = folder / str(number)
        place.mkdir()
        paths.append(str(case.make(place)))
    aside = folder / "aside"
    aside.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.judging_alone", str(aside), *paths],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    yield {
        name: Told(
            [tuple(found) for found in one["failures"]],
            tuple(one["contacts"]),
            one["messages"],
            one["seconds"],
            one["megabytes"],
        )
        for name, one in zip(CASES, json.loads(done.stdout), strict=True)
    }
    remove_folder(folder)  # too deep in places for shutil


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_ends_as_the_standard_says(name: str, told: dict[str, Told]) -> None:
    case, found = CASES[name], told[name]
    if case.says:
        assert found.failures == [(READABLE, None, None, None)]
        assert case.says in found.messages[0]
        assert len(found.messages[0]) < 400
        assert found.contacts == ()
    else:
        assert set(found.failures) == set(case.failures)
        assert len(found.failures) == len(case.failures)
        assert found.contacts == case.contacts
    assert found.seconds < MOST_SECONDS


def test_no_hostile_file_takes_much_memory(told: dict[str, Told]) -> None:
    peaks = {name: one.megabytes for name, one in told.items()}
    assert max(peaks.values()) < MOST_MEGABYTES, peaks


def test_the_size_of_a_return_is_told_before_it_is_unpacked(tmp_path: Path) -> None:
    limits = standard().limits
    files = ReturnFiles()
    size = sum(len(text.encode()) for text in files.csv_texts().values())
    assert unpacked_size(files.write_folder(tmp_path / "folder"), limits) == size
    assert unpacked_size(files.write_zip(tmp_path / "zip"), limits) == size
    assert unpacked_size(link(tmp_path), limits) == 0
    assert unpacked_size(tmp_path / "nothing", limits) == 0
    many = zipped((f"{n}.csv", "") for n in range(20_000))(tmp_path / "many")
    assert unpacked_size(many, limits) == 0
