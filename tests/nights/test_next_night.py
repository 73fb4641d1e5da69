"""The most ordinary night of all: one more return has come to an installation of two years."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.sample import write_sample
from tests.nights.whole_nights import AS_AT, refresh

pytestmark = pytest.mark.nights


def test_a_return_that_comes_after_a_release_is_published_the_next_night(tmp_path: Path) -> None:
    write_sample(tmp_path, faults=0.002, as_at=AS_AT)
    (late,) = (tmp_path / "returns" / "AB01").glob("2026-03*")
    late.rename(tmp_path / late.name)
    first = refresh(tmp_path, tmp_path / "build")
    assert first.returncode == 0, first.stderr
    (tmp_path / late.name).rename(late)
    second = refresh(tmp_path, tmp_path / "build")
    # What the first release told of counts that have changed since tells nothing of today's.
    assert second.returncode == 0, second.stderr
    assert "judged 1 of 1 returns" in second.stderr
    assert "wrote 1 of 1 reports" in second.stderr
