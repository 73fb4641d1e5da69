"""Many nights on one warehouse, each compared with a warehouse made anew."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.kept_warehouse import KeptNights, Tables

pytestmark = pytest.mark.nights


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_after_every_night_a_kept_warehouse_is_as_one_made_anew(tmp_path: Path, seed: int) -> None:
    kept = KeptNights(tmp_path, seed, nights=6)
    for _ in kept.nights():
        assert kept.tables() == kept.tables_made_anew()


@pytest.mark.parametrize("seed", [21, 22, 23])
def test_after_every_night_in_which_returns_are_sent_again_too(tmp_path: Path, seed: int) -> None:
    kept, draw = KeptNights(tmp_path, seed, nights=1, faults=0), random.Random(seed)
    kept.let_come()
    kept.compute()

    def change(tables: Tables) -> None:
        """Persons get each other's keys, and some go; episodes and what is said of them change
        hands."""
        people = tables["people"]
        keys = [person["link_key"] for person in people]
        draw.shuffle(keys)
        for person, key in zip(people, keys, strict=True):
            if draw.random() < 0.3:
                person["link_key"] = key
        gone = {person["person_id"] for person in people if draw.random() < 0.1}
        for name, rows in tables.items():
            tables[name] = [row for row in rows if row.get("person_id") not in gone]
        for column, whose in (("person_id", "people"), ("episode_id", "episodes")):
            known = [row[column] for row in tables[whose]]
            for name, rows in tables.items():
                if name == whose:
                    continue
                for row in rows:
                    if column in row and (row[column] not in known or draw.random() < 0.1):
                        row[column] = draw.choice(known)

    touched = []
    for submission_no in range(2, 8):
        kept.send_again(draw.choice(["2026-01", "2026-02", "2026-03"]), submission_no, change)
        kept.compute()
        assert kept.tables() == kept.tables_made_anew()
        touched.append(kept.touched())
    assert any(touched)
