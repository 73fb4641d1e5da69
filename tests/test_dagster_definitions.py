"""What Dagster is given: the lineage, the job, the schedule, the sensor, the blocking checks."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from dagster import (
    AssetKey,
    DagsterInstance,
    Definitions,
    RunRequest,
    SkipReason,
    build_run_status_sensor_context,
    build_schedule_context,
    build_sensor_context,
    materialize,
)
from dagster_dbt import DbtCliResource

from expectations.gate import check_names
from orchestration.last_refresh import note_ending
from orchestration.lock import refresh_lock
from orchestration.refresh import export_settings, tell_of_failure
from orchestration.settings import PROJECT, Settings
from orchestration.transform.dbt import DBT_PROJECT
from orchestration.transform.unique_keys import KeysNotLookedAt, require_looked_at
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


def test_a_run_that_meets_a_refresh_under_way_sends_no_message_and_any_other_failure_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = settings.build / "message.txt"
    monkeypatch.setenv("OUTCOMES_MESSAGE_FILE", str(message))
    monkeypatch.setenv("OUTCOMES_RETRIES", "0")

    def fail(instance: DagsterInstance) -> None:
        """A run that fails, and what Dagster's daemon does about it."""
        job = definitions().resolve_job_def("nightly_refresh")
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        context = build_run_status_sensor_context(
            sensor_name="failed_night",
            dagster_instance=instance,
            dagster_run=result.dagster_run,
            dagster_event=result.all_events[-1],
        ).for_run_failure()
        from orchestration.definitions import failed_night

        failed_night(context)

    with DagsterInstance.ephemeral() as instance:
        with (settings.build / "refresh.lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            fail(instance)
        assert not message.exists()
        settings.returns.rmdir()
        fail(instance)
    said = message.read_text(encoding="utf-8")
    assert f"- received_returns: there is no inbox at {settings.returns}" in said
    assert said.count("A refresh failed") == 1


def test_a_dbt_that_is_killed_is_run_again_and_its_words_stay_out_of_dagsters_account(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    definitions()
    from orchestration.assets.transform import dbt_models

    monkeypatch.setenv("OUTCOMES_RETRY_PAUSE_SECONDS", "0")
    said = {"info": {"level": "error", "msg": "Could not convert 'Zq7'", "name": "x"}, "data": {}}
    fake = tmp_path / "fake-dbt"
    fake.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = --version ]; then echo "Core:\n  - installed: 1.11.0"; exit 0; fi\n'
        f'echo again >> "{tmp_path}/runs"\n'
        f'[ "$(wc -l < "{tmp_path}/runs")" = 1 ] && kill -9 $$\n'
        f"echo '{json.dumps(said).replace(chr(39), chr(39) + chr(92) + chr(39) * 2)}'\n"
        "exit 1\n"
    )
    fake.chmod(0o755)
    dbt = DbtCliResource(project_dir=str(DBT_PROJECT), dbt_executable=str(fake))
    with DagsterInstance.ephemeral() as instance:
        result = materialize(
            [dbt_models], instance=instance, resources={"dbt": dbt}, raise_on_error=False
        )
        kept = "\n".join(str(log) for log in instance.all_logs(result.run_id))
    assert not result.success
    assert (tmp_path / "runs").read_text().splitlines() == ["again"] * 2
    assert "dbt was ended by signal 9" in kept
    assert "dbt failed: its account is in the folder dbt" in kept
    assert "Zq7" not in kept
    assert "Zq7" in (settings.build / "dbt" / "console.txt").read_text()


def test_a_night_ends_where_a_key_is_not_unique(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    definitions()
    from orchestration.assets import transform

    facts = json.loads(transform.manifest(settings).read_bytes())
    keys = transform.declared_keys(facts)
    # Each is a key of an asset of this step, so a night looks at all of them.
    assert {transform.asset_of(key, facts) for key in keys} <= set(transform.dbt_models.keys)
    fake = tmp_path / "fake-dbt"
    fake.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = --version ]; then echo "Core:\n  - installed: 1.11.0"; exit 0; fi\n'
        f'echo "$@" > "{tmp_path}/told"\n'
    )
    fake.chmod(0o755)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.published_catalogue as from (values ('one'), ('one')) "
            "as twice (indicator_id)"
        )
        connection.execute("create schema intake")
        connection.execute("create table intake.refresh as select 'r1' as release_id")
    catalogue = [key for key in keys if key.table == "published_catalogue"]
    monkeypatch.setattr(transform, "declared_keys", lambda _: catalogue)
    dbt = DbtCliResource(project_dir=str(DBT_PROJECT), dbt_executable=str(fake))
    with DagsterInstance.ephemeral() as instance:
        result = materialize(
            [transform.dbt_models],
            instance=instance,
            resources={"dbt": dbt},
            raise_on_error=False,
        )
        kept = "\n".join(str(log) for log in instance.all_logs(result.run_id))
    assert not result.success
    assert "rows of the same key, or of none, in published_catalogue" in kept
    assert "test_name:unique_combination" in (tmp_path / "told").read_text()
    with pytest.raises(KeysNotLookedAt):
        require_looked_at(settings)


def test_a_night_is_logged_as_it_ended(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    log = settings.build / "log" / "refresh.jsonl"
    monkeypatch.setenv("OUTCOMES_LOG_FILE", str(log))
    monkeypatch.setenv("OUTCOMES_MESSAGE_FILE", str(settings.build))
    said: list[str] = []
    note_ending(settings, "94c582420789", "published")
    note_ending(settings, "94c582420789", "nothing new")
    tell_of_failure(settings, True, ["audit: 3 of 46"], said.append)
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [(line["event"], line["level"]) for line in lines] == [
        ("published", "info"),
        ("nothing new", "info"),
        ("refused", "error"),
        ("message not sent", "warning"),
    ]
    assert lines[0]["release"] == "94c582420789"
    assert lines[2]["reasons"] == ["audit: 3 of 46"]
    assert said == [lines[3]["message"]]
