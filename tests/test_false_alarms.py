"""Returns with nothing wrong are told nothing, or nearly nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.sample import write_sample
from tests.warehouse import lay_out_sources

AS_AT = date(2026, 4, 15)


@pytest.mark.parametrize("seed", [1, 2])
def test_two_years_of_clean_returns_raise_no_error_and_hardly_a_warning(
    tmp_path: Path, seed: int
) -> None:
    write_sample(tmp_path, providers=4, months=24, people=400, faults=0.0, seed=seed, as_at=AS_AT)
    settings = lay_out_sources(
        tmp_path / "returns", tmp_path / "registry", tmp_path / "build", AS_AT
    )
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        told = dict(
            connection.execute(
                "select severity, count(*) from intake.failures group by severity"
            ).fetchall()
        )
        received = connection.execute(
            "select count(*), sum(rows_received) from intake.submissions where is_accepted"
        ).fetchone()
    assert received is not None
    submissions, rows = received
    assert submissions == 4 * 24
    assert rows > 10_000
    assert told.get("reject", 0) == 0
    assert told.get("error", 0) == 0
    assert told.get("warning", 0) < rows / 200
