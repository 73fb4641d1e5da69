"""Warnings: a site that is too old, a return that is overdue."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.freshness import overdue_returns, stale_site
from orchestration.last_refresh import last_ending, note_ending
from orchestration.operation import operation
from orchestration.settings import Settings


def settings(tmp_path: Path, day: date = date(2026, 4, 15)) -> Settings:
    return Settings(tmp_path, tmp_path, tmp_path, day)


def test_a_site_that_was_never_refreshed_is_stale(tmp_path: Path) -> None:
    assert stale_site(settings(tmp_path), operation({})) == "No refresh has ended well yet."


def test_a_site_is_stale_after_so_many_hours_though_nothing_was_new(tmp_path: Path) -> None:
    made = settings(tmp_path)
    note_ending(made, "r1", "nothing new")
    ended = last_ending(made)
    assert ended is not None
    given = operation({"OUTCOMES_SITE_STALE_HOURS": "26"})
    assert stale_site(made, given, ended + timedelta(hours=26)) is None
    said = stale_site(made, given, ended + timedelta(hours=30))
    assert said is not None and said.startswith("The last refresh ended well 30 hours ago")
    before = stale_site(made, given, ended - timedelta(hours=1))
    assert before is not None and "in the future" in before


def test_an_ending_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    made = settings(tmp_path)
    made.last_refresh.write_text("{")
    assert last_ending(made) is None
    note_ending(made, None, "published")
    assert (last_ending(made) or datetime.min.replace(tzinfo=UTC)) > datetime(
        2026, 1, 1, tzinfo=UTC
    )


def test_a_return_is_overdue_so_many_days_after_its_month(tmp_path: Path) -> None:
    made = settings(tmp_path)
    with duckdb.connect(str(made.warehouse)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.return_status as from (values ('AB01', '2026-03', 'missing'), "
            "('AB01', '2026-02', 'missing'), ('BR02', '2026-02', 'in_effect')) "
            "t(provider_code, period, state)"
        )
    given = operation({"OUTCOMES_RETURN_OVERDUE_DAYS": "15"})
    # 31 March and 15 days is 15 April: overdue from 16 April on.
    assert overdue_returns(made, given) == [("AB01", "2026-02")]
    later = settings(tmp_path, date(2026, 4, 16))
    assert overdue_returns(later, given) == [("AB01", "2026-02"), ("AB01", "2026-03")]


def test_before_anything_was_computed_nothing_is_overdue(tmp_path: Path) -> None:
    assert overdue_returns(settings(tmp_path), operation({})) == []


def test_a_warehouse_that_cannot_be_read_is_not_taken_for_one_without_overdue_returns(
    tmp_path: Path,
) -> None:
    made = settings(tmp_path)
    made.warehouse.write_bytes(b"no database " * 1000)
    with pytest.raises(duckdb.IOException):
        overdue_returns(made, operation({}))
