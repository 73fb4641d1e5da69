"""What Dagster is given: the lineage, the job, the schedule, the sensor, the blocking checks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from dagster import (
    AssetKey,
    DagsterInstance,
    Definitions,
    RunRequest,
    SkipReason,
    build_schedule_context,
    build_sensor_context,
)

from expectations.gate import check_names
from orchestration.lock import refresh_lock
from orchestration.refresh import export_settings
from orchestration.settings import PROJECT, Settings
from tests.return_files import ReturnFiles


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """An installation of its own, in this process's environment."""
    for name in ("RETURNS", "REGISTRY", "BUILD", "AS_AT"):
        monkeypatch.setenv(f"OUTCOMES_{name}", "")
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "")
    made = Settings(
        tmp_path / "returns", PROJECT / "seeds" / "registry", tmp_path / "build", date(2025, 7, 1)
    )
    made.returns.mkdir()
    export_settings(made)
    yield made


def definitions() -> Definitions:
    from orchestration.definitions import defs

    return defs


def test_the_lineage_leads_from_the_inbox_to_the_release(settings: Settings) -> None:
    del settings
    graph = definitions().resolve_asset_graph()
    reached = {AssetKey("received_returns")}
    waiting = list(reached)
    while waiting:
        for child in graph.get(waiting.pop()).child_keys - reached:
            reached.add(child)
            waiting.append(child)
    for key in ("judged_returns", "release"):
        assert AssetKey(key) in reached
    for table in ("measure_values", "indicator_values", "published_indicators"):
        assert AssetKey(["marts", table]) in reached
    assert AssetKey(["lake", "contacts"]) in reached


def test_the_gate_waits_for_every_table_that_it_looks_at(settings: Settings) -> None:
    del settings
    from orchestration.assets.gate import GATED
    from orchestration.publish.before_the_gate import GATED_TABLES

    assert {key.path[-1] for key in GATED} == set(GATED_TABLES)


def test_revisions_are_told_between_the_models_and_the_gate(settings: Settings) -> None:
    del settings
    job = definitions().resolve_job_def("nightly_refresh")
    steps = [node.name for node in job.nodes_in_topological_order]
    # The models are one step: what reads one of their tables may read them all.
    assert steps.index("dbt_models") < steps.index("marts__published_revisions")
    assert steps.index("marts__published_revisions") < steps.index("gate")
    assert len(steps) == 8


def test_every_suite_of_the_gate_is_a_blocking_check(settings: Settings) -> None:
    del settings
    checks = definitions().resolve_asset_graph().asset_check_keys
    assert set(check_names()) <= {key.name for key in checks}
    from orchestration.assets.gate import gate

    assert all(spec.blocking for spec in gate.check_specs)


def test_the_job_runs_at_two_in_the_morning_london_time(settings: Settings) -> None:
    del settings
    schedule = definitions().resolve_schedule_def("nightly")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "Europe/London")
    assert schedule.job_name == "nightly_refresh"


def test_the_sensor_asks_once_for_what_is_new_and_stands_still(settings: Settings) -> None:
    sensor = definitions().resolve_sensor_def("inbox")
    instance = DagsterInstance.ephemeral()
    ReturnFiles().write_zip(settings.returns / "AB01" / "return.zip")
    context = build_sensor_context(instance, cursor=None)
    assert isinstance(sensor(context), SkipReason), "it may still be arriving"
    context = build_sensor_context(instance, cursor=context.cursor)
    assert isinstance(sensor(context), RunRequest)
    again = sensor(build_sensor_context(instance, cursor=context.cursor))
    assert isinstance(again, SkipReason)
    ReturnFiles().set("return", 0, submission_no="2").write_zip(settings.returns / "AB01" / "2.zip")
    context = build_sensor_context(instance, cursor=context.cursor)
    assert isinstance(sensor(context), SkipReason)
    assert isinstance(sensor(build_sensor_context(instance, cursor=context.cursor)), RunRequest)


def test_while_a_refresh_is_under_way_neither_schedule_nor_sensor_asks_for_another(
    settings: Settings,
) -> None:
    ReturnFiles().write_zip(settings.returns / "AB01" / "return.zip")
    nightly = definitions().resolve_schedule_def("nightly")
    inbox = definitions().resolve_sensor_def("inbox")
    with refresh_lock(settings.build):
        skipped = nightly(build_schedule_context())
        assert isinstance(skipped, SkipReason)
        assert isinstance(inbox(build_sensor_context(DagsterInstance.ephemeral())), SkipReason)
    asked = nightly(build_schedule_context())
    assert isinstance(asked, RunRequest)
    assert asked.tags["outcomes/asked_by"] == "schedule"


@pytest.mark.usefixtures("settings")
def test_a_watch_that_warns_stands_beside_the_refresh() -> None:
    found = definitions()
    job, watch = (found.resolve_job_def(name) for name in ("nightly_refresh", "watch"))
    watched = {"release_site_is_fresh", "release_returns_have_come"}
    assert {node.name for node in watch.nodes} == watched
    assert not watched & {node.name for node in job.nodes}
