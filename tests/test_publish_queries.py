"""Pages reach the published tables and nothing else."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.publish.errors import PublishError
from orchestration.publish.queries import Published, QueryError, open_published
from tests.published_sample import sample_data


@pytest.fixture(scope="module")
def published() -> Iterator[Published]:
    with open_published(sample_data()) as tables:
        yield tables


def test_the_published_tables_are_there_and_no_other(published: Published) -> None:
    names = published.rows("select table_name from duckdb_tables() order by 1").column("table_name")
    assert names == [
        "areas", "catalogue", "change_verdicts", "changes", "comparisons", "coverage",
        "funnel_limits", "funnels", "inequalities", "narratives", "published_indicators",
        "returns", "revisions", "targets",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "select * from glob('/*')",
        "select * from '/etc/passwd'",
        "select * from 'https://example.org/data.csv'",
        "attach '/tmp/other.duckdb'",
        "copy areas to '/tmp/areas.csv'",
        "install httpfs",
        "set enable_external_access = true",
        "drop table areas",
        "delete from areas",
        "create table mine as select 1",
        "select 1; select 2",
        "",
    ],
)
def test_a_query_that_reaches_further_or_changes_anything_is_refused(
    published: Published, sql: str
) -> None:
    with pytest.raises(QueryError):
        published.rows(sql)
    assert published.rows("select count(*) as n from areas").column("n") == [19]


def test_a_wrong_query_tells_its_line(published: Published) -> None:
    with pytest.raises(QueryError, match="nope") as wrong:
        published.rows("select\n  area_code,\n  nope\nfrom areas")
    assert wrong.value.line == 3


def test_the_words_for_periods_and_groups_are_functions_of_sql(published: Published) -> None:
    row = published.rows(
        "select period_label('quarter', date '2026-01-01') as label, "
        "period_end('quarter', date '2026-01-01') as last, group_label('gender', '2') as grp"
    ).records()[0]
    assert row["label"] == "January to March 2026"
    assert str(row["last"]) == "2026-03-31"
    assert row["grp"] == "Female"


def test_a_missing_file_and_a_missing_column_are_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(sample_data(), data)
    (data / "areas.csv").write_text("area_type,area_code,area_name\nsystem,QPM,Somewhere\n")
    with pytest.raises(PublishError, match="parent_code"), open_published(data):
        pass
    (data / "areas.csv").unlink()
    with pytest.raises(PublishError, match=r"areas\.csv.*missing"), open_published(data):
        pass


def test_an_indicator_whose_name_could_not_be_an_address_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(sample_data(), data)
    catalogue = (data / "catalogue.csv").read_text(encoding="utf-8")
    (data / "catalogue.csv").write_text(catalogue.replace("\nunit_cost,", "\n../unit_cost,"))
    with pytest.raises(PublishError, match="unit_cost"), open_published(data):
        pass


@pytest.mark.parametrize("quoted", [False, True])
def test_each_indicator_has_a_download_with_its_rows_as_they_stand_in_the_whole(
    tmp_path: Path, quoted: bool
) -> None:
    data = tmp_path / "data"
    shutil.copytree(sample_data(), data)
    whole = data / "indicators.csv"
    header, *rows = whole.read_text(encoding="utf-8").splitlines(True)
    if quoted:
        # The first cell of a row is the release; one with a comma in it must not move the others.
        rows = [f'"a,b",{row.partition(",")[2]}' for row in rows]
    random.Random(1).shuffle(rows)
    whole.write_text("".join([header, *rows]), encoding="utf-8")
    with open_published(data, tmp_path / "own"):
        pass
    own = (tmp_path / "own" / "unit_cost.csv").read_text(encoding="utf-8").splitlines(True)
    assert own == [header, *(row for row in rows if ",unit_cost," in row)]
    assert len(list((tmp_path / "own").iterdir())) == 32
