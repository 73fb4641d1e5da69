"""The workbook that a provider fills in: made from the standard, and clean once it is filled in."""

from __future__ import annotations

import datetime as dt
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from expectations.standard import Field
from orchestration.cli import main
from orchestration.facts import example_return, standard
from orchestration.template.cells import MOST_MESSAGE_CHARACTERS, note, validation
from orchestration.template.workbook import TemplateError, template, write_template
from tests.judging import judge_one
from tests.return_files import CLEAN

READ_NOT_FILLED = ["guide", "codes", "example"]
FIELDS = [field for table in standard().tables.values() for field in table.fields]


@pytest.fixture(scope="module")
def made() -> bytes:
    return template(standard(), example_return())


@pytest.fixture
def book(made: bytes) -> Any:
    return openpyxl.load_workbook(BytesIO(made))


def column_of(field: Field) -> int:
    names = [known.name for known in standard().tables[field.table].fields]
    return names.index(field.name) + 1


def validation_of(sheet: Any, row: int, column: int) -> Any:
    cell = sheet.cell(row, column).coordinate
    found = [rule for rule in sheet.data_validations.dataValidation if cell in rule.sqref]
    assert len(found) <= 1
    return found[0] if found else None


def typed(field: Field, text: str) -> object:
    """A value as a spreadsheet keeps what is typed: days and numbers are no text."""
    if not text:
        return None
    match field.type:
        case "date":
            return dt.date.fromisoformat(text)
        case "integer":
            return int(text)
        case "decimal":
            return float(text.replace(",", ""))
    return text


def test_each_table_has_its_sheet_headed_by_its_fields(book: Any) -> None:
    tables = standard().tables
    assert book.sheetnames == READ_NOT_FILLED + list(tables)
    for table in tables.values():
        sheet = book[table.name]
        assert [cell.value for cell in sheet[1]] == [field.name for field in table.fields]
        assert sheet.freeze_panes == "A2"


def test_no_cell_but_a_heading_holds_anything_or_has_a_style_of_its_own(book: Any) -> None:
    for name in READ_NOT_FILLED:
        assert not list(book[name].values)
    for table in standard().tables.values():
        assert book[table.name].max_row == 1


def test_a_required_heading_differs_from_an_optional_one_by_more_than_colour(book: Any) -> None:
    for field in FIELDS:
        heading = book[field.table].cell(1, column_of(field))
        assert (heading.font.bold, heading.font.italic) == (field.required, not field.required)


def test_the_note_on_a_heading_says_what_it_is_and_whether_it_is_required(book: Any) -> None:
    for field in FIELDS:
        text = book[field.table].cell(1, column_of(field)).comment.text
        assert text == note(field, standard())
        assert text.startswith("REQUIRED" if field.required else "OPTIONAL")
        assert field.description in text
        for code in standard().codes.get(field.code_list or "", ()):
            assert f"{code.code}: {code.label}" in text


def test_a_field_with_a_code_list_offers_it_in_ten_thousand_rows(book: Any) -> None:
    told_in_words = []
    for field in FIELDS:
        if not field.code_list:
            continue
        sheet, column = book[field.table], column_of(field)
        codes = ",".join(code.code for code in standard().codes[field.code_list])
        rule = validation_of(sheet, 2, column)
        if len(codes) > 255:  # more than Excel takes of a list that stands in no cells
            told_in_words.append(f"{field.table}.{field.name}")
            assert rule.type is None
            assert 'on the sheet "codes"' in rule.prompt
            continue
        assert (rule.type, rule.formula1) == ("list", f'"{codes}"')
        assert str(rule.sqref).split(":")[1].endswith("10001")
        assert validation_of(sheet, 1, column) is None
        assert validation_of(sheet, 10_002, column) is None
    assert told_in_words == ["outcomes.outcome"]


@pytest.mark.parametrize(
    ("table", "field", "rule", "number_format"),
    [
        ("contacts", "contact_date", ("date", "between", "1", "73415"), "yyyy-mm-dd"),
        ("contacts", "duration_minutes", ("whole", "between", "0", "1440"), "0"),
        ("people", "birth_year", ("whole", "greaterThanOrEqual", "1900", None), "0"),
        ("costs", "amount_gbp", ("decimal", "between", "0", "100000000"), "General"),
        ("assessments", "score", ("decimal", "between", "0", "350"), "General"),
        ("contacts", "contact_id", ("textLength", "between", "1", "64"), "@"),
        ("people", "link_key", ("textLength", "between", "64", "64"), "@"),
        ("people", "gender", ("list", "between", '"1,2,9,X"', None), "@"),
        ("return", "period", ("textLength", "between", "7", "7"), "@"),
        ("narratives", "text", ("textLength", "between", "0", "2000"), "@"),
        ("episodes", "service_code", (None, "between", None, None), "@"),
    ],
)
def test_a_column_takes_what_its_field_takes(
    book: Any, table: str, field: str, rule: tuple[str | None, ...], number_format: str
) -> None:
    sheet = book[table]
    column = column_of(standard().tables[table].field(field))
    found = validation_of(sheet, 2, column)
    # `between` is what a file leaves unsaid
    operator = found.operator or "between"
    assert (found.type, operator, found.formula1, found.formula2) == rule
    letter = openpyxl.utils.get_column_letter(column)
    assert sheet.column_dimensions[letter].number_format == number_format


def test_every_message_is_whole_and_fits() -> None:
    for field in FIELDS:
        rule = validation(field, standard())
        for message in (rule["input_message"], rule["error_message"]):
            assert len(message) <= MOST_MESSAGE_CHARACTERS
            assert message.endswith(".") and not message.endswith("...")


def test_the_guide_the_codes_and_the_example_are_text_to_be_read(made: bytes) -> None:
    with zipfile.ZipFile(BytesIO(made)) as archive:
        guide, codes, example = (
            archive.read(f"xl/drawings/drawing{number}.xml").decode() for number in (1, 2, 3)
        )
    for table in standard().tables.values():
        assert f"{table.name}: {table.grain}" in guide
        for field, value in example_return()[table.name][0].items():
            if len(value) < 50:
                assert f"{field}: {value or '(empty)'}" in example
    assert "outcomes.outcome" in codes
    assert "screening_completed: Completed a screening test" in codes
    assert "brcs: 4 to 20" in codes


def test_an_empty_template_lacks_nothing_but_its_manifest_row(made: bytes, tmp_path: Path) -> None:
    path = tmp_path / "return.xlsx"
    path.write_bytes(made)
    judged = judge_one(path, tmp_path / "aside")
    assert judged.failures == [[("return.manifest.single", "return", None, None)]]


def test_a_template_that_is_filled_in_is_clean(book: Any, tmp_path: Path) -> None:
    for name, rows in CLEAN.items():
        for number, row in enumerate(rows, start=2):
            for column, field in enumerate(standard().tables[name].fields, start=1):
                book[name].cell(number, column).value = typed(field, row[field.name])
    path = tmp_path / "return.xlsx"
    book.save(path)
    judged = judge_one(path, tmp_path / "aside")
    assert judged.failures == [[]]
    assert {table: len(rows) for table, rows in judged.accepted_rows.items()} == {
        table: len(rows) for table, rows in CLEAN.items()
    }


def test_the_same_standard_makes_the_same_bytes(made: bytes) -> None:
    assert template(standard(), example_return()) == made


def test_the_command_writes_a_workbook_that_opens(tmp_path: Path) -> None:
    path = tmp_path / "return.xlsx"
    ran = CliRunner().invoke(main, ["template", str(path)])
    assert ran.exit_code == 0, ran.output
    assert "contacts" in openpyxl.load_workbook(path, read_only=True).sheetnames
    assert [found.name for found in tmp_path.iterdir()] == ["return.xlsx"]


def test_a_file_that_is_there_is_kept_unless_overwriting_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "return.xlsx"
    path.write_text("a month's work")
    ran = CliRunner().invoke(main, ["template", str(path)])
    assert ran.exit_code == 2
    assert f"{path} is already there; name another file, or add --overwrite." in ran.output
    assert path.read_text() == "a month's work"
    assert CliRunner().invoke(main, ["template", str(path), "--overwrite"]).exit_code == 0
    assert path.read_bytes().startswith(b"PK")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("return.csv", "must end in .xlsx"),
        ("nowhere/return.xlsx", "there is no folder"),
        ("folder.xlsx", "is a folder"),
    ],
)
def test_a_place_that_cannot_hold_a_workbook_is_told(name: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "folder.xlsx").mkdir()
    with pytest.raises(TemplateError, match=why):
        write_template(tmp_path / name)
