"""Returns with a marker in every field of the standard, and a search for it in whatever is kept."""

from __future__ import annotations

import gzip
import io
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import openpyxl

from expectations.standard import MANIFEST
from orchestration.facts import standard
from tests.return_files import ReturnFiles

# What stands in cells, headers, sheets and identifiers; in names of files and folders; and, since
# nothing but hex digits may stand there, in link keys.
CELL, NAME, KEY = "zq7cellxw", "zq7namexw", "5eed" * 16
MARKERS = (CELL, NAME, KEY)
ID = "id"


def write_marked_returns(inbox: Path) -> None:
    """Puts marked returns of AB01 into its inbox: for March 2026 one that is accepted, with every
    identifier and text marked and a failing row for each field; one that is rejected for each field
    of the manifest; earlier submissions with marked names and sheets; and unreadable ones."""
    accepted = marked_return("2026-03")
    for table in standard().tables:
        if table != MANIFEST:
            _add_failing_rows(accepted, table)
    # A header that the standard does not know, and a table.
    for row in accepted.tables["outcomes"]:
        row[f"{CELL}_column"] = CELL
    folder = accepted.write_folder(inbox / f"{NAME}_folder")
    (folder / f"{NAME}_table.csv").write_text(f"{CELL}\r\n{CELL}\r\n", encoding="utf-8")

    marked_return("2026-03", "8").write_zip(inbox / f"{NAME}.zip", inside=f"{NAME}_inside/")

    for field in standard().tables[MANIFEST].fields:
        marked = marked_return("2026-01").set(MANIFEST, 0, **{field.name: CELL})
        marked.write_zip(inbox / f"{NAME}_{field.name}.zip")

    book = marked_return("2026-03", "7").write_workbook(inbox / f"{NAME}_book.xlsx")
    opened = openpyxl.load_workbook(book)
    opened.create_sheet(CELL).append([CELL])
    opened["outcomes"]["A2"] = f"={CELL}()"
    opened.properties.creator = CELL
    opened.save(book)
    (inbox / f"{NAME}_broken.xlsx").write_bytes(b"PK\x03\x04" + CELL.encode() * 50)
    (inbox / f"{NAME}_broken.csv").write_text(f'person_id\n"{CELL}\n', encoding="utf-8")
    # An inbox that is nobody's.
    marked_return("2026-03").write_zip(inbox.parent / NAME / f"{NAME}.zip")


def marked_return(month: str, number: str = "9") -> ReturnFiles:
    """The example return of another month, with the marker in every identifier and text."""
    made = ReturnFiles()
    for name, rows in made.tables.items():
        table = standard().tables[name]
        for row in rows:
            for field in table.fields:
                value = row[field.name]
                referred = field.references or ""
                if field.type == ID and not referred.startswith("services."):
                    row[field.name] = f"{CELL}_{value}"
                elif field.type == "link_key":
                    row[field.name] = KEY
                elif field.type == "text" and field.code_list is None:
                    row[field.name] = f"{CELL} {value}"
                elif field.type == "date" and value:
                    row[field.name] = f"{month}-{value[-2:]}"
                    if field.name in ("referral_date", "start_date") and name == "episodes":
                        row[field.name] = f"{month}-01"
    for row in made.tables["narratives"]:
        row["consent_to_publish"] = "N"
    for row in made.tables["episodes"]:
        row |= {"service_code": made.tables["costs"][0]["service_code"]}
    return made.set(MANIFEST, 0, period=month, submission_no=number, prepared_on="2026-04-02")


def _add_failing_rows(made: ReturnFiles, table: str) -> None:
    """For each field one more row, with the marker in it."""
    for number, field in enumerate(standard().tables[table].fields):
        keys = {
            key.name: f"{CELL}_key{number}" for key in standard().tables[table].keys
            if key.type == ID and key.references is None
        }  # fmt: skip
        made.add(table, **(keys | {field.name: f"{CELL} in {field.name}"}))


def tells_in(path: Path, markers: tuple[str, ...] = MARKERS) -> bool:
    """Whether a marker stands in a file, in upper or lower case, also inside of what is packed."""
    data = path.read_bytes()
    return any(
        marker.encode() in text.lower() or marker.encode("utf-16-le") in text.lower()
        for text in (path.name.encode(), *_texts(path, data))
        for marker in markers
    )


def telling(folder: Path, markers: tuple[str, ...] = MARKERS) -> list[str]:
    """The files below `folder` in which, or in whose name, a marker stands."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() or path.is_symlink()]
    assert files, f"nothing lies in {folder}"
    return [
        path.relative_to(folder).as_posix() for path in files
        if any(marker in path.relative_to(folder).as_posix().lower() for marker in markers)
        or (path.is_file() and tells_in(path, markers))
    ]  # fmt: skip


def _texts(path: Path, data: bytes) -> Iterator[bytes]:
    """A file as it is, and unpacked where it is of a kind that packs."""
    yield data
    if data[:4] == b"PAR1":
        with duckdb.connect() as connection:
            rows = connection.read_parquet(str(path)).fetchall()
        yield repr(rows).encode()
    elif data[:16] == b"SQLite format 3\0":
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            yield "\n".join(connection.iterdump()).encode()
        finally:
            connection.close()
    elif data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data)
    elif data[:4] == b"PK\x03\x04" and zipfile.is_zipfile(path):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield archive.read(name)
