"""The rules that compare a return with the months before it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.judging_months import MonthFailure, failures_of, judge_months, return_of_month
from tests.return_files import ReturnFiles

MONTHS = ("2025-02", "2025-03", "2025-04", "2025-05")


def told(failures: list[MonthFailure], rule: str) -> list[tuple[str, str | None]]:
    """The month and the value of each failure of `rule`."""
    return [(f.period, f.value) for f in failures if f.rule == rule]


def four_months(spoil: Callable[[str, ReturnFiles], None]) -> dict[str, ReturnFiles]:
    """Returns of February to May 2025, each spoilt in its own way."""
    returns = {}
    for month in MONTHS:
        returns[month] = return_of_month(month)
        spoil(month, returns[month])
    return returns


def contacts(files: ReturnFiles, number: int, **cells: str) -> None:
    """Gives a return so many contacts, all like its first but for some cells."""
    first = files.tables["contacts"][0]
    files.tables["contacts"] = [first | {"contact_id": f"C{n}"} | cells for n in range(number)]


def test_four_clean_months_fail_no_rule(tmp_path: Path) -> None:
    assert judge_months(tmp_path, four_months(lambda *_: None)) == []


def test_an_open_episode_that_is_not_sent_again_is_told_once_and_without_a_row(
    tmp_path: Path,
) -> None:
    def spoil(month: str, files: ReturnFiles) -> None:
        if month in ("2025-02", "2025-03"):
            files.add("episodes", 1, episode_id="E3")

    failures = judge_months(tmp_path, four_months(spoil))
    assert [f[:-1] for f in failures] == [
        ("2025-04", 1, "episodes.episode_id.dropped", "episodes", None, "episode_id", "E3")
    ]
    assert "Episode E3 was open" in failures[0].message


def test_an_episode_that_ended_need_not_be_sent_again(tmp_path: Path) -> None:
    def spoil(month: str, files: ReturnFiles) -> None:
        if month == "2025-03":
            files.add("episodes", 1, episode_id="E3", end_date="2025-03-20", end_reason="goals_met")

    assert judge_months(tmp_path, four_months(spoil)) == []


def test_an_episode_that_is_sent_with_an_error_is_not_dropped(tmp_path: Path) -> None:
    returns = four_months(lambda *_: None)
    returns["2025-05"].set("episodes", 1, service_code="ZZ99-X")
    rules = {f.rule for f in judge_months(tmp_path, returns)}
    assert "episodes.service_code.reference" in rules
    assert "episodes.episode_id.dropped" not in rules


def test_without_the_month_before_nothing_is_dropped(tmp_path: Path) -> None:
    returns = four_months(lambda *_: None)
    returns["2025-03"].add("episodes", 1, episode_id="E3")
    del returns["2025-04"]
    assert judge_months(tmp_path, returns) == []


def test_a_missing_table_of_episodes_is_told_as_missing_and_no_more(tmp_path: Path) -> None:
    returns = four_months(lambda *_: None)
    del returns["2025-05"].tables["episodes"]
    rules = {f.rule for f in judge_months(tmp_path, returns)}
    assert "return.table.present" in rules
    assert "episodes.episode_id.dropped" not in rules


@pytest.mark.parametrize(
    ("now", "value"),
    # The mean of 40, 20 and 32 is 92 / 3: half of it is 15.3, twice it 61.3.
    [(15, "15"), (16, None), (61, None), (62, "62")],
)
def test_contacts_shift_below_half_and_above_twice_the_usual(
    tmp_path: Path, now: int, value: str | None
) -> None:
    numbers = dict(zip(MONTHS, (40, 20, 32, now), strict=True))
    returns = four_months(lambda month, files: contacts(files, numbers[month]))
    failures = judge_months(tmp_path, returns)
    found = told(failures, "contacts.volume.shift")
    assert found == ([("2025-05", value)] if value else [])
    if value:
        shift = next(f for f in failures if f.rule == "contacts.volume.shift")
        assert (shift.table_name, shift.row_number, shift.field) == ("contacts", None, None)
        assert "between 16 and 61" in shift.message


@pytest.mark.parametrize(("usual", "is_told"), [((20, 20, 20), True), ((20, 20, 19), False)])
def test_contacts_are_compared_with_a_mean_of_twenty_or_more(
    tmp_path: Path, usual: tuple[int, int, int], is_told: bool
) -> None:
    numbers = dict(zip(MONTHS, (*usual, 5), strict=True))
    returns = four_months(lambda month, files: contacts(files, numbers[month]))
    assert bool(told(judge_months(tmp_path, returns), "contacts.volume.shift")) is is_told


def test_contacts_are_not_compared_where_one_of_three_months_is_not_accepted(
    tmp_path: Path,
) -> None:
    numbers = dict(zip(MONTHS, (40, 40, 40, 5), strict=True))
    returns = four_months(lambda month, files: contacts(files, numbers[month]))
    returns["2025-03"].set("return", 0, standard_version="9.9")
    assert told(judge_months(tmp_path, returns), "contacts.volume.shift") == []


def test_contacts_with_errors_do_not_count_on_either_side(tmp_path: Path) -> None:
    def spoil(month: str, files: ReturnFiles) -> None:
        contacts(files, 40 if month != "2025-05" else 20)
        if month == "2025-05":
            # One of twenty: not too many to be accepted, and one below half.
            files.set("contacts", 0, attendance="perhaps")

    assert told(judge_months(tmp_path, four_months(spoil)), "contacts.volume.shift") == [
        ("2025-05", "19")
    ]


@pytest.mark.parametrize(
    ("filled_before", "filled_now", "rows_now", "value"),
    [
        (16, 3, 20, "15.0"),  # 48 of 60 are 80 per cent; 3 of 20 are 15
        (16, 4, 20, None),  # 4 of 20 are 20 per cent
        (15, 3, 20, None),  # 45 of 60 are 75 per cent
        (16, 0, 19, None),  # 19 rows are too few
    ],
)
def test_a_field_drops_off_from_eighty_per_cent_to_below_twenty(
    tmp_path: Path, filled_before: int, filled_now: int, rows_now: int, value: str | None
) -> None:
    def spoil(month: str, files: ReturnFiles) -> None:
        rows, filled = (rows_now, filled_now) if month == "2025-05" else (20, filled_before)
        contacts(files, rows)
        for number in range(filled, rows):
            files.set("contacts", number, purpose="")

    failures = judge_months(tmp_path, four_months(spoil))
    assert told(failures, "contacts.purpose.drop_off") == ([("2025-05", value)] if value else [])


def test_a_column_that_is_left_out_has_dropped_off(tmp_path: Path) -> None:
    def spoil(month: str, files: ReturnFiles) -> None:
        contacts(files, 20)
        if month == "2025-05":
            for row in files.tables["contacts"]:
                del row["purpose"]

    failures = judge_months(tmp_path, four_months(spoil))
    assert [f[:-1] for f in failures if f.rule.endswith(".drop_off")] == [
        ("2025-05", 1, "contacts.purpose.drop_off", "contacts", None, "purpose", "0.0")
    ]


@pytest.mark.parametrize(("last_contact", "is_told"), [("2025-03-02", False), ("2025-03-01", True)])
def test_an_open_episode_is_overdue_after_ninety_days_without_a_contact(
    tmp_path: Path, last_contact: str, is_told: bool
) -> None:
    # From 2 March to 31 May 2025 are 90 days.
    def spoil(month: str, files: ReturnFiles) -> None:
        rows = files.tables["contacts"]
        files.tables["contacts"] = [row for row in rows if row["episode_id"] == "E1"]
        if month == "2025-03":
            files.add("contacts", 0, contact_id="C9", episode_id="E2", contact_date=last_contact)
        if month != "2025-05":
            # Else February to April would have overdue episodes of their own.
            files.set("episodes", 1, start_date=f"{month}-01", referral_date="")

    failures = judge_months(tmp_path, four_months(spoil))
    expected = [("2025-05", 1, "episodes.contacts.overdue", "episodes", 3, "episode_id", "E2")]
    assert [f[:-1] for f in failures] == (expected if is_told else [])


def test_an_episode_that_began_lately_is_not_overdue(tmp_path: Path) -> None:
    returns = {month: return_of_month(month) for month in ("2025-03", "2025-04", "2025-05")}
    returns["2025-05"].add("episodes", 1, episode_id="E3", start_date="2025-03-02")
    returns["2025-05"].set("episodes", 2, referral_date="")
    assert judge_months(tmp_path / "lately", returns) == []
    returns["2025-05"].set("episodes", 2, start_date="2025-03-01")
    again = judge_months(tmp_path / "earlier", returns)
    assert told(again, "episodes.contacts.overdue") == [("2025-05", "E3")]


@pytest.mark.parametrize(("missing", "is_told"), [("2025-02", True), ("2025-03", False)])
def test_an_episode_is_not_overdue_where_a_month_that_may_hold_a_contact_is_missing(
    tmp_path: Path, missing: str, is_told: bool
) -> None:
    # The 90 days up to 31 May 2025 begin in March.
    returns = {month: return_of_month(month) for month in MONTHS if month != missing}
    returns["2025-05"].add("episodes", 1, episode_id="E3")
    overdue = told(judge_months(tmp_path, returns), "episodes.contacts.overdue")
    assert overdue == ([("2025-05", "E3")] if is_told else [])


def test_a_rejected_return_is_compared_too(tmp_path: Path) -> None:
    returns = four_months(lambda *_: None)
    returns["2025-04"].add(
        "episodes", 1, episode_id="E3", referral_date="", start_date="2025-04-02"
    )
    returns["2025-05"].set("return", 0, standard_version="9.9")
    rules = [f.rule for f in judge_months(tmp_path, returns)]
    assert sorted(rules) == [
        "episodes.episode_id.dropped",
        "return.standard_version.supported",
    ]


def test_the_submission_in_effect_is_the_one_compared_with_and_order_does_not_matter(
    tmp_path: Path,
) -> None:
    first, second = return_of_month("2025-04"), return_of_month("2025-04", submission_no=2)
    first.add("episodes", 1, episode_id="E3")
    second.add("episodes", 1, episode_id="E4")
    may = return_of_month("2025-05")
    one = judge_months(tmp_path / "one", {"a": first, "b": second, "c": may})
    other = judge_months(tmp_path / "other", {"c": may, "b": second, "a": first})
    assert told(one, "episodes.episode_id.dropped") == [("2025-05", "E4")]
    assert one == other


def test_a_return_that_comes_late_changes_what_later_months_are_told(tmp_path: Path) -> None:
    may = return_of_month("2025-05")
    assert judge_months(tmp_path, {"may": may}) == []
    april = return_of_month("2025-04").add("episodes", 1, episode_id="E3")
    april.write_zip(tmp_path / "returns" / "AB01" / "april.zip")
    assert told(failures_of(tmp_path), "episodes.episode_id.dropped") == [("2025-05", "E3")]
    with duckdb.connect(str(tmp_path / "build" / "warehouse.duckdb"), read_only=True) as connection:
        assert connection.execute(
            "select period, warnings from intake.submissions order by period"
        ).fetchall() == [("2025-04", 0), ("2025-05", 1)]


def test_histories_are_judged_once(tmp_path: Path) -> None:
    judge_months(tmp_path, four_months(lambda *_: None))
    index = tmp_path / "build" / "ledger" / "history.json"
    before = index.stat().st_mtime_ns
    failures_of(tmp_path)
    assert index.stat().st_mtime_ns == before
