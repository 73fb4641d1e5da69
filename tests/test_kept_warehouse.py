"""What is kept from one night to the next is what a warehouse made anew would hold."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orchestration.night import Night
from orchestration.transform import warehouse
from tests.kept_warehouse import KeptNights
from tests.warehouse import run_dbt


def move_a_service(registry: Path) -> None:
    """Another place for the first service: its areas change, and no row of any return."""
    lines = (registry / "services.csv").read_text(encoding="utf-8").splitlines()
    header = lines[0].split(",")
    place, cells = header.index("place_code"), [line.split(",") for line in lines]
    other = next(row[place] for row in cells[2:] if row[place] != cells[1][place])
    cells[1][place] = other
    text = "\n".join(",".join(row) for row in cells) + "\n"
    (registry / "services.csv").write_text(text, encoding="utf-8")


def test_nights_on_a_kept_warehouse_end_where_one_made_anew_begins(tmp_path: Path) -> None:
    kept = KeptNights(tmp_path, seed=5, nights=2)
    first, second = kept.nights()
    assert first > 0 and second > 0
    assert kept.tables() == kept.tables_made_anew()
    kept.compute()
    assert kept.changed_cells() == 0
    move_a_service(kept.settings.registry)
    kept.compute()
    assert kept.changed_cells() > 0
    assert kept.tables() == kept.tables_made_anew()


def test_a_warehouse_that_other_code_made_is_begun_anew(tmp_path: Path) -> None:
    kept = KeptNights(tmp_path, seed=5, nights=1)
    assert warehouse.begin(kept.settings) is None
    warehouse.finish(kept.settings)
    assert warehouse.begin(kept.settings) is None
    with duckdb.connect(str(kept.settings.warehouse)) as connection:
        connection.execute("update intake.made_by set code = 'another'")
    warehouse.finish(kept.settings)
    assert "have changed" in str(warehouse.begin(kept.settings))


def test_a_warehouse_of_which_a_part_was_computed_by_hand_is_begun_anew(tmp_path: Path) -> None:
    kept = KeptNights(tmp_path, seed=5, nights=2)
    nights = kept.nights()
    next(nights)
    # What is kept is emptied for it, and nothing that comes after it is computed.
    run_dbt(kept.settings, "run", "--select", "int_described_units")
    next(nights)
    assert kept.tables() == kept.tables_made_anew()


def test_what_has_changed_is_not_added_a_second_time(tmp_path: Path) -> None:
    kept = KeptNights(tmp_path, seed=5, nights=2)
    for _ in kept.nights():
        pass
    before = kept.tables()
    with pytest.raises(AssertionError, match="counted already"):
        run_dbt(kept.settings, "run", "--select", "int_cell_changes", "measure_values")
    assert kept.tables() == before


def test_rows_that_were_read_from_a_damaged_file_do_not_stay(tmp_path: Path) -> None:
    kept = KeptNights(tmp_path, seed=5, nights=1)
    night = Night(kept.settings)
    kept.let_come()
    night.receive()
    night.judge(lambda _: None)
    # It is damaged once it is in the lake, before it is read into the warehouse.
    damaged = next(kept.settings.lake.glob("contacts/*/*/*/*.parquet"))
    with duckdb.connect() as connection:
        whole = connection.read_parquet(str(damaged), hive_partitioning=False)
        whole.project("* replace ('dna' as attendance)").write_parquet(f"{damaged}.part")
    Path(f"{damaged}.part").replace(damaged)
    night.lay_out_sources(lambda _: None)
    warehouse.finish(kept.settings)
    said: list[str] = []
    night.judge(said.append)
    night.lay_out_sources(said.append)
    assert any("are damaged" in line for line in said)
    with duckdb.connect(str(kept.settings.warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select distinct attendance from lake.contacts where judgement_id = ?", [damaged.stem]
        )
        assert len(rows.fetchall()) > 1


def test_what_is_made_in_slices_of_persons_is_what_is_made_at_once(tmp_path: Path) -> None:
    kept = KeptNights(tmp_path, seed=5, nights=1)
    list(kept.nights())
    with duckdb.connect(str(kept.settings.warehouse), read_only=True) as connection:
        persons = connection.execute("select count(*) from intermediate.int_people_in_effect")
        assert persons.fetchall()[0][0] > 2 * 20
    assert kept.tables() == kept.tables_made_anew("--vars", "{persons_in_a_slice: 20}")


def test_what_is_made_in_slices_of_areas_is_what_is_made_at_once(tmp_path: Path) -> None:
    kept = KeptNights(tmp_path, seed=5, nights=1)
    list(kept.nights())
    no_tests = ("resource_type:test", "resource_type:unit_test")
    of_cells = ("int_count_claims", "int_audited_cells", "told_counts")
    rest = ("--select", "+told_counts", "--exclude", "+indicator_values", *no_tests)
    run_dbt(kept.settings, "build", *rest)

    def rows() -> dict[str, list[tuple[object, ...]]]:
        with duckdb.connect(str(kept.settings.warehouse), read_only=True) as connection:
            layer = {"told_counts": "marts"}
            return {
                name: connection.execute(
                    f"select * from {layer.get(name, 'intermediate')}.{name} order by all"
                ).fetchall()
                for name in (*of_cells, "int_published_cells")
            }

    # With what a release told, and with counts that are hidden further.
    with duckdb.connect(str(kept.settings.warehouse)) as connection:
        connection.execute(
            "create or replace table marts.last_told_counts as from marts.told_counts"
        )
        hidden = connection.execute(
            "select count(*) from intermediate.int_disclosure_audit where is_suppressed_further"
        )
        assert hidden.fetchall()[0][0] > 0
    run_dbt(kept.settings, "run", "--select", *of_cells)
    at_once = rows()
    assert len(at_once["int_published_cells"]) > 2 * 500
    assert at_once["told_counts"]
    run_dbt(
        kept.settings, "run", "--select", *of_cells, "--vars", "{cells_in_a_slice: 500}"
    )  # fmt: skip
    assert rows() == at_once


def test_a_warehouse_from_which_a_table_is_gone_is_begun_anew(tmp_path: Path) -> None:
    kept = KeptNights(tmp_path, seed=5, nights=1)
    list(kept.nights())
    with duckdb.connect(str(kept.settings.warehouse)) as connection:
        connection.execute("drop table intermediate.int_described_units")
    assert "missing" in str(warehouse.begin(kept.settings))
