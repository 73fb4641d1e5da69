"""An attack on the demonstration's published figures: a reader with `indicators.csv`, the registry
and patience adds and subtracts, and tries to work out what is hidden.

The attack is written from `indicators.md` and `disclosure.md`, apart from the audit that it tries:
it knows of sums only what a reader can read there. The same attack on a build with the audit
switched off must succeed, or it would be none.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from pandas import DataFrame
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from orchestration.sample.make import write_sample
from orchestration.settings import Settings
from tests.warehouse import lay_out_sources, run_dbt

CELL = [
    "period_type",
    "period_start",
    "area_type",
    "area_code",
    "breakdown_type",
    "breakdown_value",
]
# Events and episodes, counted once each wherever and whenever they lie (indicators.md).
EVENTS = ("attended_contacts", "handovers_made", "healthy_living_sessions", "admissions",
          "crisis_events", "mental_health_admissions", "discharges")  # fmt: skip
AS_AT = date(2026, 4, 15)
DIVIDE = ("gender", "ethnic_group", "age_band")
# In every cell, the one count is never more than the other.
PARTS = (("handovers_answered", "handovers_made"), ("mental_health_admissions", "admissions"),
         ("healthy_living_sessions", "attended_contacts"), ("people_employed",
         "people_employed_or_interviewed"), ("people_supported", "attended_contacts"))  # fmt: skip


def published(warehouse: Path) -> DataFrame:
    """What a reader finds of each count of people: the rows of indicators.csv, a measure at a time,
    with what is shown (null where hidden) and, for the score alone, what is true."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(
            """
            with rows as (
                select i.numerator as measure, p.* exclude (numerator, denominator),
                    p.numerator as count,
                    -- A count that is hidden by itself is not 0. (A numerator may be hidden since
                    -- its denominator is.)
                    p.status = 'suppressed' and i.statistic = 'count' as is_some
                from marts.published_indicators as p join seeds.indicators as i using (indicator_id)
                union all by name
                select i.denominator as measure, p.* exclude (numerator, denominator),
                    p.denominator as count,
                    p.denominator is null and p.status <> 'not_submitted' as is_some
                from marts.published_indicators as p join seeds.indicators as i using (indicator_id)
                where i.statistic <> 'count'
            )
            select measure, period_type, period_start, area_type, area_code, breakdown_type,
                breakdown_value, max(count) as shown, bool_or(is_some) as is_some,
                coalesce(max(v.value), 0) as true
            from rows
            join seeds.measures as m on m.measure_id = measure and m.concerns_people = 'yes'
            left join marts.measure_values as v
                using (measure_id, period_type, period_start, area_type, area_code, breakdown_type,
                    breakdown_value)
            group by all order by all
            """
        ).df()


def families(cells: DataFrame, parents: dict[str, str]) -> list[tuple[DataFrame, DataFrame]]:
    """Pairs of tables, parts and wholes, where all the parts with the key of a whole (the columns
    `whole`) sum to it."""
    cells = cells.assign(number=np.arange(len(cells)))
    key = ["measure", *CELL]
    found = []

    def family(parts: DataFrame, wholes: dict[str, object]) -> None:
        parts = parts.assign(**wholes)
        joined = parts.merge(cells, on=key, suffixes=("", "_whole"))
        found.append((joined["number"], joined["number_whole"]))

    for breakdown in DIVIDE:
        parts = cells[cells["breakdown_type"] == breakdown]
        family(parts, {"breakdown_type": "all", "breakdown_value": "all"})
    events = cells[cells["measure"].isin(EVENTS)]
    family(
        events[events["breakdown_type"] == "tier"],
        {"breakdown_type": "all", "breakdown_value": "all"},
    )
    for child, parent in (("place", "local_authority"), ("local_authority", "system")):
        parts = events[events["area_type"] == child]
        family(parts, {"area_code": parts["area_code"].map(parents), "area_type": parent})
    start = pd.to_datetime(events["period_start"])
    months = events[events["period_type"] == "month"]
    quarter = start[months.index].dt.to_period("Q").dt.start_time
    family(months, {"period_type": "quarter", "period_start": quarter})
    quarters = events[
        (events["period_type"] == "quarter") & (events["breakdown_type"] != "age_band")
    ]
    year = (start[quarters.index] - pd.DateOffset(months=3)).dt.to_period("Y").dt.start_time
    family(
        quarters, {"period_type": "financial_year", "period_start": year + pd.DateOffset(months=3)}
    )
    return found


Ends = tuple[NDArray[np.float64], NDArray[np.float64]]


def told(cells: DataFrame) -> Ends:
    """What each row tells by itself: a shown count is one that rounds to it."""
    shown = cells["shown"].to_numpy(dtype=float)
    hidden = np.isnan(shown)
    least, most = np.where(shown == 0, 0, np.maximum(5, shown - 2)), np.where(shown, shown + 2, 0)
    low = np.where(hidden, cells["is_some"].astype(float), least)
    return low, np.where(hidden, np.inf, most)


def attacked(cells: DataFrame, parents: dict[str, str]) -> Ends:
    """The least and the greatest that each count can be, by adding and subtracting again and
    again."""
    low, high = told(cells)
    numbered = cells[["measure", *CELL]].assign(number=np.arange(len(cells)))
    by_measure = dict(iter(numbered.groupby("measure")))
    pairs = [by_measure[part].merge(by_measure[whole], on=CELL) for part, whole in PARTS]
    inside = pd.concat(pairs)[["number_x", "number_y"]].to_numpy().T
    sums = [(parts.to_numpy(), wholes.to_numpy()) for parts, wholes in families(cells, parents)]
    for _ in range(12):
        np.minimum.at(high, inside[0], high[inside[1]])
        np.maximum.at(low, inside[1], low[inside[0]])
        for part, whole in sums:
            size = len(cells)
            endless = np.bincount(whole, np.isinf(high[part]), size)
            finite = np.bincount(whole, np.where(np.isinf(high[part]), 0, high[part]), size)
            least = np.bincount(whole, low[part], size)
            is_whole = np.bincount(whole, minlength=size) > 0
            low = np.where(is_whole, np.maximum(low, least), low)
            high = np.where(is_whole & (endless == 0), np.minimum(high, finite), high)
            others = endless[whole] - np.isinf(high[part])
            rest = finite[whole] - np.where(np.isinf(high[part]), 0, high[part])
            high[part] = np.minimum(high[part], high[whole] - (least[whole] - low[part]))
            low[part] = np.where(others == 0, np.maximum(low[part], low[whole] - rest), low[part])
    return low, high


def recovered(cells: DataFrame, ends: Ends) -> int:
    """How many hidden counts of 1 to 4 are told to fewer than three counts."""
    low, high = ends
    small = cells["shown"].isna() & cells["true"].between(1, 4)
    return int((small & ((high - low < 2) | (high < 3))).sum())


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The demonstration, from returns to marts."""
    folder = tmp_path_factory.mktemp("attack")
    write_sample(folder, faults=0.002, as_at=AS_AT)
    settings = lay_out_sources(folder / "returns", folder / "registry", folder / "build", AS_AT)
    run_dbt(settings, "build", "--exclude", "resource_type:test resource_type:unit_test")
    yield settings


@pytest.fixture(scope="module")
def parents(demonstration: Settings) -> dict[str, str]:
    with duckdb.connect(str(demonstration.warehouse), read_only=True) as connection:
        return dict(
            connection.execute("select area_code, parent_code from registry.areas").fetchall()
        )


@pytest.fixture(scope="module")
def unaudited(demonstration: Settings) -> DataFrame:
    """What would be published with the audit switched off."""
    build = demonstration.build.with_name("unaudited")
    build.mkdir()
    shutil.copy(demonstration.warehouse, build)
    without = replace(demonstration, build=build)
    chosen = "int_disclosure_audit int_audited_cells published_indicators"
    run_dbt(without, "run", "--select", chosen, "--vars", "{disclosure_audit: false}")
    return published(without.warehouse)


def test_no_hidden_count_can_be_worked_out_by_adding_and_subtracting(
    demonstration: Settings, parents: dict[str, str]
) -> None:
    cells = published(demonstration.warehouse)
    ends = attacked(cells, parents)
    assert recovered(cells, ends) == 0
    # The attack reads the sums rightly: no true count lies outside what it found.
    assert ((ends[0] <= cells["true"]) & (cells["true"] <= ends[1])).all()


def test_the_same_attack_succeeds_where_the_audit_is_switched_off(
    unaudited: DataFrame, parents: dict[str, str]
) -> None:
    assert recovered(unaudited, attacked(unaudited, parents)) > 100


def exact_ranges(cells: DataFrame, parents: dict[str, str]) -> Ends:
    """The least and the greatest that each hidden small count can be, by integer programming over
    all sums at once."""
    low, high = told(cells)
    rows, columns, factors, count = [], [], [], 0
    for parts, wholes in families(cells, parents):
        for whole, group in parts.groupby(wholes.to_numpy()):
            rows += [count] * (len(group) + 1)
            columns += [*group, whole]
            factors += [1.0] * len(group) + [-1.0]
            count += 1
    sums = LinearConstraint(csr_matrix((factors, (rows, columns)), (count, len(cells))), 0, 0)
    small = np.flatnonzero(cells["shown"].isna() & cells["true"].between(1, 4))
    ends = (low.copy(), high.copy())
    for number in small:
        for end, sign in zip(ends, (1.0, -1.0), strict=True):
            objective = np.zeros(len(cells))
            objective[number] = sign
            answer = milp(
                objective,
                constraints=sums,
                bounds=Bounds(low, high),
                integrality=np.ones(len(cells)),
            )
            # Without a greatest value the solver has no answer, and the end stays as it was told.
            if answer.x is not None:
                end[number] = np.round(answer.x[number])
    return ends


def block(cells: DataFrame) -> DataFrame:
    """Admissions of one quarter and its months, in all areas, by gender: a system that can be
    solved exactly, count by count."""
    month = pd.to_datetime(cells["period_start"])
    inside = (
        (month >= "2025-04-01")
        & (month < "2025-07-01")
        & (cells["period_type"] != "financial_year")
    )
    wanted = inside & (cells["measure"] == "admissions") & (cells["area_type"] != "provider")
    return cells[wanted & cells["breakdown_type"].isin(["all", "gender"])].reset_index(drop=True)


def test_no_hidden_count_of_a_quarter_is_exact_over_all_its_sums_at_once(
    demonstration: Settings, parents: dict[str, str]
) -> None:
    cells = block(published(demonstration.warehouse))
    assert len(cells) > 50
    assert recovered(cells, exact_ranges(cells, parents)) == 0
