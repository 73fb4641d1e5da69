"""A return, whatever its form, as tables of text.

A return is told by what it holds, not by its name. Nothing here knows a rule of the standard but
the one that a return can be opened: `Unreadable` says why it cannot.
"""

from __future__ import annotations

import codecs
import os
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path, PurePath, PurePosixPath

from expectations.standard import Limits, Standard
from orchestration.intake.archives import EMPTY_ZIP, ZIP, open_zip, path_of, unpacked
from orchestration.intake.office_package import is_package
from orchestration.intake.read_csv import read_csv
from orchestration.intake.read_workbook import read_workbook
from orchestration.intake.text_tables import (
    TextTable,
    Unreadable,
    is_part_of_return,
    short,
    shown_name,
    table_name,
    unread_table,
)

OLD_OFFICE = b"\xd0\xcf\x11\xe0"
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
FIRST_BYTES = 4096  # of a file; however it was packed, its first block has as many
OPEN_DOCUMENT = b"application/vnd.oasis.opendocument"


def read_return(path: Path, standard: Standard) -> list[TextTable]:
    """The tables of the return at `path`: a folder or zip of CSV files, or a workbook.

    Raises Unreadable where it is none of these, is over a limit, holds nothing that can be read, or
    holds a table of the standard twice.
    """
    if path.is_symlink():
        raise Unreadable("it is a symbolic link, and links are not followed")
    try:
        tables = _read_folder(path, standard) if path.is_dir() else _read_file(path, standard)
    except OSError as error:
        # Not the names and paths in it, which are this machine's and not the provider's.
        raise Unreadable(f"something in it cannot be opened ({error.strerror})") from error
    if not tables:
        raise Unreadable("there is no table in it")
    return tables


def unpacked_size(path: Path, limits: Limits) -> int:
    """About how many bytes the return at `path` is, unpacked, or `limits.unpacked_bytes` where it
    is that and more; 0 for one that cannot be opened. For a zip, by what it says of itself."""
    try:
        if path.is_symlink():
            return 0
        if path.is_dir():
            size = sum(part.stat().st_size for part in _files(path, limits))
        elif path.stat().st_size > limits.received_bytes:
            return 0
        else:
            with open_zip(_content(path, limits.received_bytes), limits) as archive:
                size = sum(member.file_size for member in archive.infolist())
    except (Unreadable, OSError):
        return 0
    return min(size, limits.unpacked_bytes)


def _read_file(path: Path, standard: Standard) -> list[TextTable]:
    limits = standard.limits
    if not path.is_file():
        raise Unreadable("it is neither a file nor a folder")
    content = _content(path, limits.received_bytes)
    if content.startswith(OLD_OFFICE):
        raise Unreadable("it is an encrypted workbook, or one in the old .xls format")
    if not content.startswith((ZIP, EMPTY_ZIP)):
        raise Unreadable("it is neither a folder, nor a zip, nor an .xlsx workbook")
    with open_zip(content, limits) as archive:
        names = archive.namelist()
        if is_package(names):
            return read_workbook(archive, standard)
        if "mimetype" in names and _holds_open_document(archive, limits):
            raise Unreadable("it is an OpenDocument file; save it as an .xlsx workbook instead")
        members = (
            (path_of(member).name, unpacked(archive, member, limits))
            for member in archive.infolist()
            if not member.is_dir() and is_part_of_return(path_of(member))
        )
        return _tables(members, standard)


def _content(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise Unreadable(f"it is larger than {most:,} bytes")
    return content


def _holds_open_document(archive: zipfile.ZipFile, limits: Limits) -> bool:
    blocks = unpacked(archive, archive.getinfo("mimetype"), limits)
    return next(blocks, b"").startswith(OPEN_DOCUMENT)


def _read_folder(folder: Path, standard: Standard) -> list[TextTable]:
    limits = standard.limits
    files = list(_files(folder, limits))
    if sum(path.stat().st_size for path in files) > limits.received_bytes:
        raise Unreadable(f"it is larger than {limits.received_bytes:,} bytes")
    contents = ((shown_name(path.name), _blocks(path, limits)) for path in files)
    return _tables(contents, standard)


def _blocks(path: Path, limits: Limits) -> Iterator[bytes]:
    yield _content(path, limits.received_bytes)


def _files(folder: Path, limits: Limits) -> Iterator[Path]:
    """The files in a folder, and in its folders, that are part of the return, by name.

    Raises Unreadable where a link is among them, or there are too many. Pipes and devices are none.
    """
    waiting = [PurePath()]
    members = 0
    while waiting:
        inside = waiting.pop()
        with os.scandir(folder / inside) as found:
            entries = []
            for entry in found:
                members += 1
                if members > limits.members:
                    raise Unreadable(f"it holds more than {limits.members:,} files and folders")
                entries.append(entry)
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_symlink():
                name = short(shown_name(entry.name))
                raise Unreadable(f"{name} is a symbolic link, and links are not followed")
            if not is_part_of_return(PurePath(entry.name)):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(inside / entry.name)
            elif entry.is_file(follow_symlinks=False):
                yield Path(entry.path)


def _tables(files: Iterable[tuple[str, Iterator[bytes]]], standard: Standard) -> list[TextTable]:
    """The tables in files, each given by its name and its content block by block: what is no table
    of the standard is not read beyond its first block."""
    tables: list[TextTable] = []
    found: Counter[str] = Counter()
    for name, blocks in files:
        stem = PurePosixPath(name).stem
        table = table_name(stem)
        try:
            first = next(blocks, b"")
        except (Unreadable, OSError):
            if table in standard.tables:
                raise
            first = b""
        if first.startswith((ZIP, EMPTY_ZIP, OLD_OFFICE)):
            continue  # a workbook or zip that lies beside the tables is no table
        if table not in standard.tables:
            if b"\0" in first[:FIRST_BYTES] and not first.startswith(UTF_16):
                continue  # a picture, say: no text file, and so no table
            # A note to the reader, say: whatever it holds, it cannot make the return unreadable.
            tables.append(unread_table(stem, short(name)))
            continue
        content = b"".join(chain([first], blocks))
        del first
        read = read_csv(stem, name, content, standard.limits)
        if read is not None:
            tables.append(read)
            found[table] += 1
            if found[table] > 1:
                raise Unreadable(f"the table {table} is there twice")
    return tables
