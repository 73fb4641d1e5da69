"""The rules about a return as a whole, and the order in which submissions take their numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from expectations.rules.return_rules import Submission, has_ended, repeated_submissions
from expectations.standard import Standard
from orchestration.intake import judge as judging
from orchestration.intake.text_tables import TextTable
from tests.judging import judge_one, judge_paths
from tests.return_files import ReturnFiles


def rules_of(files: ReturnFiles, tmp_path: Path, **how: object) -> list[str]:
    path = files.write_folder(tmp_path / "return")
    judged = judge_one(path, tmp_path / "aside", **how)  # type: ignore[arg-type]
    return [rule for rule, *_ in judged.failures[0]]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"provider_code": "BR02"}, ["return.provider_code.inbox"]),
        ({"submission_no": "0"}, ["return.manifest.single", "return.submission_no.range"]),
        ({"period": "2025-13"}, ["return.manifest.single", "return.period.type"]),
        ({"period": ""}, ["return.manifest.single", "return.period.required"]),
    ],
)
def test_a_wrong_manifest_rejects_the_return(
    cells: dict[str, str], expected: list[str], tmp_path: Path
) -> None:
    files = ReturnFiles().set("return", 0, **cells)
    found = [rule for rule in rules_of(files, tmp_path) if rule.startswith("return.")]
    assert found == expected


def test_a_return_for_a_month_that_has_not_ended_is_rejected(tmp_path: Path) -> None:
    assert rules_of(ReturnFiles(), tmp_path, as_at=date(2025, 5, 31)) == ["return.period.open"]


def test_a_month_has_ended_when_its_last_day_lies_before_the_day() -> None:
    assert not has_ended(date(2025, 5, 1), date(2025, 5, 31))
    assert has_ended(date(2025, 5, 1), date(2025, 6, 1))
    assert has_ended(date(2024, 12, 1), date(2025, 1, 1))


def test_a_month_before_the_provider_became_active_fails_two_rules(tmp_path: Path) -> None:
    files = ReturnFiles().set("return", 0, period="2024-03")
    found = [rule for rule in rules_of(files, tmp_path) if rule.startswith("return.")]
    assert found[-2:] == ["return.period.open", "return.provider_code.known"]


def test_two_manifest_rows_are_as_bad_as_none(tmp_path: Path) -> None:
    files = ReturnFiles().add("return", submission_no="2")
    assert rules_of(files, tmp_path) == ["return.manifest.single"]


def test_a_missing_table_is_told_once_and_not_again_for_each_row(tmp_path: Path) -> None:
    path = ReturnFiles().write_folder(tmp_path / "return")
    (path / "people.csv").unlink()
    judged = judge_one(path, tmp_path / "aside")
    assert judged.failures[0] == [("return.table.present", "people", None, None)]
    assert judged.judgements[0].rejected


def test_a_missing_column_is_told_once_and_an_unknown_one_is_ignored(tmp_path: Path) -> None:
    files = ReturnFiles()
    files.tables["contacts"] = [
        {("mood" if key == "attendance" else key): value for key, value in row.items()}
        for row in files.tables["contacts"]
    ]
    path = files.write_folder(tmp_path / "return")
    assert judge_one(path, tmp_path / "aside").failures[0] == [
        ("return.column.known", "contacts", None, "mood"),
        ("return.column.present", "contacts", None, "attendance"),
    ]


def test_the_share_is_not_judged_below_twenty_rows(tmp_path: Path) -> None:
    files = ReturnFiles().set("contacts", 0, attendance="?")
    assert rules_of(files, tmp_path) == ["contacts.attendance.code"]


def submission(name: str, content: str, minute: int, number: int = 1) -> Submission:
    received = datetime(2025, 6, 3, 12, minute, tzinfo=UTC)
    return Submission(name, "AB01", date(2025, 5, 1), number, content, received, name)


def test_the_first_received_keeps_its_number_and_another_content_is_refused() -> None:
    late, early = submission("late", "x", 9), submission("early", "y", 1)
    again, next_one = submission("again", "y", 5), submission("next", "z", 9, number=2)
    assert repeated_submissions([late, early, again, next_one]) == {"late"}


def test_at_the_same_time_the_name_decides() -> None:
    assert repeated_submissions([submission("b", "x", 1), submission("a", "y", 1)]) == {"b"}


@pytest.mark.parametrize("period", ["9999-12", "0205-05", "31/12/9999"])
def test_a_month_of_another_age_is_told_and_stops_nothing(period: str, tmp_path: Path) -> None:
    found = rules_of(ReturnFiles().set("return", 0, period=period), tmp_path)
    assert "return.period.open" in found


def test_a_return_that_cannot_be_judged_costs_the_others_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [ReturnFiles().write_zip(tmp_path / f"{name}.zip") for name in ("a", "odd", "c")]
    read = judging.read_return

    def odd(path: Path, known: Standard) -> list[TextTable]:
        tables = read(path, known)
        return [replace(tables[0], header=("\ud800",))] if path.stem == "odd" else tables

    monkeypatch.setattr(judging, "read_return", odd)
    judged = judge_paths(paths, tmp_path / "aside")
    assert judged.failures[0] == judged.failures[2] == []
    assert [rule for rule, *_ in judged.failures[1]] == ["return.file.readable"]
    assert [judgement.rejected for judgement in judged.judgements] == [False, True, False]


def test_what_is_wrong_with_judging_itself_is_blamed_on_no_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> list[TextTable]:
        raise RuntimeError("our own mistake")

    monkeypatch.setattr(judging, "read_return", broken)
    with pytest.raises(RuntimeError, match="our own mistake"):
        judge_one(ReturnFiles().write_zip(tmp_path / "may.zip"), tmp_path / "aside")


def test_a_return_of_another_provider_is_known_as_such_whatever_else_is_wrong(
    tmp_path: Path,
) -> None:
    files = ReturnFiles().set("return", 0, provider_code="br02", submission_no="x")
    judged = judge_one(files.write_zip(tmp_path / "may.zip"), tmp_path / "aside")
    assert judged.judgements[0].names_another
    own = judge_one(ReturnFiles().write_zip(tmp_path / "own.zip"), tmp_path / "aside")
    assert not own.judgements[0].names_another
