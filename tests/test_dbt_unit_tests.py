"""dbt's own unit tests: what each tricky model makes of a few rows, in the `_unit_tests.yml` beside
it. They are run once, on a warehouse without rows, since dbt wants the relations to be there."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import yaml

from orchestration.settings import PROJECT
from orchestration.transform.dbt import DBT_PROJECT, target_folder
from tests.warehouse import build_empty_warehouse, run_dbt

# The models that are easily got wrong: each has at least one unit test.
TRICKY = {
    "int_returns_in_effect",
    "int_expected_returns",
    "int_periods",
    "int_provisional_periods",
    "int_people_in_effect",
    "int_persons",
    "int_person_inclusion_groups",
    "int_episodes_in_effect",
    "int_admissions_in_effect",
    "int_stays_in_effect",
    "int_discharges",
    "int_paired_assessments",
    "int_rough_sleepers",
    "int_contact_counts",
    "int_measure_units",
    "int_period_months",
    "int_person_ages",
    "int_shared_persons",
    "int_changed_episodes",
    "int_changed_persons",
    "int_placed_returns",
    "int_area_returns",
    "int_published_cells",
    "int_protected_cells",
    "measures_physical_health",
    "int_cell_changes",
    "int_told_claims",
    "int_indicator_values",
    "published_indicators",
    "published_comparisons",
    "published_funnels",
    "int_change_months",
    "published_change_verdicts",
    "published_targets",
    "published_inequalities",
    "published_coverage",
    "int_narratives_in_effect",
    "int_service_caseloads",
    "published_narratives",
}


def named() -> list[tuple[str, str]]:
    """Model and name of every unit test that the YAML files hold."""
    return [
        (test["model"], test["name"])
        for path in sorted((DBT_PROJECT / "models").rglob("*.yml"))
        for test in yaml.safe_load(path.read_text(encoding="utf-8")).get("unit_tests", [])
    ]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The status of each unit test, by model and name."""
    build: Path = tmp_path_factory.mktemp("unit_tests") / "build"
    settings = build_empty_warehouse(PROJECT / "seeds" / "registry", build, date(2026, 4, 15))
    run_dbt(settings, "test", "--select", "test_type:unit")
    text = (target_folder(settings) / "run_results.json").read_text(encoding="utf-8")
    return {
        ".".join(result["unique_id"].split(".")[2:]): result["status"]
        for result in json.loads(text)["results"]
    }


def test_every_unit_test_that_is_written_down_runs_and_passes(results: dict[str, str]) -> None:
    assert results == {f"{model}.{name}": "pass" for model, name in named()}


def test_every_model_that_is_easily_got_wrong_has_a_unit_test() -> None:
    assert {model for model, _ in named()} >= TRICKY


def test_no_two_unit_tests_have_one_name() -> None:
    assert [name for name, many in Counter(name for _, name in named()).items() if many > 1] == []
