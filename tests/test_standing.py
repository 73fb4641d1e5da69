"""What dbt need not make again in a warehouse that was kept."""

from __future__ import annotations

import json
from datetime import date
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.settings import PROJECT, Settings
from orchestration.transform.dbt import manifest
from orchestration.transform.standing import InOrder, all_but, lasting_nodes, standing


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("standing")
    registry = PROJECT / "seeds" / "registry"
    return Settings(folder / "returns", registry, folder / "build", date(2026, 4, 15))


@pytest.fixture(scope="module")
def facts(settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(manifest(settings).read_bytes())
    return found


def _names(facts: dict[str, Any]) -> set[str]:
    return {facts["nodes"][node]["name"] for node in lasting_nodes(facts)}


def test_seeds_what_is_computed_from_them_alone_and_views_last(facts: dict[str, Any]) -> None:
    assert {
        "indicators", "int_measures", "published_catalogue", "stg_returns__contacts",
        "int_measure_units",
    } <= _names(facts)  # fmt: skip


def test_no_table_lasts_that_a_return_or_the_registry_flows_into(facts: dict[str, Any]) -> None:
    nodes = facts["nodes"]

    def sources_of(node: str) -> set[str]:
        if node not in nodes:
            return {node}
        above = nodes[node].get("depends_on", {}).get("nodes", [])
        return set().union(*map(sources_of, above))

    tables = [n for n in lasting_nodes(facts) if nodes[n]["config"]["materialized"] != "view"]
    assert len(tables) > 20
    assert [node for node in tables if sources_of(node)] == []


def test_a_view_that_asks_what_the_last_night_left_does_not_last(facts: dict[str, Any]) -> None:
    asking = {"int_changed_units", "int_known_periods", "int_sided_inclusion_groups"}
    views = {n["name"] for n in facts["nodes"].values() if n["config"]["materialized"] == "view"}
    assert asking <= views
    assert not asking & _names(facts)


def test_only_what_is_in_the_warehouse_stands(tmp_path: Path, facts: dict[str, Any]) -> None:
    settings = Settings(tmp_path, tmp_path, tmp_path / "build", date(2026, 4, 15))
    settings.build.mkdir()
    assert standing(settings, facts) == {}
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create schema seeds")
        connection.execute("create table seeds.indicators (indicator_id varchar)")
        connection.execute("create schema staging")
        connection.execute("create view staging.stg_returns__contacts as select 1 as row_number")
        connection.execute("create schema marts")
        connection.execute("create table marts.measure_values (value double)")
    assert sorted(standing(settings, facts).values()) == ["indicators", "stg_returns__contacts"]


def test_what_stands_is_left_out_by_name_and_no_test_with_it() -> None:
    assert all_but([]) == []
    assert all_but(["one", "two"]) == ["--exclude", "one two", "--indirect-selection", "empty"]


def test_what_stands_is_told_once_after_what_it_is_made_from_and_before_what_is_made_from_it(
    facts: dict[str, Any],
) -> None:
    nodes = facts["nodes"]
    stand = lasting_nodes(facts)
    made = {n for n, found in nodes.items() if found["resource_type"] in ("seed", "model")}
    above = {node: set(nodes[node].get("depends_on", {}).get("nodes", [])) & made for node in made}
    by_dbt = list(TopologicalSorter(above).static_order())
    in_order, told = InOrder(facts, stand), list[str]()
    for node in by_dbt:
        if node not in stand:
            told += [*in_order.before(node), node]
    told += in_order.rest()
    assert sorted(told) == sorted(made)
    place = {node: at for at, node in enumerate(told)}
    assert [(n, one) for n in made for one in above[n] if place[one] > place[n]] == []
