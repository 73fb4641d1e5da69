"""The nightly refresh from inbox to site, as the command runs it."""

from __future__ import annotations

import csv
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from orchestration.lock import refresh_lock
from orchestration.refresh import Outcome, Progress, refresh
from orchestration.sample import write_sample
from orchestration.settings import Settings
from tests.return_files import ReturnFiles

AS_AT = date(2026, 4, 15)
OUTCOMES = Path(sys.executable).with_name("outcomes")
# Stands in a free text and in a person's pseudonym, and may stand nowhere that others can read.
MARKER = "Zq7markerXw"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A small inbox with faults: four providers, five months, a person with a marked name."""
    home = tmp_path_factory.mktemp("refresh")
    write_sample(home, providers=4, months=5, people=150, faults=0.01, seed=3, as_at=AS_AT)
    marked = ReturnFiles().set("return", 0, period="2026-03", submission_no="9")
    for table, rows in marked.tables.items():
        for row in rows:
            for column, value in row.items():
                if table != "return":
                    row[column] = value.replace("2025-0", "2026-0").replace("2026-05", "2026-03")
    marked.set("people", 0, person_id=MARKER)
    marked.set("person_groups", 0, person_id=MARKER).set("episodes", 0, person_id=MARKER)
    for episode in (0, 1):
        marked.set("episodes", episode, start_date="2026-03-01", referral_date="")
    marked.set("narratives", 0, text=f"{MARKER} said so", consent_to_publish="N")
    marked.set("outcomes", 0, outcome=MARKER)
    marked.write_folder(home / "returns" / "AB01" / "corrected")
    with (home / "registry" / "targets.csv").open("a", encoding="utf-8") as file:
        file.write("coping_gain,system,QPM,2024/25,140,2028-03-31\n")
    before = dict(os.environ)
    yield Settings(home / "returns", home / "registry", home / "build", AS_AT)
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def published(settings: Settings) -> list[str]:
    """The first refresh, by the command; gives what it said."""
    done = outcomes(settings)
    assert done.returncode == Outcome.DONE, done.stderr
    return done.stderr.splitlines()


def outcomes(settings: Settings) -> subprocess.CompletedProcess[str]:
    """The command, as a person or a timer runs it."""
    return subprocess.run(
        [
            OUTCOMES, "refresh", "--returns", settings.returns, "--registry", settings.registry,
            "--build", settings.build, "--as-at", settings.as_at.isoformat(),
        ],
        capture_output=True, text=True, check=False, cwd=settings.build.parent,
    )  # fmt: skip


def query(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_refresh_publishes_a_whole_release_and_says_what_it_did(
    settings: Settings, published: list[str]
) -> None:
    note = json.loads((settings.public.resolve().parent / "release.json").read_text())
    assert f"Published release {note['release_id']}, told as at 2026-04-15." in published
    assert (settings.public / "index.html").is_file()
    assert [line.split(":")[0].split()[0] for line in published[-7:]] == [
        "Published", "Returns", "Set", "Hidden", "Registry", "Where", "Time",
    ]  # fmt: skip


def test_the_audit_has_looked_at_every_hidden_count_and_is_told_of(
    settings: Settings, published: list[str]
) -> None:
    ((hidden, audited, further, exposed),) = query(
        settings,
        "select sum(hidden_counts), sum(audited_counts), sum(suppressed_further), "
        "sum(exposed_counts) from marts.disclosure_audit",
    )
    assert hidden == audited
    assert exposed == 0
    assert (
        f"Hidden: {hidden} small counts, and {further} more, from which those could have been "
        "worked out."
    ) in published


@pytest.mark.usefixtures("published")
def test_what_a_release_tells_is_kept_for_the_next_audit_and_published_nowhere(
    settings: Settings,
) -> None:
    kept = settings.public.resolve().parent / "told_counts.parquet"
    assert kept.stat().st_mode & 0o007 == 0, "it has exact counts"
    assert not list(settings.public.rglob("told_counts*"))
    with duckdb.connect() as connection:
        told = connection.read_parquet(str(kept))
        assert set(told.columns) == {
            "subject", "period_type", "period_start", "area_type", "area_code",
            "breakdown_type", "breakdown_value", "exact", "at_least", "at_most",
        }  # fmt: skip
        # Ranges of what is shown, and nothing of what is hidden but that it is there.
        assert told.filter("at_least > 1 and at_most = at_least").fetchall() == []


def test_a_refused_target_is_told_in_log_and_summary_and_published_as_refused_beside_the_others(
    settings: Settings, published: list[str]
) -> None:
    said = "targets.csv line 9 is refused: target_value '140' cannot be: expected from 0 to 100"
    assert [line for line in published if said in line][-1].startswith(f"Registry: {said}")
    assert len([line for line in published if said in line]) == 2
    with (settings.public / "data" / "targets.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["judgement"] == "refused" for row in rows] == [False] * 7 + [True]
    assert rows[-1]["sentence"].startswith(said)
    assert rows[-1]["current_value"] == ""


def test_what_is_published_is_the_table_published_indicators_and_nothing_else(
    settings: Settings, published: list[str]
) -> None:
    del published
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        differing = connection.execute(
            "select count(*) from (select * from marts.published_indicators except "
            f"select * from read_parquet('{settings.public}/data/indicators.parquet'))"
        ).fetchone()
    assert differing == (0,)
    frame = pd.read_csv(settings.public / "data" / "indicators.csv")
    assert len(frame) == query(settings, "select count(*) from marts.published_indicators")[0][0]
    small = frame["numerator"].between(1, 4) | frame["denominator"].between(1, 4)
    assert not small.any()


def test_the_lake_holds_the_rows_of_accepted_submissions_alone(
    settings: Settings, published: list[str]
) -> None:
    del published
    held = query(
        settings,
        "select provider_code, period, submission_no from read_parquet("
        f"'{settings.lake}/return/*/*/*/*.parquet', hive_partitioning = true, "
        "hive_types = {'period': varchar, 'submission_no': integer}) order by all",
    )
    accepted = query(
        settings,
        "select provider_code, period, submission_no from marts.return_status "
        "where state in ('in_effect', 'superseded') order by all",
    )
    assert held == accepted
    assert ("AB01", "2026-03", 9) in held


def test_each_provider_has_its_own_failures_and_nobody_elses(
    settings: Settings, published: list[str]
) -> None:
    del published
    reports = settings.build / "providers"
    codes = [code for (code,) in query(settings, "select provider_code from registry.providers")]
    assert sorted(path.name for path in reports.iterdir()) == sorted(codes)
    for code in codes:
        assert (reports / code / "index.html").is_file()
        with (reports / code / "failures.csv").open(encoding="utf-8-sig", newline="") as file:
            told = list(csv.DictReader(file))
        assert {row["provider_code"] for row in told} <= {code}
        failed = query(
            settings,
            "select count(*) from marts.validation_failures "
            f"where provider_code = '{code}' and source_name not in (select source_name "
            "from marts.validation_failures where rule = 'return.provider_code.inbox')",
        )
        assert (
            len([row for row in told if row["rule"] != "return.provider_code.inbox"])
            == (failed[0][0])
        )
    assert not list(settings.public.resolve().rglob("failures.csv"))
    # What is marked in one provider's return comes back to that provider alone.
    holding = {
        path.relative_to(reports).parts[0]
        for path in reports.rglob("*")
        if path.is_file() and path.suffix in (".html", ".csv") and MARKER in path.read_text()
    }
    assert holding == {"AB01"}
    assert list((reports / "AB01" / "submissions").glob("2026-03-9-*/corrected.zip"))


def test_each_expected_return_is_in_effect_rejected_or_missing(
    settings: Settings, published: list[str]
) -> None:
    del published
    states = query(
        settings,
        "select provider_code, period, count(*) filter (state = 'in_effect'), "
        "count(*) filter (state = 'missing') from marts.return_status "
        "where period is not null group by all",
    )
    assert all(in_effect <= 1 and missing <= 1 for *_, in_effect, missing in states)
    assert any(missing for *_, missing in states)
    assert any(
        state == "rejected" for (state,) in query(settings, "select state from marts.return_status")
    )


def test_no_cell_of_a_return_stands_where_others_can_read_it(
    settings: Settings, published: list[str]
) -> None:
    assert any(MARKER in path.read_text() for path in settings.received.rglob("*.csv")), (
        "the marker was never received"
    )
    assert not any(MARKER in line for line in published)
    for folder in (settings.public.resolve(), settings.gate, settings.build / "dagster",
                   settings.build / "dbt"):  # fmt: skip
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert files
        telling = [path for path in files if MARKER.encode() in path.read_bytes()]
        assert telling == []


def test_a_refresh_with_nothing_new_says_so_and_publishes_nothing(
    settings: Settings, published: list[str]
) -> None:
    del published
    before = settings.public.resolve(), settings.public.resolve().stat().st_mtime_ns
    done = outcomes(settings)
    assert done.returncode == Outcome.DONE
    assert done.stderr.startswith("Nothing new: release ")
    assert (settings.public.resolve(), settings.public.resolve().stat().st_mtime_ns) == before


def test_a_refresh_with_one_new_return_judges_only_that_one(
    settings: Settings, published: list[str]
) -> None:
    del published
    release = settings.public.resolve()
    new = ReturnFiles().set("return", 0, period="2026-02", submission_no="99")
    new.write_zip(settings.returns / "AB01" / "late.zip")
    said: list[str] = []
    report = refresh(settings, said.append)
    assert report.outcome is Outcome.DONE, report.reasons
    assert "  judged 1 of 1 returns" in said
    assert settings.public.resolve() != release
    assert release.is_dir(), "the release before is kept"
    with (settings.public / "data" / "revisions.csv").open(encoding="utf-8", newline="") as file:
        revisions = list(csv.DictReader(file))
    assert {row["since_release"] for row in revisions} == {release.parent.name}
    own = [row for row in revisions if row["area_code"] == "AB01"]
    causes = {row["cause"] for row in own if row["period_start"] == "2026-02-01"}
    assert causes in ({"resubmission"}, {"late_return"})
    assert all(row["status_before"] == "" for row in revisions if row["status_after"] != "shown")


def test_the_gate_judges_what_changed_and_notes_what_it_let_through_beside_the_release(
    settings: Settings, published: list[str]
) -> None:
    """After the refresh above, which had a release to go by."""
    del published
    release = settings.public.resolve().parent
    noted = json.loads((release / "let_through.json").read_text(encoding="utf-8"))
    assert noted["release_id"] == release.name
    assert not list(settings.public.rglob("let_through*"))
    report = (settings.gate / "index.html").read_text(encoding="utf-8")
    assert "more are as they were let through in the last release." in report


def test_the_gate_refuses_and_the_last_release_stands(
    settings: Settings, published: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del published
    from orchestration import definitions  # noqa: F401  # loads the assets
    from orchestration.assets import gate

    release = settings.public.resolve()
    whole = gate.gate_tables

    def with_a_small_count(settings: Settings) -> object:
        tables = whole(settings)
        figures = tables.published_indicators.copy()
        shown = figures.index[(figures["status"] == "shown") & (figures["numerator"] > 4)][0]
        figures.loc[shown, "numerator"] = 3
        return replace(tables, published_indicators=figures)

    monkeypatch.setattr(gate, "gate_tables", with_a_small_count)
    new = ReturnFiles().set("return", 0, period="2026-01", submission_no="99")
    new.write_zip(settings.returns / "AB01" / "later.zip")
    report = refresh(settings, lambda _: None)
    assert report.outcome is Outcome.REFUSED
    assert any("published_indicators" in reason for reason in report.reasons)
    assert settings.public.resolve() == release
    # Nothing was wrong with the tables: the next refresh, with the gate as it is, publishes.
    monkeypatch.setattr(gate, "gate_tables", whole)
    assert refresh(settings, lambda _: None).outcome is Outcome.DONE
    assert settings.public.resolve() != release


def test_a_release_made_while_the_gate_looked_is_the_one_that_would_be_made_after_it(
    settings: Settings, published: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del published
    from orchestration.publish import releases

    # After the refreshes above: the one that is up, and the one that was up when it was made.
    up = releases.published_release(settings)
    assert up is not None
    kept = releases.kept_releases(settings)
    before = next((one for one in kept if one.release_id == up.last_release), None)
    monkeypatch.setattr(releases, "next_moment", lambda _: up.published_at)
    monkeypatch.setattr(releases, "published_release", lambda _: before)
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        (held,) = connection.execute("select release_id from intake.refresh").fetchall()[0]
    assert held == up.release_id
    releases.make(settings, up.release_id)
    after = _files(releases.made_aside(settings) / "whole" / "public")
    assert after == _files(settings.public.resolve())
    assert len(after) > 100


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_nothing_is_published_that_the_gate_has_not_let_through(
    settings: Settings, published: list[str]
) -> None:
    del published
    from orchestration.publish.errors import PublishError
    from orchestration.publish.releases import publish

    release = settings.public.resolve()
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(
            "create or replace table marts.published_indicators as select * replace ("
            "if(status = 'shown', 3, numerator) as numerator) from marts.published_indicators"
        )
    with pytest.raises(PublishError, match="the gate has not let these tables through"):
        publish(settings, "another")
    assert settings.public.resolve() == release


def test_a_second_refresh_ends_at_once(settings: Settings, published: list[str]) -> None:
    del published
    with refresh_lock(settings.build):
        done = outcomes(settings)
    assert done.returncode == Outcome.LOCKED
    assert "another refresh" in done.stderr


def test_wrong_configuration_is_told_before_anything_is_done(tmp_path: Path) -> None:
    nowhere = Settings(tmp_path / "no", tmp_path / "registry", tmp_path / "build", AS_AT)
    done = outcomes(nowhere)
    assert done.returncode == Outcome.WRONG_USE
    assert "There is no inbox" in done.stderr
    (tmp_path / "no").mkdir()
    done = outcomes(nowhere)
    assert done.returncode == Outcome.WRONG_USE
    assert "providers.csv is missing" in done.stderr
    assert not (tmp_path / "build" / "received").exists()


def test_an_inbox_without_any_return_publishes_that_nothing_was_submitted(tmp_path: Path) -> None:
    (tmp_path / "returns").mkdir()
    write_sample(tmp_path / "s", providers=1, months=1, people=5, as_at=AS_AT)
    empty = Settings(tmp_path / "returns", tmp_path / "s" / "registry", tmp_path / "build", AS_AT)
    done = outcomes(empty)
    assert done.returncode == Outcome.DONE, done.stderr
    statuses = query(empty, "select distinct status from marts.published_indicators")
    assert statuses == [("not_submitted",)]


def test_that_later_steps_are_not_done_is_said_once() -> None:
    said: list[str] = []
    progress = Progress(said.append)
    for text in (
        "Dependencies for step gate failed: ['dbt_models']. Not executing.",
        "Dependencies for step release were not executed: ['gate']. Not executing.",
        "the site is made",
    ):
        progress.emit(logging.LogRecord("outcomes", logging.ERROR, "", 0, text, None, None))
    assert said == ["a step failed, and what needs it is not done", "  the site is made"]
