"""What a release changes is told, with its cause, and never what is hidden now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.facts import catalogue
from orchestration.publish.revisions import REVISIONS, compare

FIGURES = """(release_id varchar, indicator_id varchar, period_type varchar, period_start date,
    area_type varchar, area_code varchar, breakdown_type varchar, breakdown_value varchar,
    status varchar, value double, returns_in_effect integer)"""
CATALOGUE = """(indicator_id varchar, statistic varchar, numerator varchar, denominator varchar,
    multiplier integer, unit varchar, definition varchar, numerator_words varchar,
    denominator_words varchar)"""
RETURNS = """(provider_code varchar, period varchar, received integer, in_effect integer,
    rejected integer)"""
AREAS = {"QPM": "system", "NOR": "place", "DSN": "place", "AB01": "provider", "BR02": "provider"}


def figure(
    area: str,
    value: float | None,
    *,
    month: str = "2026-02",
    period: str = "month",
    group: str = "all",
    status: str = "",
    returns: int = 1,
    indicator: str = "contacts",
) -> tuple[object, ...]:
    """A published figure; one without a value is suppressed unless told otherwise."""
    return (
        "old", indicator, period, f"{month}-01", AREAS[area], area,
        "all" if group == "all" else "gender", group,
        status or ("suppressed" if value is None else "shown"), value, returns,
    )  # fmt: skip


class Releases:
    """Two releases of a small system: AB01 serves NOR, BR02 serves DSN."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._connection = duckdb.connect()
        for schema in ("marts", "intermediate"):
            self._connection.execute(f"create schema {schema}")
        self._connection.execute(
            "create table intermediate.int_service_areas as from (values "
            "('A', 'provider', 'AB01'), ('A', 'place', 'NOR'), ('A', 'system', 'QPM'), "
            "('B', 'provider', 'BR02'), ('B', 'place', 'DSN'), ('B', 'system', 'QPM')) "
            "as t (service_code, area_type, area_code)"
        )

    def _write(
        self,
        figures: list[tuple[object, ...]],
        definition: str,
        received: int,
    ) -> None:
        for table, columns, rows in (
            ("published_indicators", FIGURES, figures),
            (
                "published_catalogue",
                CATALOGUE,
                [("contacts", "count", "c", None, 1, "contacts", definition, "contacts", None)],
            ),
            ("published_returns", RETURNS, [("AB01", "2026-02", received, 1, 0)]),
        ):
            self._connection.execute(f"create or replace table marts.{table} {columns}")
            marks = ", ".join("?" for _ in rows[0]) if rows else ""
            if rows:
                self._connection.executemany(f"insert into marts.{table} values ({marks})", rows)

    def last(
        self, *figures: tuple[object, ...], definition: str = "As it was.", received: int = 1
    ) -> None:
        """What the release that is up says."""
        self._write(list(figures), definition, received)
        for table, file in (
            ("published_indicators", "indicators.parquet"),
            ("published_catalogue", "catalogue.csv"),
            ("published_returns", "returns.csv"),
        ):
            self._connection.execute(f"copy marts.{table} to '{self._folder / file}'")

    def now(
        self,
        *figures: tuple[object, ...],
        definition: str = "As it was.",
        received: int = 1,
        rules_changed: bool = False,
    ) -> list[dict[str, Any]]:
        """The revisions of a new release that says this."""
        self._write(list(figures), definition, received)
        compare(self._connection, self._folder, "new", rules_changed)
        found = self._connection.execute("from marts.published_revisions order by all")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture
def releases(tmp_path: Path) -> Iterator[Releases]:
    yield Releases(tmp_path)


def test_before_the_first_release_nothing_is_revised(releases: Releases) -> None:
    assert releases.now(figure("QPM", 40)) == []


def test_what_stays_as_it_was_is_not_told(releases: Releases) -> None:
    releases.last(figure("QPM", 40), figure("NOR", None))
    assert releases.now(figure("QPM", 40), figure("NOR", None)) == []


def test_a_changed_value_is_told_with_what_it_was_and_is(releases: Releases) -> None:
    releases.last(figure("QPM", 40))
    (row,) = releases.now(figure("QPM", 45))
    assert (row["release_id"], row["since_release"], row["kind"]) == ("new", "old", "changed")
    assert (row["status_before"], row["value_before"]) == ("shown", 40)
    assert (row["status_after"], row["value_after"]) == ("shown", 45)


def test_of_a_figure_that_is_hidden_now_nothing_is_told_from_before(releases: Releases) -> None:
    releases.last(figure("AB01", 10))
    (row,) = releases.now(figure("AB01", None))
    assert (row["status_after"], row["value_after"]) == ("suppressed", None)
    assert (row["status_before"], row["value_before"]) == (None, None)


def test_a_figure_that_is_shown_for_the_first_time_says_so(releases: Releases) -> None:
    releases.last(figure("AB01", None))
    (row,) = releases.now(figure("AB01", 10))
    assert (row["status_before"], row["value_before"]) == ("suppressed", None)
    assert row["value_after"] == 10


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(figure("BR02", 25), id="another organisation in the same month"),
        pytest.param(figure("QPM", 35), id="the system in the same month"),
        pytest.param(figure("AB01", 5, group="1"), id="one of its groups"),
        pytest.param(figure("AB01", 35, month="2026-01", period="quarter"), id="its quarter"),
        pytest.param(figure("AB01", 35, month="2025-04", period="financial_year"), id="its year"),
        pytest.param(figure("AB01", 15, month="2026-01"), id="another of its months"),
    ],
)
def test_what_was_hidden_cannot_be_worked_out_from_what_others_were(
    releases: Releases, other: tuple[object, ...]
) -> None:
    *cell, status, value, returns = other
    assert isinstance(value, int | float)
    releases.last(figure("AB01", 10), other)
    rows = releases.now(figure("AB01", None), (*cell, status, value + 10, returns))
    assert len(rows) == 2
    assert {row["value_before"] for row in rows} == {None}
    assert {row["value_after"] for row in rows} == {None, value + 10}


def test_nothing_is_told_from_before_that_leads_to_a_hidden_figure_by_several_sums(
    releases: Releases,
) -> None:
    # QPM was 60 and its group 2 was 30: so group 1 was 30, and AB01's 30 less BR02's 20.
    releases.last(
        figure("QPM", 60), figure("QPM", 30, group="1"), figure("QPM", 30, group="2"),
        figure("AB01", 10, group="1"), figure("BR02", 20, group="1"),
    )  # fmt: skip
    rows = releases.now(
        figure("QPM", 65), figure("QPM", 35, group="1"), figure("QPM", 30, group="2"),
        figure("AB01", None, group="1"), figure("BR02", 20, group="1"),
    )  # fmt: skip
    assert {row["value_before"] for row in rows} == {None}


def test_a_figure_that_is_gone_is_hidden_too(releases: Releases) -> None:
    # QPM's 60 less BR02's 50 would be AB01's 10.
    releases.last(figure("QPM", 60), figure("AB01", 10), figure("BR02", 50))
    rows = releases.now(figure("QPM", 50), figure("BR02", 50))
    assert {row["value_before"] for row in rows} == {None}


def test_a_cell_that_is_new_is_added_and_one_that_is_gone_removed(releases: Releases) -> None:
    releases.last(figure("QPM", 40), figure("QPM", 10, group="1"))
    rows = releases.now(figure("QPM", 40), figure("QPM", 10, group="2"))
    assert [(r["breakdown_value"], r["kind"], r["value_before"], r["value_after"]) for r in rows] \
        == [("1", "removed", None, None), ("2", "added", None, 10)]  # fmt: skip


def cause_of(rows: list[dict[str, Any]], area: str = "AB01") -> str:
    (cause,) = {row["cause"] for row in rows if row["area_code"] == area}
    return str(cause)


def test_more_returns_than_before_are_a_late_return(releases: Releases) -> None:
    releases.last(figure("AB01", None, status="not_submitted", returns=0))
    assert cause_of(releases.now(figure("AB01", 40))) == "late_return"


def test_a_return_that_counts_no_longer_is_a_cause(releases: Releases) -> None:
    releases.last(figure("AB01", 40, returns=2))
    assert cause_of(releases.now(figure("AB01", 20, returns=1))) == "fewer_returns"


def test_a_month_that_was_sent_again_is_a_resubmission_for_each_of_its_areas(
    releases: Releases,
) -> None:
    old = (figure("AB01", 40), figure("NOR", 40), figure("QPM", 80), figure("BR02", 40))
    releases.last(*old)
    rows = releases.now(
        figure("AB01", 50), figure("NOR", 50), figure("QPM", 90), figure("BR02", 45), received=2
    )
    assert {row["area_code"]: row["cause"] for row in rows} == {
        "AB01": "resubmission", "NOR": "resubmission", "QPM": "resubmission", "BR02": "other",
    }  # fmt: skip


def test_a_month_that_was_sent_again_revises_its_quarter_but_no_other_month(
    releases: Releases,
) -> None:
    releases.last(
        figure("AB01", 40, month="2026-01", period="quarter"), figure("AB01", 5, month="2025-11")
    )
    rows = releases.now(
        figure("AB01", 45, month="2026-01", period="quarter"),
        figure("AB01", 10, month="2025-11"),
        received=2,
    )
    assert {row["period_type"]: row["cause"] for row in rows} == {
        "quarter": "resubmission", "month": "other",
    }  # fmt: skip


def test_a_new_month_is_the_cause_in_the_periods_that_hold_it(releases: Releases) -> None:
    releases.last(
        figure("AB01", 40, month="2026-02"),
        figure("AB01", 80, month="2026-01", period="quarter", returns=2),
    )
    rows = releases.now(
        figure("AB01", 45, month="2026-02"),
        figure("AB01", 40, month="2026-03"),
        figure("AB01", 120, month="2026-01", period="quarter", returns=3),
    )
    assert {(r["period_type"], str(r["period_start"])): r["cause"] for r in rows} == {
        ("month", "2026-02-01"): "other",
        ("month", "2026-03-01"): "new_period",
        ("quarter", "2026-01-01"): "new_period",
    }


def test_a_period_that_is_not_over_is_not_new_where_no_month_came(releases: Releases) -> None:
    year = {"month": "2025-04", "period": "financial_year"}
    releases.last(figure("AB01", 40), figure("AB01", 400, **year, returns=10))  # type: ignore[arg-type]
    rows = releases.now(figure("AB01", 40), figure("AB01", 440, **year, returns=11))  # type: ignore[arg-type]
    assert cause_of(rows) == "late_return"


def test_a_changed_definition_comes_before_every_other_cause(releases: Releases) -> None:
    releases.last(figure("AB01", 40, returns=1))
    rows = releases.now(figure("AB01", 80, returns=2), definition="As it is now.")
    assert cause_of(rows) == "changed_definition"


def test_changed_rules_are_the_cause_where_there_is_no_nearer_one(releases: Releases) -> None:
    releases.last(figure("AB01", 40), figure("BR02", 40))
    rows = releases.now(figure("AB01", 45), figure("BR02", 80, returns=2), rules_changed=True)
    assert {row["area_code"]: row["cause"] for row in rows} == {
        "AB01": "changed_rule", "BR02": "late_return",
    }  # fmt: skip


def test_every_cause_that_is_told_is_one_of_the_catalogue() -> None:
    told = REVISIONS[REVISIONS.rindex("    case\n") :]
    for cause in catalogue().revision_causes:
        assert f"'{cause}'" in told
