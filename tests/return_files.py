"""A small return that every rule accepts, to be spoilt by tests one thing at a time."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl

from orchestration.settings import PROJECT

REGISTRY = PROJECT / "seeds" / "registry"

CLEAN: dict[str, list[dict[str, str]]] = {
    "return": [
        {
            "provider_code": "AB01",
            "period": "2025-05",
            "submission_no": "1",
            "standard_version": "1.0",
            "prepared_on": "2025-06-03",
        }
    ],
    "people": [
        {
            "person_id": f"P{number}",
            "link_key": f"{number:064x}",
            "birth_year": "1980",
            "gender": "1",
            "ethnic_category": "A",
            "gp_registered": "Y",
        }
        for number in (1, 2)
    ],
    "person_groups": [
        {"person_id": "P1", "inclusion_group": "homeless"},
        {"person_id": "P2", "inclusion_group": "grt"},
    ],
    "episodes": [
        {
            "episode_id": f"E{number}",
            "person_id": f"P{number}",
            "service_code": "AB01-A",
            "referral_date": "2025-03-30",
            "start_date": "2025-04-01",
            "end_date": "",
            "end_reason": "",
        }
        for number in (1, 2)
    ],
    "contacts": [
        {
            "contact_id": f"C{number}",
            "episode_id": f"E{number}",
            "contact_date": "2025-05-06",
            "contact_type": "clinic",
            "attendance": "attended",
            "purpose": "housing",
            "bedded_down": "",
            "duration_minutes": "30",
        }
        for number in (1, 2)
    ],
    "handovers": [
        {
            "handover_id": "H1",
            "episode_id": "E1",
            "handover_date": "2025-05-07",
            "to_agency": "gp",
            "kind": "referral",
            "result": "accepted",
        }
    ],
    "case_reviews": [
        {
            "review_id": "R1",
            "episode_id": "E1",
            "review_date": "2025-05-08",
            "multidisciplinary": "Y",
            "agencies_present": "3",
        }
    ],
    "admissions": [
        {
            "admission_id": "A1",
            "episode_id": "E1",
            "admitted_date": "2025-05-10",
            "discharged_date": "2025-05-12",
            "method": "emergency",
            "reason": "physical",
            "discharge_destination": "hostel",
        }
    ],
    "assessments": [
        {
            "assessment_id": "S1",
            "episode_id": "E1",
            "assessment_date": "2025-05-09",
            "measure": "pss10",
            "score": "22",
        }
    ],
    "outcomes": [
        {
            "outcome_id": "O1",
            "episode_id": "E1",
            "outcome_date": "2025-05-20",
            "outcome": "interview",
        }
    ],
    "stays": [
        {
            "stay_id": "Y1",
            "episode_id": "E1",
            "accommodation": "hostel",
            "start_date": "2025-05-12",
            "end_date": "",
            "end_reason": "",
            "supported": "Y",
        }
    ],
    "costs": [
        {
            "cost_id": "K1",
            "service_code": "AB01-A",
            "cost_type": "staff",
            "amount_gbp": "1,234.50",
        }
    ],
    "narratives": [
        {
            "narrative_id": "N1",
            "service_code": "AB01-A",
            "narrative_date": "2025-05-21",
            "domain": "social",
            "kind": "case_story",
            "text": "Someone listened, and that was the beginning.",
            "consent_to_publish": "Y",
        }
    ],
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
