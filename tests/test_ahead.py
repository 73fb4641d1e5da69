"""Modules are imported while something else is done, and what is wrong with one is not hidden."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

import pytest

from orchestration.ahead import NEEDED_LATER, importing


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_modules_are_there_at_the_end(folder: Path) -> None:
    (folder / "ahead_sound.py").write_text("", encoding="utf-8")
    assert "ahead_sound" not in sys.modules
    with importing(["ahead_sound"]):
        while "ahead_sound" not in sys.modules:
            pass
    del sys.modules["ahead_sound"]


def test_a_module_that_is_wrong_is_wrong_where_it_is_needed_and_hinders_no_other(
    folder: Path,
) -> None:
    (folder / "ahead_wrong.py").write_text("1 / 0", encoding="utf-8")
    (folder / "ahead_next.py").write_text("", encoding="utf-8")
    with importing(["ahead_wrong", "ahead_next"]):
        while "ahead_next" not in sys.modules:
            pass
    with pytest.raises(ZeroDivisionError):
        importlib.import_module("ahead_wrong")
    del sys.modules["ahead_next"]


@pytest.mark.parametrize("module", NEEDED_LATER)
def test_what_is_named_is_there(module: str) -> None:
    assert importlib.util.find_spec(module) is not None
