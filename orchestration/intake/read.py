"""A return, whatever its form, as tables of text.

A return is told by what it holds, not by its name. Nothing here knows a rule of the standard but
the one that a return can be opened: `Unreadable` says why it cannot.
"""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib
from collections import Counter
from io import BytesIO
from pathlib import Path, PurePosixPath, PureWindowsPath

from expectations.standard import Limits, Standard
from orchestration.intake.read_csv import read_csv
from orchestration.intake.read_workbook import is_workbook, read_workbook
from orchestration.intake.text_tables import (
    TextTable,
    Unreadable,
    is_part_of_return,
    shown_name,
    table_name,
)

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
# Flag bit 0 of a zip member: encrypted (APPNOTE.TXT 4.4.4).
ENCRYPTED = 0x1


def read_return(path: Path, standard: Standard) -> list[TextTable]:
    """The tables of the return at `path`: a folder or zip of CSV files, or a workbook.

    Raises Unreadable where it is none of these, is over a limit, holds nothing that can be read, or
    holds a table of the standard twice.
    """
    if path.is_symlink():
        raise Unreadable("it is a symbolic link, and links are not followed")
    tables = _read_folder(path, standard) if path.is_dir() else _read_file(path, standard)
    if not tables:
        raise Unreadable("there is no table in it")
    for name, times in Counter(table.name for table in tables).items():
        if times > 1 and name in standard.tables:
            raise Unreadable(f"the table {name} is there {times} times")
    return tables


def _read_file(path: Path, standard: Standard) -> list[TextTable]:
    limits = standard.limits
    if path.stat().st_size > limits.received_bytes:
        raise Unreadable(f"it is larger than {limits.received_bytes:,} bytes")
    content = path.read_bytes()
    if content.startswith(OLD_OFFICE):
        raise Unreadable("it is an encrypted workbook, or one in the old .xls format")
    if not content.startswith((ZIP, EMPTY_ZIP)):
        raise Unreadable("it is neither a folder, nor a zip, nor an .xlsx workbook")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            _check_members(members, limits)
            if is_workbook(archive.namelist()):
                return read_workbook(content)
            files = [
                (path.name, _unpack(archive, member, limits))
                for path, member in ((_path_of(member), member) for member in members)
                if not member.is_dir() and is_part_of_return(path)
            ]
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise Unreadable("the zip is damaged or of a kind that cannot be opened") from error
    return _tables(files, standard)


def _check_members(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if sum(member.file_size for member in members) > limits.unpacked_bytes:
        raise Unreadable(f"unpacked it is larger than {limits.unpacked_bytes:,} bytes")
    for member in members:
        name = member.filename
        path = _path_of(member)
        if path.is_absolute() or ".." in path.parts or PureWindowsPath(name).drive:
            raise Unreadable("a name in the zip leads outside of it")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise Unreadable("there is a symbolic link in the zip, and links are not followed")
        if member.flag_bits & ENCRYPTED:
            raise Unreadable("it is protected by a password")


def _path_of(member: zipfile.ZipInfo) -> PurePosixPath:
    """A member's path; some programs on Windows write it with backslashes."""
    return PurePosixPath(member.filename.replace("\\", "/"))


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: Limits) -> bytes:
    """A member's bytes; what it says of its own size is not relied on."""
    try:
        with archive.open(member) as file:
            content = file.read(limits.unpacked_bytes + 1)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError) as error:
        raise Unreadable(f"{member.filename} in the zip is damaged") from error
    if len(content) > limits.unpacked_bytes:
        raise Unreadable(f"unpacked it is larger than {limits.unpacked_bytes:,} bytes")
    return content


def _read_folder(folder: Path, standard: Standard) -> list[TextTable]:
    limits = standard.limits
    files = []
    size = 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise Unreadable(f"{path.name} is a symbolic link, and links are not followed")
        if not path.is_file() or not is_part_of_return(path.relative_to(folder)):
            continue
        size += path.stat().st_size
        if size > limits.received_bytes:
            raise Unreadable(f"it is larger than {limits.received_bytes:,} bytes")
        files.append((shown_name(path.name), path.read_bytes()))
    return _tables(files, standard)


def _tables(files: list[tuple[str, bytes]], standard: Standard) -> list[TextTable]:
    tables: list[TextTable] = []
    for name, content in files:
        if content.startswith((ZIP, EMPTY_ZIP, OLD_OFFICE)):
            continue  # a workbook or zip that lies beside the tables is no table
        stem = PurePosixPath(name).stem
        if table_name(stem) not in standard.tables:
            # A note to the reader, say: whatever it holds, it cannot make the return unreadable.
            tables.append(TextTable(table_name(stem), name, (), ",", 1, "", counts_cells=True))
            continue
        table = read_csv(stem, name, content)
        if table is not None:
            tables.append(table)
    return tables
