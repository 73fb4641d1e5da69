"""Zip files from strangers: what is in them, and the bytes of it, within the limits.

What a zip says of itself decides whether it is opened at all; what it holds is then unpacked piece
by piece, and never beyond the limit, whatever it said.
"""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath, PureWindowsPath

from expectations.standard import Limits
from orchestration.intake.text_tables import Unreadable, short

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
# How an entry of a zip's directory begins (APPNOTE.TXT 4.3.12), and flag bit 0: encrypted (4.4.4).
ENTRY = b"PK\x01\x02"
ENCRYPTED = 0x1
BLOCK = 1 << 16
# bzip2 and LZMA unpack at once what they are given, a thousandfold and more: they are given little.
SMALL_BLOCK = 1 << 12

DAMAGE = (
    zipfile.BadZipFile,
    NotImplementedError,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    zlib.error,
    lzma.LZMAError,
)


def open_zip(content: bytes, limits: Limits) -> zipfile.ZipFile:
    """The zip in `content`, of which no member is a link, encrypted or named to lead outside.

    Raises Unreadable where one is, where it is damaged, or where it says that it is over a limit.
    """
    # Counted before zipfile makes an object of half a kilobyte of each.
    if content.count(ENTRY) > limits.members:
        raise Unreadable(f"it holds more than {limits.members:,} files and folders")
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except DAMAGE as error:
        raise Unreadable("the zip is damaged or of a kind that cannot be opened") from error
    members = archive.infolist()
    if sum(member.file_size for member in members) > limits.unpacked_bytes:
        raise Unreadable(f"unpacked it is larger than {limits.unpacked_bytes:,} bytes")
    for member in members:
        path = path_of(member)
        if path.is_absolute() or ".." in path.parts or PureWindowsPath(member.filename).drive:
            raise Unreadable("a name in the zip leads outside of it")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise Unreadable("there is a symbolic link in the zip, and links are not followed")
        if member.flag_bits & ENCRYPTED:
            raise Unreadable("it is protected by a password")
    return archive


def path_of(member: zipfile.ZipInfo) -> PurePosixPath:
    """A member's path; some programs on Windows write it with backslashes."""
    return PurePosixPath(member.filename.replace("\\", "/"))


def unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: Limits) -> Iterator[bytes]:
    """A member's bytes, block by block. Raises Unreadable where it is damaged or over the limit."""
    is_steady = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    size = 0
    try:
        with archive.open(member) as file:
            while block := file.read(BLOCK if is_steady else SMALL_BLOCK):
                size += len(block)
                if size > limits.unpacked_bytes:
                    raise Unreadable(f"unpacked it is larger than {limits.unpacked_bytes:,} bytes")
                yield block
    except DAMAGE as error:
        raise Unreadable(f"{short(member.filename)} in the zip is damaged") from error
