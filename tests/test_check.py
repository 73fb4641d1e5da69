"""`outcomes check`: one return judged before it is sent."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from orchestration.cli import main
from tests.judging import AS_AT, judge_one
from tests.return_files import REGISTRY, ReturnFiles


def check(path: Path, *options: str) -> Result:
    """Runs the command on `path`, with the registry and the day of the tests."""
    fixed = ["--registry", str(REGISTRY), "--as-at", AS_AT.isoformat()]
    return CliRunner().invoke(main, ["check", str(path), *fixed, *options])


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    return ReturnFiles().write_zip(tmp_path / "may.zip")


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    files = ReturnFiles().set("contacts", 0, attendance="=perhaps", contact_date="2025-06-01")
    files.set("episodes", 1, start_date="")
    return files.write_zip(tmp_path / "may.zip")


def test_a_clean_return_would_be_accepted(clean: Path) -> None:
    result = check(clean)
    assert result.exit_code == 0
    assert "may.zip would be accepted: all 17 rows count" in result.stdout


def test_rows_with_errors_are_told_and_the_return_would_still_be_accepted(faulty: Path) -> None:
    result = check(faulty)
    assert result.exit_code == 0
    assert "3 would be left out" in result.stdout
    assert 'row 2: attendance holds "=perhaps"' in result.stdout
    assert "To mend it: Use one of the codes listed for attendance." in result.stdout


def test_causes_are_told_before_what_follows_from_them(faulty: Path) -> None:
    told = check(faulty).stdout
    assert told.index("episodes.start_date.required") < told.index("contacts.episode_id.reference")


def test_a_return_that_would_be_rejected_says_so_and_everything_else_too(tmp_path: Path) -> None:
    files = ReturnFiles().set("return", 0, period="2025-07").set("people", 0, gender="")
    result = check(files.write_folder(tmp_path / "july"))
    assert result.exit_code == 1
    assert "july would be rejected" in result.stdout
    told = result.stdout
    assert told.index("return.period.open") < told.index("people.gender.required")


def test_a_file_that_cannot_be_opened_is_a_judgement_and_no_wrong_usage(tmp_path: Path) -> None:
    path = tmp_path / "may.pdf"
    path.write_bytes(b"%PDF-1.7")
    result = check(path)
    assert result.exit_code == 1
    assert "return.file.readable" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [["check"], ["check", "nowhere.zip"], ["check", ".", "--format", "xml"]],
)
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, arguments).exit_code == 2


def test_without_a_registry_it_says_where_to_get_one(clean: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["check", str(clean), "--registry", str(tmp_path / "none")])
    assert result.exit_code == 2
    assert "Ask your commissioner" in result.stderr


def test_another_providers_inbox_would_reject_it(clean: Path) -> None:
    assert check(clean, "--provider", "ab01").exit_code == 0
    result = check(clean, "--provider", "BR02")
    assert result.exit_code == 1
    assert "return.provider_code.inbox" in result.stdout


def test_the_rules_that_need_what_was_received_before_are_said_not_to_be_judged(
    clean: Path,
) -> None:
    without = json.loads(check(clean, "--format", "json").stdout)["not_judged"]
    assert without == [
        "return.provider_code.inbox",
        "return.submission_no.new",
        "episodes.episode_id.dropped",
        "contacts.volume.shift",
        "<table>.<field>.drop_off",
        "episodes.contacts.overdue",
    ]
    named = json.loads(check(clean, "--format", "json", "--provider", "AB01").stdout)
    assert named["not_judged"] == without[1:]
    assert "The number of contacts lies between half and twice" in check(clean).stdout


def test_json_holds_the_same_failures_as_the_refresh_would_find(
    faulty: Path, tmp_path: Path
) -> None:
    answer = json.loads(check(faulty, "--format", "json").stdout)
    assert answer["accepted"] is True
    assert (answer["provider_code"], answer["period"], answer["submission_no"]) == (
        "AB01",
        "2025-05",
        1,
    )
    assert answer["rows"]["contacts"] == {"received": 2, "excluded": 2}
    found = [(f["rule"], f["table_name"], f["row_number"], f["field"]) for f in answer["failures"]]
    assert sorted(found, key=str) == sorted(
        judge_one(faulty, tmp_path / "aside").failures[0], key=str
    )
    assert all(failure["how_to_mend"] for failure in answer["failures"])


def test_csv_has_the_columns_of_the_providers_report_and_is_safe_to_open(faulty: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(check(faulty, "--format", "csv").stdout)))
    assert list(rows[0]) == [
        "provider_code",
        "period",
        "submission_no",
        "source_name",
        "table_name",
        "row_number",
        "field",
        "rule",
        "severity",
        "value",
        "message",
    ]
    (attendance,) = [row for row in rows if row["rule"] == "contacts.attendance.code"]
    assert attendance["value"] == "'=perhaps"
    assert (attendance["row_number"], attendance["severity"]) == ("2", "error")


def test_nothing_is_written(clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    before = clean.stat().st_mtime_ns, sorted(tmp_path.rglob("*"))
    check(clean)
    assert (clean.stat().st_mtime_ns, sorted(tmp_path.rglob("*"))) == before


def test_only_what_it_needs_is_imported(clean: Path) -> None:
    code = (
        "import sys\nfrom orchestration.cli import main\n"
        f"try:\n    main(['check', {str(clean)!r}, '--registry', {str(REGISTRY)!r}, "
        "'--as-at', '2025-07-01'])\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "heavy = {'dagster', 'dbt', 'great_expectations', 'pandas', 'numpy', 'openpyxl', "
        "'mkdocs', 'altair', 'jinja2'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_manifest_that_cannot_be_used_raises_no_doubt_of_the_services(tmp_path: Path) -> None:
    files = ReturnFiles().set("return", 0, submission_no="first")
    answer = json.loads(check(files.write_zip(tmp_path / "may.zip"), "--format", "json").stdout)
    # The cause is told before what it leads to.
    assert [failure["rule"] for failure in answer["failures"]] == [
        "return.submission_no.type",
        "return.manifest.single",
    ]


def test_a_provider_that_is_not_registered_is_remarked_on(clean: Path) -> None:
    result = check(clean, "--provider", "ZZ99")
    assert result.exit_code == 1
    assert "ZZ99 is no provider of the registry" in result.stderr


def test_a_folder_is_called_by_its_name_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ReturnFiles().write_folder(tmp_path / "may"))
    assert check(Path()).stdout.startswith("may would be accepted")
