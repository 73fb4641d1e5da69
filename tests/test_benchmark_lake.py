"""The lake of the benchmark is as a refresh leaves one, however it is divided into files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from benchmarks.computing import Disagreement, compare
from benchmarks.make_lake import lay_out, make_lake
from benchmarks.measure_values_bare import compute
from benchmarks.sizes import AS_AT, COUNTY, Size
from orchestration.night import Night
from orchestration.settings import Settings

# Two copies of the sample.
SMALL = replace(COUNTY, name="small", providers=24, months=3, contacts=2_500, people=150)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Path]:
    """A small lake with its sources laid out, and what the bare script computes from it."""
    return _made(SMALL, tmp_path_factory.mktemp("lake"))


def _made(size: Size, folder: Path) -> tuple[Settings, Path]:
    settings, bare = make_lake(size, folder / "made"), folder / "bare.duckdb"
    lay_out(settings)
    compute(settings.lake, settings.registry, bare, AS_AT)
    return settings, bare


def test_nothing_of_it_waits_to_be_judged(made: tuple[Settings, Path]) -> None:
    settings, _ = made
    night = Night(settings)
    assert len(night.received()) > 60
    assert night.waiting() == []
    night.lay_out_sources(lambda _: None)  # or it would say that the judgements were overtaken


def test_it_holds_the_rows_that_its_receipts_speak_of(made: tuple[Settings, Path]) -> None:
    settings, _ = made
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        told = dict(
            connection.execute(
                "select table_name, sum(table_rows.rows_received - table_rows.rows_excluded)::int "
                "from intake.table_rows inner join intake.submissions using (judgement_id) "
                "where is_accepted group by table_name"
            ).fetchall()
        )
        for table, rows in told.items():
            found = connection.execute(
                f'select count(*), count(distinct (judgement_id, row_number)) from lake."{table}"'
            ).fetchall()[0]
            assert found == (rows, rows), table
    assert told["contacts"] == pytest.approx(SMALL.contacts, rel=0.02)


def test_every_copy_has_the_same_figures(made: tuple[Settings, Path]) -> None:
    _, bare = made
    with duckdb.connect(str(bare), read_only=True) as connection:
        differing, cells = connection.execute(
            """
            with first as (from measure_values where not ends_with(area_code, '001')),
            second as (
                select * replace (left(area_code, -3) as area_code) from measure_values
                where ends_with(area_code, '001')
            )
            select
                (select count(*) from ((from first except from second) union all
                    (from second except from first))),
                (select count(*) from first)
            """
        ).fetchall()[0]
    assert differing == 0
    assert cells > 1_000


def test_a_lake_of_few_files_holds_the_same(made: tuple[Settings, Path], tmp_path: Path) -> None:
    _, bare = made
    packed, of_packed = _made(replace(SMALL, is_packed=True), tmp_path)
    assert len(list(packed.lake.glob("contacts/*.parquet"))) == 2
    with duckdb.connect(str(packed.warehouse)) as connection:
        (rows,) = connection.execute("select count(*) from lake.contacts").fetchall()[0]
        assert rows == pytest.approx(SMALL.contacts, rel=0.02)
        # In the place of the models' own.
        connection.execute(f"attach '{bare}' as bare (read_only)")
        connection.execute("create schema if not exists marts")
        connection.execute("create table marts.measure_values as from bare.measure_values")
    assert compare(packed.warehouse, of_packed) > 1_000


def test_one_cell_that_differs_is_found(tmp_path: Path) -> None:
    ours, bare = tmp_path / "ours.duckdb", tmp_path / "bare.duckdb"
    columns = (
        "'people_supported' as measure_id, 'month' as period_type, date '2025-05-01' as "
        "period_start, 'place' as area_type, 'NOR' as area_code, 'all' as breakdown_type, 'all' as "
        "breakdown_value"
    )
    with duckdb.connect(str(ours)) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute(f"create table marts.measure_values as select {columns}, 3.0 as value")
    with duckdb.connect(str(bare)) as connection:
        connection.execute(f"create table measure_values as select {columns}, 4.0 as value")
    with pytest.raises(Disagreement, match="people_supported: 1 of 1 cells differ"):
        compare(ours, bare)
