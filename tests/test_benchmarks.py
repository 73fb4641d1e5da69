"""The benchmark compares like with like: every judge finds the same in the same return."""

from __future__ import annotations

from pathlib import Path

from benchmarks import judging_bare, judging_ours
from benchmarks.make_return import FAULTY_ONE_IN, make_return

ROWS = 3_000


def test_the_bare_script_finds_what_the_judge_finds(tmp_path: Path) -> None:
    folder = make_return(tmp_path / "return", ROWS)
    bare, ours = judging_bare.judge(folder), judging_ours.judge(folder)
    assert bare.failures == ours.failures
    assert bare.kept == ours.kept
    assert sum(ours.failures.values()) >= ROWS // FAULTY_ONE_IN
    assert ours.kept is not None and ROWS * 0.98 < ours.kept < ROWS


def test_the_large_return_is_the_same_each_time(tmp_path: Path) -> None:
    one, other = make_return(tmp_path / "one", ROWS), make_return(tmp_path / "other", ROWS)
    for path in one.iterdir():
        assert path.read_bytes() == (other / path.name).read_bytes()
