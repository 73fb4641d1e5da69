"""dbt's manifest, and when it is parsed anew."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import pytest

from orchestration.settings import Settings
from orchestration.transform.dbt import manifest


@pytest.mark.parametrize(("holds", "parsed"), [(None, 1), ('{"nodes": {', 1), ("{}", 0)])
def test_a_manifest_that_is_missing_or_not_whole_is_parsed_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, holds: str | None, parsed: int
) -> None:
    settings = Settings(tmp_path, tmp_path, tmp_path / "build", date(2026, 4, 15))
    calls: list[object] = []

    def run(command: list[object], **_: object) -> subprocess.CompletedProcess[str]:
        calls.append(command)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    if holds is not None:
        (settings.build / "dbt").mkdir(parents=True)
        (settings.build / "dbt" / "manifest.json").write_text(holds, encoding="utf-8")
    manifest(settings)
    assert len(calls) == parsed
