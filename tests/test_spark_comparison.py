"""What counts as the same cell with the same value; and that models are written for both engines.

Neither needs Spark. Whether Spark really gives the same: tests/spark.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.settings import PROJECT, Settings
from orchestration.transform.spark.comparison import TABLES, Compared, compare
from orchestration.transform.spark.run import NothingToCompare, compare_on_spark
from orchestration.transform.spark.session import SparkMissing, start_session

MODELS = PROJECT / "dbt_project" / "models"
CELL = "'admissions', date '2026-03-01', 'E06000061', 3.5::double, 1.5::double, false"
# Words of DuckDB's SQL that Spark has not, or reads otherwise. (`concat` and `greatest` of a NULL
# are NULL there and here are not: in the models, neither may be given one.)
DUCKDB_ALONE = (
    r"::", r"\bunnest\s*\(", r"\bgenerate_series\s*\(", r"\brange\s*\(", r"\bvarchar\b",
    r"\bhugeint\b", r"\bstrftime\s*\(", r"\bregexp_matches\s*\(", r"\bread_\w+\s*\(",
    r"\barg_(max|min)\s*\(", r"\bstring_agg\s*\(", r"\blist_\w+\s*\(", r"\bdate_diff\s*\(",
    r"\binterval\b", r"\bexclude\s*\(", r"\breplace\s+\(", r"\bqualify\b", r"\basof\b",
    r"\bnulls\s+last\b.*\bnulls\s+last\b", r"\busing\s+sample\b", r"\b\w+\s*//\s*\w+",
)  # fmt: skip


def compared(tmp_path: Path, duck: list[str], spark: list[str]) -> Compared:
    """How the indicator values of Spark with these rows compare with DuckDB's with those."""
    columns = "(indicator_id, period_start, area_code, value, lower_ci, is_provisional)"
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        for table in TABLES:
            rows = " union all ".join(f"select {row}" for row in [*duck, CELL])
            connection.execute(
                f"create table marts.{table} as select * from ({rows}) as t {columns}"
            )
            rows = " union all ".join(f"select {row}" for row in [*spark, CELL])
            (tmp_path / table).mkdir()
            connection.execute(
                f"copy (select * from ({rows}) as t {columns}) "
                f"to '{tmp_path / table / 'part-0.parquet'}' (format parquet)"
            )
        _, found = compare(connection, tmp_path)
    return found


OTHER = CELL.replace("E06000061", "E06000062")


@pytest.mark.parametrize(
    ("duck", "spark", "expected"),
    [
        ([], [], (1, 0, 0, 0)),
        ([OTHER], [], (1, 1, 0, 0)),
        ([], [OTHER], (1, 0, 1, 0)),
        ([], [CELL], (1, 0, 1, 0)),
        ([OTHER], [OTHER.replace("3.5", "3.5000000005")], (2, 0, 0, 0)),
        ([OTHER], [OTHER.replace("3.5", "3.500000002")], (2, 0, 0, 1)),
        ([OTHER], [OTHER.replace("1.5", "null")], (2, 0, 0, 1)),
        ([OTHER.replace("1.5", "null")], [OTHER.replace("1.5", "null")], (2, 0, 0, 0)),
        ([OTHER], [OTHER.replace("1.5", "'nan'")], (2, 0, 0, 1)),
        ([OTHER], [OTHER.replace("false", "true")], (2, 0, 0, 1)),
        ([OTHER.replace("'E06000062'", "null")], [OTHER.replace("'E06000062'", "null")],
         (2, 0, 0, 0)),
    ],
    ids=["alike", "lacking", "one more", "twice", "near enough", "too far", "null", "both null",
         "no number", "provisional", "a cell without a name"],
)  # fmt: skip
def test_cells_are_the_same_only_where_all_they_hold_is(
    tmp_path: Path, duck: list[str], spark: list[str], expected: tuple[int, int, int, int]
) -> None:
    found = compared(tmp_path, duck, spark)
    assert (found.cells, found.only_duckdb, found.only_spark, found.differing) == expected
    assert found.is_equal == (expected[1:] == (0, 0, 0))


def test_the_largest_difference_of_all_is_told(tmp_path: Path) -> None:
    found = compared(tmp_path, [OTHER], [OTHER.replace("3.5", "3.75").replace("1.5", "1.375")])
    assert found.largest_difference == 0.25


def test_a_build_folder_without_a_whole_refresh_is_told(tmp_path: Path) -> None:
    from datetime import date

    with pytest.raises(NothingToCompare, match="run `outcomes refresh` first"):
        compare_on_spark(Settings(tmp_path, tmp_path, tmp_path, date(2026, 4, 15)), print)


def test_a_machine_without_the_extra_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "py4j", None)
    with pytest.raises(SparkMissing, match="--extra spark"):
        start_session(tmp_path)


def behind(models: tuple[str, ...]) -> dict[str, str]:
    """The text of each model and of all that it refers to, by name."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in MODELS.rglob("*.sql")}
    found: dict[str, str] = {}
    waiting = list(models)
    while waiting:
        model = waiting.pop()
        if model in texts and model not in found:
            found[model] = texts[model]
            waiting += re.findall(r"ref\('(\w+)'\)", texts[model])
            # One model names those of the measures by a loop.
            if "ref('measures_' ~ domain)" in texts[model]:
                waiting += [name for name in texts if name.startswith("measures_")]
    return found


def test_what_only_duckdb_reads_stands_in_macros_and_in_no_model_of_measures_or_indicators() -> (
    None
):
    models = behind(TABLES)
    assert {"int_measure_units", "measures_activity", "stg_returns__contacts"} <= models.keys()
    for model, text in models.items():
        code = re.sub(r"--.*", "", text)
        assert [word for word in DUCKDB_ALONE if re.search(word, code, re.I)] == [], model
