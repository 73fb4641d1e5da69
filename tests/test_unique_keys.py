"""Whether what dbt made has each key once."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.settings import PROJECT, Settings
from orchestration.transform.dbt import manifest
from orchestration.transform.unique_keys import (
    Key,
    KeysNotLookedAt,
    KeysNotUnique,
    check_keys,
    declared_keys,
    forget_looked_at,
    note_looked_at,
    require_looked_at,
)

KEY = Key(
    test="unique_combination_costs_month__service",
    node="model.inclusion_outcomes.costs",
    model="costs",
    schema="marts",
    table="costs",
    columns=("month", "service"),
)


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("unique_keys")
    registry = PROJECT / "seeds" / "registry"
    settings = Settings(folder / "returns", registry, folder / "build", date(2026, 4, 15))
    found: dict[str, Any] = json.loads(manifest(settings).read_bytes())
    return found


def warehouse_of(tmp_path: Path, rows: str) -> Settings:
    """A warehouse whose table `marts.costs` has these rows of month, service and pounds."""
    settings = Settings(tmp_path, tmp_path, tmp_path / "build", date(2026, 4, 15))
    settings.build.mkdir()
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            f"create table marts.costs as from (values {rows}) as costs (month, service, pounds)"
        )
        connection.execute("create schema intake")
        connection.execute("create table intake.refresh as select 'r1' as release_id")
    (settings.build / "dbt").mkdir()
    return settings


def test_rows_of_different_keys_pass(tmp_path: Path) -> None:
    rows = "('2026-01', 'A', 5), ('2026-01', 'B', 5), ('2026-02', 'A', 5)"
    check_keys(warehouse_of(tmp_path, rows), [KEY])


@pytest.mark.parametrize(
    "rows",
    [
        "('2026-01', 'A', 5), ('2026-02', 'A', 5), ('2026-01', 'A', 6)",
        "('2026-01', 'A', 5), ('2026-01', null, 5)",
    ],
    ids=["twice", "none"],
)
def test_the_model_is_named_that_has_a_key_twice_or_none_and_no_row_of_it(
    tmp_path: Path, rows: str
) -> None:
    with pytest.raises(KeysNotUnique, match=r"in costs: .*nothing is published") as caught:
        check_keys(warehouse_of(tmp_path, rows), [KEY])
    assert "2026" not in str(caught.value)


def test_every_test_of_a_key_that_dbt_has_is_asked_for(facts: dict[str, Any]) -> None:
    declared = {key.test: key for key in declared_keys(facts)}
    tests = [node for node in facts["nodes"].values() if node["resource_type"] == "test"]
    assert sorted(declared) == sorted(
        test["name"] for test in tests if test["name"].startswith("unique_combination")
    )
    key = declared["unique_combination_int_returns_in_effect_judgement"]
    assert (key.model, key.schema, key.columns) == (
        "int_returns_in_effect", "intermediate", ("judgement_id",)
    )  # fmt: skip


def test_tables_whose_keys_nobody_has_looked_at_are_refused(tmp_path: Path) -> None:
    settings = warehouse_of(tmp_path, "('2026-01', 'A', 5)")
    with pytest.raises(KeysNotLookedAt, match="have all of `dbt_models` made first"):
        require_looked_at(settings)
    note_looked_at(settings)
    require_looked_at(settings)
    assert forget_looked_at(settings)
    assert not forget_looked_at(settings)
    with pytest.raises(KeysNotLookedAt):
        require_looked_at(settings)


def test_what_was_looked_at_of_another_release_says_nothing_of_this_one(tmp_path: Path) -> None:
    settings = warehouse_of(tmp_path, "('2026-01', 'A', 5)")
    note_looked_at(settings)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("update intake.refresh set release_id = 'r2'")
    with pytest.raises(KeysNotLookedAt):
        require_looked_at(settings)
    assert not forget_looked_at(settings)
