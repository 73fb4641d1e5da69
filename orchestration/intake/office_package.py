"""An Office package: a zip of XML parts that refer to each other (ECMA-376 part 2).

A workbook may be hostile: entities that unfold without end, elements nested a million deep, tags as
long as the file. So its XML is never held as a tree; expat tells of each element as it passes, and
whatever no spreadsheet program writes ends the walk.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from expectations.standard import Limits
from orchestration.intake.archives import unpacked
from orchestration.intake.text_tables import Unreadable

CONTENT_TYPES = "[content_types].xml"
MOST_NESTED = 100  # elements inside each other; a sheet has a dozen
LONGEST_TAG = 1 << 20  # bytes
# Tags there may be for each cell that there may be: two of its own, and its value's and formula's.
TAGS_OF_CELL = 6
# How a cell, or a text that cells share, begins. The least cell has four bytes.
CELLS = (b"<c ", b"<c>", b"<c/", b":c ", b":c/", b"<si ", b"<si>", b"<si/")
LEAST_CELL = 4

OnStart = Callable[[dict[str, str]], None]
OnEnd = Callable[[], None]
OnText = Callable[[str], None]


def is_package(names: list[str]) -> bool:
    """Whether a zip's names are those of an Office package: a workbook, a document, slides."""
    return any(name.lower() == CONTENT_TYPES for name in names)


@dataclass
class Package:
    """The parts of a package, by name in lower case, and what of them may still be read."""

    archive: zipfile.ZipFile
    limits: Limits
    parts: dict[str, zipfile.ZipInfo] = field(init=False)
    tags_left: int = field(init=False)
    cells_left: int = field(init=False)
    text_left: int = field(init=False)

    def __post_init__(self) -> None:
        self.parts = {member.filename.lower(): member for member in self.archive.infolist()}
        self.tags_left = self.limits.workbook_cells * TAGS_OF_CELL
        self.cells_left = self.limits.workbook_cells
        self.text_left = self.limits.unpacked_bytes

    def walk(
        self,
        part: str,
        starts: Mapping[str, OnStart],
        ends: Mapping[str, OnEnd] | None = None,
        on_text: OnText | None = None,
    ) -> None:
        """Walks through the XML of a part. `starts` and `ends` are called at elements of their
        local names (whatever their prefix), `on_text` with all text, piece by piece.

        Raises Unreadable where it is no XML, declares a document type, or is built as no program
        builds it.
        """
        self._refuse_too_large(part)
        parser = _parser(dict(starts), dict(ends or {}))
        if on_text is not None:
            parser.CharacterDataHandler = on_text
        given = 0
        try:
            for block in unpacked(self.archive, self.parts[part], self.limits):
                self.tags_left -= block.count(b"<")
                if self.tags_left < 0:
                    raise self.too_many_cells()
                parser.Parse(block, False)
                given += len(block)
                if given - parser.CurrentByteIndex > LONGEST_TAG:
                    raise Unreadable("the workbook is damaged: a tag in it has no end")
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise Unreadable("the workbook is damaged: its XML cannot be read") from error

    def _refuse_too_large(self, part: str) -> None:
        """Counts before walking, since counting bytes takes a hundredth of the time. Whatever is
        not met here, because it is written in another way, the walk will meet."""
        member = self.parts[part]
        if member.file_size <= self.limits.workbook_cells * LEAST_CELL:
            return
        cells = tags = 0
        for block in unpacked(self.archive, member, self.limits):
            cells += sum(map(block.count, CELLS))
            tags += block.count(b"<")
            if cells > self.cells_left or tags > self.tags_left:
                raise self.too_many_cells()

    def too_many_cells(self) -> Unreadable:
        """What is said of a workbook that holds too much."""
        return Unreadable(
            f"its sheets have more than {self.limits.workbook_cells:,} cells, empty ones that "
            "carry a format counted too"
        )

    def references(self, part: str) -> dict[str, tuple[str, str]]:
        """What `part` refers to inside the package: by identifier, the kind of reference (as
        `worksheet`) and the name of the part."""
        folder, name = posixpath.split(part)
        listing = posixpath.join(folder, "_rels", f"{name}.rels")
        found: dict[str, tuple[str, str]] = {}

        def reference(attributes: dict[str, str]) -> None:
            if attributes.get("TargetMode") != "External":
                target = posixpath.join("/", folder, attributes.get("Target", ""))
                kind = attributes.get("Type", "").rpartition("/")[2]
                part = posixpath.normpath(target).lstrip("/").lower()
                found[attributes.get("Id", "")] = (kind, part)

        if listing in self.parts:
            self.walk(listing, {"Relationship": reference})
        return found

    def referred(self, part: str, kind: str) -> str | None:
        """The part to which `part` refers as its `kind` and which is there, or None."""
        for found, name in self.references(part).values():
            if found == kind and name in self.parts:
                return name
        return None


def _parser(starts: dict[str, OnStart], ends: dict[str, OnEnd]) -> expat.XMLParserType:
    nested = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal nested
        nested += 1
        if nested > MOST_NESTED:
            raise Unreadable("the workbook is damaged: its elements are nested too deep")
        told = starts.get(name)
        if told is not None or (":" in name and (told := starts.get(name.rpartition(":")[2]))):
            told(attributes)

    def end(name: str) -> None:
        nonlocal nested
        nested -= 1
        told = ends.get(name)
        if told is not None or (":" in name and (told := ends.get(name.rpartition(":")[2]))):
            told()

    def document_type(*_: object) -> None:
        # The only way to define an entity, and forbidden in a package (ECMA-376 part 2, 8.1.4).
        raise Unreadable("the workbook declares a document type, which no spreadsheet program does")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = document_type
    return parser
