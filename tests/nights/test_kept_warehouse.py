"""Many nights on one warehouse, each compared with a warehouse made anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kept_warehouse import KeptNights

pytestmark = pytest.mark.nights


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_after_every_night_a_kept_warehouse_is_as_one_made_anew(tmp_path: Path, seed: int) -> None:
    kept = KeptNights(tmp_path, seed, nights=6)
    for _ in kept.nights():
        assert kept.tables() == kept.tables_made_anew()
