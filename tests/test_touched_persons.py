"""After a new return only those whom it can touch are described anew, and the same comes out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb

from tests.kept_warehouse import KeptNights, Tables

LAST = "2026-03"


def known_to_others(kept: KeptNights) -> str:
    """The link_key of a person whom two providers know."""
    with duckdb.connect(str(kept.settings.warehouse), read_only=True) as connection:
        found = connection.execute(
            "select link_key from lake.people where link_key is not null "
            "group by link_key having count(distinct provider_code) > 1 order by link_key"
        )
        return str(found.fetchall()[0][0])


def forget(tables: Tables, person_id: str) -> None:
    """Takes out all that a return says of a person."""
    episodes = {e["episode_id"] for e in tables["episodes"] if e["person_id"] == person_id}
    for name, rows in tables.items():
        tables[name] = [
            row
            for row in rows
            if row.get("person_id") != person_id and row.get("episode_id") not in episodes
        ]


def move(tables: Tables, table: str, episode_id: str) -> None:
    """The first row of a table that is of another episode becomes this one's."""
    row = next(row for row in tables[table] if row["episode_id"] != episode_id)
    row["episode_id"] = episode_id


# An admission that is one person's by the return of one month, and another's by the next, which
# says nothing else of the first: whoever loses it is described anew too.
ADMISSION = "A99999"


def admit(tables: Tables, episode: int) -> None:
    """Adds the admission, to an episode."""
    tables["admissions"].append(
        {
            "admission_id": ADMISSION,
            "episode_id": tables["episodes"][episode]["episode_id"],
            "admitted_date": "2026-02-10",
            "discharged_date": "",
            "method": "emergency",
            "reason": "injury",
            "discharge_destination": "",
        }
    )


def admitted(kept: KeptNights) -> str:
    """Whose admission it is."""
    with duckdb.connect(str(kept.settings.warehouse), read_only=True) as connection:
        found = connection.execute(
            "select person_key from intermediate.int_admissions_in_effect where admission_id = ?",
            [ADMISSION],
        )
        return str(found.fetchall()[0][0])


def test_only_those_whom_a_return_can_touch_are_described_anew(tmp_path: Path) -> None:
    kept = KeptNights(tmp_path, seed=5, nights=1, faults=0)
    kept.let_come(held=f"AB01/{LAST}")
    kept.send_again("2026-02", 2, lambda tables: admit(tables, episode=0))
    kept.compute()
    assert kept.touched() is None
    shared, first_admitted = known_to_others(kept), admitted(kept)

    def take_over(tables: Tables) -> None:
        forget(tables, tables["episodes"][0]["person_id"])
        admit(tables, episode=0)

    # The first return of that month is another provider's: it has a period already.
    kept.send_again(LAST, 1, take_over)
    kept.compute()
    assert admitted(kept) != first_admitted
    touched = kept.touched()
    assert touched is not None
    assert 0 < touched < kept.persons()
    assert kept.changed_cells() > 0

    def change(tables: Tables) -> None:
        take_over(tables)
        first, second, third, fourth, fifth, *_ = tables["people"]
        # Somebody becomes one with a person of another provider, somebody is on their own again.
        first["link_key"], second["link_key"] = shared, ""
        third["gender"] = "1" if third["gender"] == "2" else "2"
        forget(tables, fourth["person_id"])
        episode = next(e for e in tables["episodes"] if e["person_id"] == fifth["person_id"])
        episode["person_id"] = third["person_id"]
        of_first = next(e for e in tables["episodes"] if e["person_id"] == first["person_id"])
        for table in ("contacts", "stays", "outcomes", "assessments"):
            move(tables, table, of_first["episode_id"])

    kept.send_again(LAST, 2, change)
    kept.compute()
    touched = kept.touched()
    assert touched is not None
    assert 0 < touched < kept.persons()
    assert kept.changed_cells() > 0

    # A later submission without its people is rejected; by another day, a month more is expected.
    # Neither touches anybody.
    kept.send_again(LAST, 3, lambda tables: tables["people"].clear())
    kept.settings = replace(kept.settings, as_at=date(2026, 5, 10))
    kept.compute()
    assert kept.touched() == 0
    assert kept.changed_cells() == 0
    assert kept.tables() == kept.tables_made_anew()


def test_what_may_touch_anybody_has_everybody_described_anew(tmp_path: Path) -> None:
    kept = KeptNights(tmp_path, seed=6, nights=1, faults=0)
    kept.let_come()
    kept.compute()
    kept.send_again(LAST, 2, lambda tables: forget(tables, tables["people"][0]["person_id"]))
    kept.compute()
    assert kept.touched() is not None

    # An older file has the same number: that counts, and the rows of the other are gone.
    kept.send_again(
        LAST, 2, lambda tables: forget(tables, tables["people"][1]["person_id"]), minutes_ago=9
    )
    kept.compute()
    assert kept.touched() is None
    assert kept.changed_cells() > 0
    assert kept.tables() == kept.tables_made_anew()

    # The first return of a month: whoever's spell lasts that long is in it.
    def next_month(tables: Tables) -> None:
        tables["return"][0]["prepared_on"] = "2026-05-09"
        for table in set(tables) - {"return", "people", "person_groups", "episodes"}:
            tables[table].clear()

    kept.settings = replace(kept.settings, as_at=date(2026, 5, 10))
    kept.send_again("2026-04", 1, next_month, like=LAST)
    kept.compute()
    assert kept.touched() is None
    assert kept.changed_cells() > 0
    assert kept.tables() == kept.tables_made_anew()


def test_a_table_that_stays_is_not_taken_for_whole_where_it_is_not_there(tmp_path: Path) -> None:
    kept = KeptNights(tmp_path, seed=5, nights=1, faults=0)
    kept.let_come(held=f"AB01/{LAST}")
    kept.compute()
    with duckdb.connect(str(kept.settings.warehouse)) as connection:
        connection.execute("drop table intermediate.int_paired_assessments")
        connection.execute("drop table intermediate.int_contact_counts")
    kept.let_come()
    kept.compute()
    assert kept.touched() is not None
    assert kept.tables() == kept.tables_made_anew()
