"""What is published of areas and years that are kept from one night to the next, and what is known
of them, is what a warehouse made anew would publish."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.kept_warehouse import PublishedNights
from tests.warehouse import run_dbt

YEARS = "int_claims_by_year_changes where hidden_counts > 0"


def counted(kept: PublishedNights, query: str) -> int:
    with duckdb.connect(str(kept.settings.warehouse), read_only=True) as connection:
        return int(connection.execute(f"select count(*) from {query}").fetchall()[0][0])


def changes(kept: PublishedNights) -> list[int]:
    """How many areas and years have changed in the last night, and how many have not; and of how
    many subjects and years with hidden counts anything has, and of how many nothing."""
    return [
        counted(kept, f"intermediate.{query}")
        for query in (
            "int_area_changes where is_changed",
            "int_area_changes where not is_changed",
            f"{YEARS} and is_changed",
            f"{YEARS} and not is_changed",
        )
    ]


def test_what_a_kept_warehouse_publishes_is_what_one_made_anew_does(tmp_path: Path) -> None:
    # In slices, while what it is held against is made at once.
    kept = PublishedNights(tmp_path, seed=5, nights=4, one_by_one=True)
    kept.asked = ("--vars", "{cells_in_a_slice: 500}")
    nights = kept.nights()
    next(nights)
    kept.publish()
    damaged = kept.damage_answers()
    next(nights)
    # What was found of some parts stands without a look at their answers; others are audited anew.
    carried = [name for name, answer in kept.answers().items() if damaged.get(name) == answer]
    assert 0 < len(carried) < len(damaged)
    assert all(changes(kept))
    assert counted(kept, "intake.last_told_by where is_last_night") == 1
    assert counted(kept, "intermediate.int_disclosure_audit where is_suppressed_further") > 0
    assert kept.tables() == kept.tables_made_anew()
    # What this night tells is not published, as where the gate refuses it: the next one goes by
    # what the first told.
    next(nights)
    assert all(changes(kept))
    assert counted(kept, "intake.last_told_by where is_last_night") == 0
    made_anew = kept.tables_made_anew()
    assert kept.tables() == made_anew
    # Once more on the same sources.
    kept.run_models()
    assert kept.tables() == made_anew


def test_what_was_made_by_hand_is_not_kept_for_the_next_night(tmp_path: Path) -> None:
    kept = PublishedNights(tmp_path, seed=5, nights=2, one_by_one=True)
    nights = kept.nights()
    next(nights)
    kept.publish()
    # To see what the audit hides; then it is put right, but not what was made from it.
    chosen = ("int_disclosure_audit", "int_audited_cells", "told_counts")
    run_dbt(kept.settings, "run", "--select", *chosen, "--vars", "{disclosure_audit: false}")
    run_dbt(kept.settings, "run", "--select", "int_disclosure_audit")
    next(nights)
    assert counted(kept, "intake.last_told_by where is_last_night") == 0
    assert counted(kept, "intermediate.int_area_changes where not is_changed") == 0
    assert kept.tables() == kept.tables_made_anew()
