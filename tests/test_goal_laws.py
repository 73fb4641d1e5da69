"""Targets and coverage on thousands of made-up cases: the compiled models against a few lines of
Python that say the same, and laws that must hold whatever the figures are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from orchestration.settings import PROJECT, Settings
from orchestration.transform.dbt import target_folder
from tests.warehouse import build_empty_warehouse, run_dbt

BASELINE, BASELINE_END = date(2025, 1, 1), date(2025, 1, 31)
CURRENT, CURRENT_END = date(2025, 3, 1), date(2025, 3, 31)
MANY = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclass
class Models:
    """The compiled models on a warehouse of empty tables, which a test fills for itself."""

    connection: duckdb.DuckDBPyConnection
    compiled: Path

    def rows(self, model: str, columns: str) -> list[tuple[object, ...]]:
        """What the model makes of the tables as they are now."""
        sql = (self.compiled / f"{model}.sql").read_text(encoding="utf-8")
        return self.connection.execute(f"select {columns} from ({sql}) order by all").fetchall()

    def fill(self, table: str, columns: str, rows: Sequence[Sequence[object]]) -> None:
        """Puts these rows, and no others, into a table."""
        self.connection.execute(f"delete from {table}")
        marks = ", ".join("?" for _ in columns.split(","))
        for row in rows:
            self.connection.execute(f"insert into {table} ({columns}) values ({marks})", row)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Models]:
    build: Path = tmp_path_factory.mktemp("laws") / "build"
    made: Settings = build_empty_warehouse(PROJECT / "seeds" / "registry", build, date(2026, 4, 15))
    folder = target_folder(made) / "compiled" / "inclusion_outcomes" / "models" / "marts"
    # What is built with --empty is compiled with conditions that leave nothing.
    run_dbt(made, "compile", "--select", "published_targets", "published_coverage")
    with duckdb.connect(str(made.warehouse)) as connection:
        # Views read what is tested through; tables of the same shape are simpler to fill.
        for view in ("stg_registry__targets", "stg_intake__refresh", "stg_registry__providers"):
            connection.execute(f"create table staging.{view}_rows as from staging.{view} limit 0")
            connection.execute(f"drop view staging.{view}")
            connection.execute(f"alter table staging.{view}_rows rename to {view}")
        connection.execute("insert into staging.stg_intake__refresh values ('r', '2025-04-15')")
        yield Models(connection, folder)


@dataclass(frozen=True)
class Case:
    """A target and its figures; every number a multiple of a quarter, so that sums are exact."""

    indicator_id: str
    polarity: int
    baseline: float | None
    current: float | None
    half_width: float | None
    target: float
    days: int

    @property
    def expected(self) -> float | None:
        if self.baseline is None or self.current is None:
            return None
        share = min(1.0, (CURRENT_END - BASELINE_END).days / self.days)
        return self.baseline + (self.target - self.baseline) * share

    @property
    def judgement(self) -> str:
        """As docs/reference/targets-gaps-coverage.md has it."""
        direction = self.polarity
        if not direction and self.baseline is not None:
            direction = (self.target > self.baseline) - (self.target < self.baseline)
        if self.current is None or not direction:
            return "cannot_be_told"
        if direction * (self.current - self.target) >= 0:
            return "met"
        if self.expected is None:
            return "cannot_be_told"
        behind = direction * (self.expected - self.current)
        if behind <= 1e-9:
            return "on_track"
        if self.half_width is None:
            return "cannot_be_told"
        return "at_risk" if behind <= self.half_width else "off_track"


quarters = st.integers(0, 400).map(lambda n: n / 4)
cases = st.lists(
    st.builds(
        lambda which, *rest: Case(*which, *rest),
        # Higher is better, lower is better, neither is.
        st.sampled_from([("exercise_uptake", 1), ("crisis_rate", -1), ("throughput", 0)]),
        st.none() | quarters,
        st.none() | quarters,
        st.none() | st.integers(0, 40).map(lambda n: n / 4),
        quarters,
        st.integers(1, 900),
    ),
    min_size=1,
    max_size=30,
)


def judged(models: Models, given_cases: Sequence[Case]) -> list[tuple[object, ...]]:
    targets, figures = [], []
    for number, case in enumerate(given_cases):
        due = BASELINE_END + timedelta(days=case.days)
        targets.append(
            (number, case.indicator_id, "place", f"A{number}", "month", BASELINE, BASELINE_END,
             case.target, due)
        )  # fmt: skip
        for start, value, half in (
            (BASELINE, case.baseline, None),
            (CURRENT, case.current, case.half_width),
        ):
            limits = (None, None) if value is None or half is None else (value - half, value + half)
            figures.append(
                (case.indicator_id, "month", start, "place", f"A{number}", "all", "all", value,
                 *limits, "suppressed" if value is None else "shown")
            )  # fmt: skip
    models.fill(
        "staging.stg_registry__targets",
        "line, indicator_id, area_type, area_code, period_type, baseline_period_start, "
        "baseline_period_end, target_value, due_date",
        targets,
    )
    models.fill(
        "marts.published_indicators",
        "indicator_id, period_type, period_start, area_type, area_code, breakdown_type, "
        "breakdown_value, value, lower_ci, upper_ci, status",
        figures,
    )
    return models.rows("published_targets", "line, expected_now, judgement, sentence")


# Half of the way from 20 to 40, the line is at 30: exactly at the limit of 28 and 2, of 32 and 2.
@example([Case("exercise_uptake", 1, 20.0, 28.0, 2.0, 40.0, 118)])
@example([Case("crisis_rate", -1, 40.0, 32.0, 2.0, 20.0, 118)])
@MANY
@given(cases)
def test_every_target_is_judged_as_the_reference_says(
    models: Models, given_cases: list[Case]
) -> None:
    for case, (_, expected, judgement, sentence) in zip(
        given_cases, judged(models, given_cases), strict=True
    ):
        assert judgement == case.judgement
        assert expected == (case.expected and pytest.approx(case.expected, abs=1e-9))
        assert str(sentence).startswith(str(judgement).replace("_", " ").capitalize() + ": ")


@dataclass(frozen=True)
class Sent:
    """What an area has, and what the provider that is missing sent in months before."""

    numerator: int
    denominator: int
    before: tuple[tuple[int, int], ...]


def shares(most: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.integers(4, most).flatmap(
        lambda n: st.tuples(st.integers(0, n).map(lambda a: 5 * a), st.just(5 * n))
    )


sendings = st.lists(
    st.builds(
        lambda area, before: Sent(*area, tuple(before)),
        shares(100),
        st.lists(shares(20), min_size=1, max_size=5),
    ),
    min_size=1,
    max_size=10,
)


@MANY
@given(sendings)
def test_a_missing_provider_moves_a_share_towards_its_own_and_never_beyond(
    models: Models, given_areas: list[Sent]
) -> None:
    month = date(2025, 6, 1)
    placed, figures, providers = [], [], []
    for number, sent in enumerate(given_areas):
        area, provider = f"A{number}", f"P{number}"
        providers.append((provider, provider))
        placed.append((provider, month, 0, "place", area))
        figures.append(
            ("handover_acceptance", "month", month, "place", area, "all", "all", sent.numerator,
             sent.denominator, 100 * sent.numerator / sent.denominator, "shown", 2, 1)
        )  # fmt: skip
        for ago, (numerator, denominator) in enumerate(sent.before, start=1):
            figures.append(
                ("handover_acceptance", "month", date(2025, 6 - ago, 1), "provider", provider,
                 "all", "all", numerator, denominator, 100 * numerator / denominator, "shown", 1, 1)
            )  # fmt: skip
    models.fill("staging.stg_registry__providers", "provider_code, provider_name", providers)
    models.fill(
        "intermediate.int_placed_returns",
        "provider_code, month, is_in_effect, area_type, area_code",
        placed,
    )
    models.fill(
        "intermediate.int_periods",
        "period_type, period_start, period_end",
        [("month", month, date(2025, 6, 30))],
    )
    models.fill(
        "marts.published_indicators",
        "indicator_id, period_type, period_start, area_type, area_code, breakdown_type, "
        "breakdown_value, numerator, denominator, value, status, returns_expected, "
        "returns_in_effect",
        figures,
    )
    found = dict(models.rows("published_coverage", "area_code, value_if_as_before"))  # type: ignore[arg-type]
    for number, sent in enumerate(given_areas):
        last = sent.before[:3]
        own = 100 * sum(a for a, _ in last) / sum(n for _, n in last)
        value = 100 * sent.numerator / sent.denominator
        moved = found[f"A{number}"]
        assert isinstance(moved, float)
        assert min(value, own) - 1e-9 <= moved <= max(value, own) + 1e-9
        assert (moved - value) * (own - value) >= -1e-9
