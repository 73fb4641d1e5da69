"""The same models on Spark give every cell that DuckDB gives: `make test-spark`.

Each of two sets is built twice, by DuckDB and by Spark, in a build folder of its own. There is one
session for both: to start one takes longer than any model.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from expectations.rules.sql import literal
from orchestration.cli import main
from orchestration.settings import Settings
from orchestration.transform import warehouse
from orchestration.transform.spark.comparison import TABLES, Compared
from orchestration.transform.spark.run import compare_on_spark
from tests.warehouse import lay_out_sources, run_dbt

pytestmark = pytest.mark.spark

AS_AT = date(2026, 4, 15)
# As `make demo` has it.
DEMONSTRATION = ("--faults", "0.002")
# Two financial years, and few enough people that many cells are empty or have one person alone.
FAULTY = (
    "--faults",
    "0.01",
    "--providers",
    "5",
    "--months",
    "13",
    "--people",
    "150",
    "--seed",
    "7",
)


@dataclass(frozen=True)
class Built:
    """A set's build folder, and how Spark's tables compare with DuckDB's, by table."""

    settings: Settings
    compared: dict[str, Compared]
    seed_rows_that_differ: dict[str, int]

    def one(self, sql: str) -> int:
        """The number that a query of the warehouse gives."""
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            found = connection.execute(sql).fetchone()
        assert found is not None
        return int(found[0])


def _built(home: Path, sample: tuple[str, ...]) -> Built:
    asked = ["sample", str(home), *sample, "--as-at", AS_AT.isoformat()]
    made = CliRunner().invoke(main, asked)
    assert made.exit_code == 0, made.output
    settings = lay_out_sources(home / "returns", home / "registry", home / "build", AS_AT)
    selected = [f"+{table}" for table in TABLES]
    tests = ("resource_type:test", "resource_type:unit_test")
    run_dbt(settings, "build", "--select", *selected, "--exclude", *tests)
    warehouse.finish(settings)
    compared = {one.table: one for one in compare_on_spark(settings, print)}
    # Now, since the next set's databases take the place of this one's.
    return Built(settings, compared, _seed_rows_that_differ(settings))


def _seed_rows_that_differ(settings: Settings) -> dict[str, int]:
    """For each seed of Spark, how many of its rows DuckDB has not, and the other way round."""
    differing = {}
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        for folder in sorted((settings.build / "spark" / "seeds").iterdir()):
            duck = f"select * from seeds.{folder.name}"
            spark = f"select * from read_parquet({literal(str(folder / '*.parquet'))})"
            sql = (
                f"select count(*) from (({duck} except all {spark}) "
                f"union all ({spark} except all {duck}))"
            )
            found = connection.execute(sql).fetchone()
            assert found is not None
            differing[folder.name] = int(found[0])
    return differing


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return _built(tmp_path_factory.mktemp("demonstration"), DEMONSTRATION)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return _built(tmp_path_factory.mktemp("faulty"), FAULTY)


@pytest.mark.parametrize("table", TABLES)
def test_every_cell_of_the_demonstration_is_the_same(demonstration: Built, table: str) -> None:
    compared = demonstration.compared[table]
    print(compared)
    assert compared.is_equal
    assert compared.cells == demonstration.one(f"select count(*) from marts.{table}") > 300_000


@pytest.mark.parametrize("table", TABLES)
def test_every_cell_of_a_faulty_set_is_the_same(faulty: Built, table: str) -> None:
    compared = faulty.compared[table]
    print(compared)
    assert compared.is_equal
    assert compared.cells == faulty.one(f"select count(*) from marts.{table}") > 10_000


def test_the_faulty_set_has_what_it_is_there_for(faulty: Built) -> None:
    submissions = "select count(*) from intake.submissions where "
    assert faulty.one(submissions + "not is_accepted")
    assert faulty.one(submissions + "rows_excluded > 0")
    assert faulty.one(
        "select count(*) from (select 1 from intake.submissions where is_accepted "
        "group by provider_code, period having count(*) > 1)"
    ), "a month that was sent again"
    assert faulty.one("select count(*) from marts.indicator_values where is_provisional")


def test_every_seed_is_on_spark_what_it_is_in_duckdb(demonstration: Built, faulty: Built) -> None:
    for built in (demonstration, faulty):
        assert {"indicators", "measures", "poisson_limits"} <= built.seed_rows_that_differ.keys()
        assert set(built.seed_rows_that_differ.values()) == {0}
