"""The example return, which every rule accepts, to be spoilt by tests one thing at a time."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl

from orchestration.facts import example_return
from orchestration.settings import PROJECT

REGISTRY = PROJECT / "seeds" / "registry"

CLEAN: dict[str, list[dict[str, str]]] = {
    table: [dict(row) for row in rows] for table, rows in example_return().items()
}


@dataclass
class ReturnFiles:
    """A return in the making: rows by table, each a mapping of column to text."""

    tables: dict[str, list[dict[str, str]]] = field(
        default_factory=lambda: {name: [dict(row) for row in rows] for name, rows in CLEAN.items()}
    )

    def set(self, table: str, row: int, **cells: str) -> ReturnFiles:
        """Puts cells into a row (from 0) of a table."""
        self.tables[table][row] |= cells
        return self

    def add(self, table: str, like: int = 0, **cells: str) -> ReturnFiles:
        """Adds a row, like another but for some cells."""
        self.tables[table].append(self.tables[table][like] | cells)
        return self

    def csv_texts(self, delimiter: str = ",") -> dict[str, str]:
        """The tables as CSV text, by file name."""
        return {f"{name}.csv": csv_text(rows, delimiter) for name, rows in self.tables.items()}

    def write_folder(self, path: Path) -> Path:
        """The return as a folder of CSV files."""
        path.mkdir(parents=True)
        for name, text in self.csv_texts().items():
            (path / name).write_text(text, encoding="utf-8", newline="")
        return path

    def write_zip(self, path: Path, inside: str = "") -> Path:
        """The return as a zip of CSV files, in a folder of the zip where `inside` names one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in self.csv_texts().items():
                archive.writestr(inside + name, text)
        return path

    def write_workbook(
        self, path: Path, values: Mapping[tuple[str, int, str], object] = {}
    ) -> Path:
        """The return as a workbook of text cells; `values` replaces cells by (table, row, column)
        with values of other kinds."""
        path.parent.mkdir(parents=True, exist_ok=True)
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in self.tables.items():
            sheet = book.create_sheet(name)
            columns = list(CLEAN[name][0])
            sheet.append(columns)
            for number, row in enumerate(rows):
                sheet.append([values.get((name, number, c), row[c] or None) for c in columns])
        book.save(path)
        return path


def csv_text(rows: list[dict[str, str]], delimiter: str = ",") -> str:
    """Rows as CSV text with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
