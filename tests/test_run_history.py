"""Dagster's history as a refresh keeps it is the one that Dagster's own storage would keep."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from dagster import (
    AssetCheckResult,
    AssetKey,
    DagsterEventType,
    DagsterInstance,
    MaterializeResult,
    asset,
    asset_check,
    materialize,
)

from orchestration.refresh import INSTANCE
from orchestration.run_history import RunHistory


@asset
def counted() -> MaterializeResult[None]:
    return MaterializeResult(metadata={"rows": 3})


@asset_check(asset=counted)
def is_enough() -> AssetCheckResult:
    return AssetCheckResult(passed=True)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "dagster.yaml").write_text(INSTANCE, encoding="utf-8")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    return tmp_path


def test_what_a_run_told_is_read_by_dagsters_own_storage(home: Path) -> None:
    with DagsterInstance.get() as instance:
        assert isinstance(instance.event_log_storage, RunHistory)
        ids = [
            materialize([counted, is_enough], instance=instance).run_id
            for _ in range(3)  # so that the first run's database is closed again
        ]
        told = [[log.message for log in instance.all_logs(one)] for one in ids]
    ours = yaml.safe_load(INSTANCE)
    del ours["event_log_storage"]
    (home / "dagster.yaml").write_text(yaml.dump(ours), encoding="utf-8")
    with DagsterInstance.get() as instance:
        assert not isinstance(instance.event_log_storage, RunHistory)
        assert [[log.message for log in instance.all_logs(one)] for one in ids] == told
        assert len(told[0]) > 10
        latest = instance.get_latest_materialization_event(AssetKey("counted"))
        assert latest is not None and latest.run_id == ids[-1]
        checked = instance.all_logs(ids[0], of_type=DagsterEventType.ASSET_CHECK_EVALUATION)
        assert len(checked) == 1


def test_a_history_that_dagsters_own_storage_began_is_gone_on_with(home: Path) -> None:
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    with DagsterInstance.get() as instance:
        before = materialize([counted, is_enough], instance=instance).run_id
    (home / "dagster.yaml").write_text(INSTANCE, encoding="utf-8")
    with DagsterInstance.get() as instance:
        after = materialize([counted, is_enough], instance=instance).run_id
        assert {run.run_id for run in instance.get_runs()} == {before, after}
        kinds = [
            [log.dagster_event.event_type for log in instance.all_logs(one) if log.dagster_event]
            for one in (before, after)
        ]
        assert kinds[0] == kinds[1]
        instance.wipe()
        assert not instance.get_runs()
