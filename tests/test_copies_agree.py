"""Any two files that must say the same do: a stale copy fails here."""

from __future__ import annotations

import csv
import filecmp
import re
from pathlib import Path

import click
import pytest
import yaml
from scipy.stats import chi2

from orchestration.cli import main
from orchestration.facts import (
    SEEDS,
    catalogue,
    load_change_policy,
    load_disclosure_policy,
    standard,
)
from orchestration.publish.data_files import published_columns
from orchestration.reference import pages
from orchestration.sample import write_sample
from orchestration.settings import PROJECT
from tests.warehouse import build_empty_warehouse


@pytest.mark.parametrize("page", sorted(pages()))
def test_a_reference_page_is_what_the_facts_make(page: str) -> None:
    written = (PROJECT / "docs" / "reference" / page).read_text(encoding="utf-8")
    assert written == pages()[page], "stale: run `make docs`"


def test_the_committed_sample_is_what_the_command_in_the_seeds_page_makes(tmp_path: Path) -> None:
    from datetime import date

    write_sample(tmp_path, providers=3, months=2, people=16, as_at=date(2026, 4, 15))
    kept = SEEDS / "sample_returns"
    names = [
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    ]
    _, differing, missing = filecmp.cmpfiles(tmp_path, kept, names, shallow=False)
    assert (differing, missing) == ([], [])
    assert len(names) == sum(path.is_file() for path in kept.rglob("*"))


def test_every_command_and_option_is_documented() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in (PROJECT / "docs").rglob("*.md"))
    for name, command in main.commands.items():
        assert f"outcomes {name}" in text
        assert command.help
    refresh = main.commands["refresh"]
    for option in refresh.params:
        assert isinstance(option, click.Option)
        assert option.opts[0] in text
        assert option.envvar in text


def test_every_link_between_documents_leads_somewhere() -> None:
    for page in [PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_each_direct_dependency_has_its_reason() -> None:
    import tomllib

    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    reasons = (PROJECT / "docs" / "decisions" / "dependencies.md").read_text(encoding="utf-8")
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    wanted += project["project"]["optional-dependencies"]["spark"]
    for requirement in wanted:
        name = re.split(r"[<>=]", requirement)[0]
        assert name.removeprefix("sqlfluff-templater-") in reasons, name


def test_the_exact_poisson_limits_are_those_of_the_chi_squared_distribution() -> None:
    # Ulm (1990): half the 2.5th percentile with 2n degrees of freedom, half the 97.5th with 2n + 2;
    # at the 99.8 per cent level the 0.1th and the 99.9th.
    with (SEEDS / "statistics" / "poisson_limits.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["observed"]) for row in rows] == list(range(10))
    for row in rows:
        n = int(row["observed"])
        for suffix, tail in (("", 0.025), ("_998", 0.001)):
            lower = chi2.ppf(tail, 2 * n) / 2 if n else 0.0
            upper = chi2.ppf(1 - tail, 2 * n + 2) / 2
            assert float(row[f"lower_limit{suffix}"]) == pytest.approx(lower, abs=1e-12)
            assert float(row[f"upper_limit{suffix}"]) == pytest.approx(upper, abs=1e-12)


def test_the_codes_that_the_models_write_are_those_of_the_catalogue() -> None:
    models = PROJECT / "dbt_project" / "models"
    signals = (models / "intermediate" / "int_change_signals.sql").read_text(encoding="utf-8")
    phases = (models / "intermediate" / "int_change_phases.sql").read_text(encoding="utf-8")
    written = re.findall(r"(?:then|else) '(\w+)'", signals + phases)
    assert set(written) == set(catalogue().change_reasons)
    # Every variation has its verdict, and there is one more for where there is none.
    with (SEEDS / "catalogue" / "change_verdicts.csv").open(encoding="utf-8") as file:
        assert {row["variation"] for row in csv.DictReader(file)} == {*catalogue().variations, ""}


def test_the_project_has_the_settings_of_change_that_its_pages_speak_of() -> None:
    policy = load_change_policy()
    assert (policy.least_points, policy.trial_points) == (10, 12)
    # Four times the rounding base: see the method page.
    assert policy.least_mean_count == 4 * load_disclosure_policy().rounding_base


def test_dbt_stages_the_tables_that_the_standard_has_and_reconciles_each() -> None:
    project = yaml.safe_load((PROJECT / "dbt_project" / "dbt_project.yml").read_text())
    staged = {
        path.stem.removeprefix("stg_returns__")
        for path in (PROJECT / "dbt_project" / "models" / "staging").glob("stg_returns__*.sql")
    }
    assert staged == set(project["vars"]["reconciled_tables"])
    # The manifest says whose the rows are, and is no table of rows.
    assert staged == set(standard().tables) - {"return"}


def test_each_domain_has_its_file_of_measures_and_each_measure_stands_in_it() -> None:
    folder = PROJECT / "dbt_project" / "models" / "measures"
    assert {path.stem for path in folder.glob("*.sql")} == {
        f"measures_{domain}" for domain in catalogue().domains
    }
    for measure in catalogue().measures.values():
        text = (folder / f"measures_{measure.domain}.sql").read_text(encoding="utf-8")
        assert f"'{measure.measure_id}'" in text


def test_published_files_have_the_columns_that_are_described(tmp_path: Path) -> None:
    from datetime import date

    import duckdb

    from orchestration.publish.data_files import FILES

    settings = build_empty_warehouse(SEEDS / "registry", tmp_path, date(2026, 4, 15))
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        for file, (table, _) in FILES.items():
            there = connection.execute(f"select * from marts.{table} limit 0").description
            described = [column["column"] for column in published_columns()[file]]
            assert [column[0] for column in there or []] == described
