"""The lake: what reaches it, what stays, and what a broken night leaves to be done."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.night import Night, OvertakenError
from orchestration.settings import Settings
from tests.return_files import REGISTRY, ReturnFiles


@pytest.fixture
def night(tmp_path: Path) -> Night:
    """A night with one received return, not yet judged."""
    ReturnFiles().write_zip(tmp_path / "returns" / "AB01" / "may.zip")
    shutil.copytree(REGISTRY, tmp_path / "registry")
    return night_of(tmp_path)


def night_of(home: Path) -> Night:
    made = Night(Settings(home / "returns", home / "registry", home / "build", date(2025, 7, 1)))
    made.receive()
    return made


def judge(night: Night) -> int:
    return night.judge(lambda _: None)


def lake_rows(night: Night, table: str) -> int:
    with duckdb.connect(str(night.settings.warehouse), read_only=True) as connection:
        row = connection.execute(f'select count(*) from lake."{table}"').fetchone()
    return int(row[0]) if row else 0


def test_a_return_is_judged_once(night: Night) -> None:
    assert judge(night) == 1
    assert judge(night) == 0


def test_a_night_that_broke_off_while_rows_were_moved_is_made_up_for(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = len(ReturnFiles().tables)
    whole = Path.replace
    for moves in range(files):
        shutil.rmtree(night.settings.build / "lake", ignore_errors=True)
        left = moves

        def replace(path: Path, target: Path) -> Path:
            nonlocal left
            if "lake" in target.parts:
                if not left:
                    raise KeyboardInterrupt
                left -= 1
            return whole(path, target)

        monkeypatch.setattr(Path, "replace", replace)
        with pytest.raises(KeyboardInterrupt):
            judge(night)
        monkeypatch.setattr(Path, "replace", whole)
        assert judge(night) == 1, f"after {moves} moves"
        assert len(list(night.settings.lake.rglob("*.parquet"))) == files


def test_a_registry_that_changes_after_judging_makes_no_release(
    night: Night, tmp_path: Path
) -> None:
    judge(night)
    services = tmp_path / "registry" / "services.csv"
    services.write_text(services.read_text().replace("AB01-B,Hosp", "AB01-C,Hosp"))
    with pytest.raises(OvertakenError):
        night_of(tmp_path).lay_out_sources(lambda _: None)


def test_a_return_judged_anew_is_in_the_lake_once(night: Night, tmp_path: Path) -> None:
    judge(night)
    night.lay_out_sources(lambda _: None)
    assert lake_rows(night, "contacts") == 2
    providers = tmp_path / "registry" / "providers.csv"
    providers.write_text(providers.read_text().replace("Abington Street", "Abington Road"))
    again = night_of(tmp_path)
    assert judge(again) == 1
    again.lay_out_sources(lambda _: None)
    assert lake_rows(again, "contacts") == 2
    assert len(list(again.settings.lake.glob("contacts/*/*/*/*.parquet"))) == 1


def test_the_first_of_two_files_with_one_number_counts_whenever_it_comes(
    night: Night, tmp_path: Path
) -> None:
    judge(night)
    earlier = ReturnFiles().set("contacts", 0, attendance="cancelled_person")
    path = earlier.write_zip(tmp_path / "returns" / "AB01" / "earlier.zip")
    import os

    os.utime(path, (1_000, 1_000))
    again = night_of(tmp_path)
    assert judge(again) == 1
    _, refused = again.receipts()
    assert len(refused) == 1
    again.lay_out_sources(lambda _: None)
    assert lake_rows(again, "contacts") == 2
    with duckdb.connect(str(again.settings.warehouse), read_only=True) as connection:
        assert connection.execute(
            "select source_name, is_accepted from intake.submissions order by received_at"
        ).fetchall() == [("earlier.zip", True), ("may.zip", False)]
        assert connection.execute("select rule, source_name from intake.failures").fetchall() == [
            ("return.submission_no.new", "may.zip")
        ]


def test_a_receipt_of_another_version_is_as_good_as_none(night: Night) -> None:
    judge(night)
    (receipt,) = (night.settings.ledger / "receipts").glob("*.json")
    receipt.write_text('{"return_id": "of another shape"}')
    assert judge(night) == 1


def lake_paths(night: Night) -> list[Path]:
    return sorted(night.settings.lake.rglob("*.parquet"))


def judge_and_tell(night: Night) -> tuple[int, list[str]]:
    said: list[str] = []
    return night.judge(said.append), said


@pytest.mark.parametrize("damage", ["changed", "cut", "gone", "checksums gone", "checksums odd"])
def test_a_damaged_file_of_the_lake_is_set_aside_and_its_return_judged_anew(
    night: Night, damage: str
) -> None:
    judge(night)
    whole = {path: path.read_bytes() for path in lake_paths(night)}
    hit = next(path for path in whole if "contacts" in path.parts)
    (checksums,) = (night.settings.ledger / "checksums").iterdir()
    if damage == "changed":
        hit.write_bytes(hit.read_bytes()[:-9] + b"\0" * 9)
    elif damage == "cut":
        hit.write_bytes(hit.read_bytes()[:100])
    elif damage == "gone":
        hit.unlink()
    elif damage == "checksums gone":
        checksums.unlink()
    else:
        checksums.write_text("{")
    found = hit.read_bytes() if hit.exists() else None
    judged, said = judge_and_tell(night)
    assert judged == 1
    assert "AB01, 2025-05, submission 1 are damaged" in said[0]
    assert {path: path.read_bytes() for path in lake_paths(night)} == whole
    kept = night.settings.damaged / hit.relative_to(night.settings.lake)
    assert (kept.read_bytes() if kept.exists() else None) == found
    assert judge_and_tell(night) == (0, [])


def test_a_lake_that_holds_what_was_put_into_it_is_left_alone(night: Night) -> None:
    judge(night)
    assert judge_and_tell(night) == (0, [])
    assert not night.settings.damaged.exists()
