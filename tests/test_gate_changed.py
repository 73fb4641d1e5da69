"""The gate that judges only what changed since it let the last release through: it finds what it
would find in everything, and judges everything where it cannot know what it let through."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from copy import copy
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pandas as pd
import pytest

from expectations.gate import GateTables, check_names, run_gate, run_suite
from expectations.rules.sql import literal, name
from orchestration.publish import before_the_gate, changed_rows
from orchestration.publish.before_the_gate import (
    gate_tables,
    keep_note,
    let_through,
    to_be_noted,
    was_let_through,
)
from orchestration.settings import Settings
from tests.gated_warehouse import (
    TABLES,
    note_beside,
    put_up_release,
    rewrite,
    write_warehouse,
)
from tests.test_gate_refuses import (
    ADDS_UP,
    BREAKS,
    COVERED,
    FACTS,
    GROUP_SHOWN,
    Asking,
    Break,
    P,
    V,
    all_of,
    ask_only,
    correct_tables,
    put,
)
from tests.test_gate_refuses import refused as refused_of_all

assert ask_only  # a fixture of the tests of the whole gate

CHANGE = "change_since_last_release"
# Nothing differs there from the last release; the system's alone has groups.
APRIL = {"period_type": "month", "period_start": "2024-04-01"}
GROUP_IN_APRIL = {
    **APRIL, "area_code": "QPM", "indicator_id": "exercise", "breakdown_type": "gender"
}  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The correct tables in a warehouse, beside the last release of them."""
    folder = tmp_path_factory.mktemp("gated")
    settings = Settings(folder, folder, folder / "build", date(2026, 4, 15))
    tables = correct_tables()
    write_warehouse(settings, tables)
    put_up_release(settings, tables.previous)
    return settings


@pytest.fixture
def settings(whole: Settings, tmp_path: Path) -> Settings:
    """A copy of that, to be broken."""
    shutil.copytree(whole.build, tmp_path / "build", symlinks=True)
    return Settings(tmp_path, tmp_path, tmp_path / "build", date(2026, 4, 15))


def put_in(settings: Settings, change: Callable[[SimpleNamespace], object]) -> SimpleNamespace:
    """Makes a change in the warehouse, or in the last release with a note of it, and gives all
    tables as they are then."""
    before = correct_tables()
    after = copy(before)
    change(after)
    if after.previous is not before.previous:
        shutil.rmtree(settings.releases)
        put_up_release(settings, after.previous)
    for frame in TABLES:
        if getattr(after, frame) is not getattr(before, frame):
            rewrite(settings, frame, getattr(after, frame))
    return after


def refused(suite: str, settings: Settings) -> set[str]:
    results = run_suite(suite, gate_tables(settings), FACTS)
    return {each.expectation for each in results if not each.success}


def given(tables: GateTables) -> int:
    return len(tables.published_indicators)


def test_only_what_changed_is_given_and_how_much_else_there_is(settings: Settings) -> None:
    tables = gate_tables(settings)
    rows = tables.published_indicators
    groups = rows[rows["breakdown_type"].ne("all")]
    # Groups of the system's May and quarter, of which figures are others than they were.
    assert set(groups["period_type"]) == {"month", "quarter"}
    assert set(groups.loc[groups["period_type"].eq("month"), "period_start"].astype(str)) == {
        "2024-05-01"
    }
    every = correct_tables().published_indicators
    assert rows["breakdown_type"].eq("all").sum() == every["breakdown_type"].eq("all").sum()
    assert tables.whole is not None
    assert tables.whole.let_through_before == len(every) - len(rows) > 0
    assert tables.whole.counts["rows"].sum() == len(every)


def test_what_is_found_says_how_many_rows_were_not_judged(settings: Settings) -> None:
    tables = gate_tables(settings)
    assert tables.whole is not None
    judged, others = given(tables), tables.whole.let_through_before
    told = {each.expectation: each.found for each in run_suite(P, tables, FACTS)}
    assert told["Every row is of this release"] == (
        f"all of {judged} rows; {others} more are as they were let through"
    )
    assert told[ADDS_UP] == "all of 16 periods of areas"


def test_the_report_says_how_many_rows_were_not_judged(settings: Settings, tmp_path: Path) -> None:
    tables = gate_tables(settings)
    assert tables.whole is not None
    run_gate(tables, FACTS, tmp_path / "report")
    page = (tmp_path / "report" / "index.html").read_text()
    assert (
        f"Of published_indicators {given(tables)} rows were judged; "
        f"{tables.whole.let_through_before} more are as they were let through in the last release."
    ) in page


def test_correct_tables_pass_where_only_what_changed_is_judged(settings: Settings) -> None:
    for suite in check_names():
        assert refused(suite, settings) == set()


# Suites that are given but some of the rows. The others look at the figures of everyone alone, of
# which none is left out.
GIVEN_SOME = {P, CHANGE, "nothing_personal", "inequalities", "coverage"}


@pytest.mark.parametrize(
    "broken",
    [
        broken
        for broken in BREAKS
        # Of a gap in a derived table itself the figures are no matter.
        if broken.suite in GIVEN_SOME and (broken.suite == P or " has its " not in broken.sentence)
    ],
    ids=lambda broken: f"{broken.suite}: {broken.sentence}",
)
def test_one_thing_that_is_wrong_is_refused_by_its_expectation_where_only_what_changed_is_judged(
    broken: Break, settings: Settings, ask_only: Asking
) -> None:
    put_in(settings, broken.change)
    expected = {broken.sentence, *broken.also}
    ask_only(broken.suite, lambda check: check.sentence in expected)
    assert refused(broken.suite, settings) == expected


# Each is put into a group's row where nothing has changed since; everyone's are given anyway.
MUTATIONS: tuple[tuple[str, object], ...] = (
    ("release_id", "r1"), ("release_id", None), ("indicator_id", "weather"), ("domain", "activity"),
    ("period_type", "fortnight"), ("period_start", date(2024, 4, 2)), ("area_type", "galaxy"),
    ("area_code", "ELSEWHERE"), ("area_code", None), ("breakdown_type", "shoe_size"),
    ("breakdown_value", "7"), ("breakdown_value", ""), ("numerator", 27), ("numerator", None),
    ("denominator", 12), ("denominator", 15), ("value", 51.0), ("lower_ci", None),
    ("upper_ci", -1.0), ("status", "hidden"), ("status", "not_submitted"), ("is_provisional", None),
    ("returns_expected", 9), ("returns_in_effect", 0), ("returns_in_effect", None),
)  # fmt: skip


@pytest.mark.parametrize(("column", "value"), MUTATIONS)
def test_a_row_altered_where_nothing_else_changed_is_refused_as_it_is_among_all(
    settings: Settings, column: str, value: object
) -> None:
    tables = put_in(settings, put(P, column, value, **GROUP_IN_APRIL))
    assert gate_tables(settings).whole is not None
    found = refused(P, settings)
    assert found
    assert found == refused_of_all(P, tables)


@pytest.fixture(scope="module")
def comparing(whole: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables in memory, in which one row after the other may be altered."""
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(str(whole.warehouse))} as one (read_only)")
        connection.execute("create schema marts")
        for table in ("published_indicators", "published_inequalities", "published_revisions"):
            connection.execute(f"create table marts.{table} as from one.marts.{table}")
        yield connection


@pytest.mark.parametrize("column", correct_tables().published_indicators.columns)
def test_no_row_can_be_altered_without_its_place_being_judged(
    comparing: duckdb.DuckDBPyConnection, whole: Settings, column: str
) -> None:
    last = whole.public / "data" / "indicators.parquet"
    digest = json.loads(note_beside(whole).read_text())["rows"]
    columns = comparing.table(changed_rows.TABLE).columns
    kinds = dict(zip(columns, comparing.table(changed_rows.TABLE).types, strict=True))
    others = {"VARCHAR": ("''", "null"), "DATE": ("date '2020-04-01'",), "BOOLEAN": ("null",)}
    # A third of the rows for each column, and others for the next.
    rows = comparing.execute(f"select rowid from {changed_rows.TABLE} order by rowid").fetchall()
    for (row,) in rows[columns.index(column) % 3 :: 3]:
        for value in others.get(str(kinds[column]), ("-7", "null")):
            comparing.begin()
            ((altered,),) = comparing.execute(
                f"update {changed_rows.TABLE} set {name(column)} = {value} "
                f"where rowid = {row} and {name(column)} is distinct from {value}"
            ).fetchall()
            assert changed_rows.can_be_compared(comparing, last)
            assert changed_rows.lay_out(comparing, last, digest, "r2")
            row_now = f"select {', '.join(map(name, columns))} from {changed_rows.TABLE}"
            seen = comparing.execute(
                f"{row_now} where rowid = {row} intersect from {changed_rows.ROWS}"
            ).fetchall()
            comparing.rollback()
            assert len(seen) == 1 or not altered


@pytest.mark.parametrize("sums", ["added", "folded"])
@pytest.mark.parametrize("column", correct_tables().published_indicators.columns[1:])
def test_two_rows_that_exchange_a_value_are_seen_by_either_sum(
    comparing: duckdb.DuckDBPyConnection, column: str, sums: str
) -> None:
    rows = f"(select rowid % 2 as one, * from {changed_rows.TABLE} where rowid < 2)"
    kind = comparing.sql(f"select {name(column)} from {changed_rows.TABLE}").types[0]
    values = {"VARCHAR": "'a', 'b'", "DATE": "date '2024-04-01', date '2024-05-01'"}
    first, second = values.get(str(kind), "true, false").split(", ")
    columns = comparing.table(changed_rows.TABLE).columns
    found = [
        comparing.execute(
            f"select {sums} from (select {changed_rows._sums(columns)} from (select * replace "
            f"(cast(if(one = 0, {a}, {b}) as {kind}) as {name(column)}) from {rows}))"
        ).fetchall()
        for a, b in ((first, second), (second, first))
    ]
    assert found[0] != found[1]


@pytest.mark.parametrize(
    "change", ["delete from {} where {}", "insert into {0} from {0} where {1}"],
    ids=["taken out", "put in twice"],
)  # fmt: skip
def test_a_group_that_is_taken_out_or_put_in_twice_has_its_place_judged(
    settings: Settings, change: str
) -> None:
    where = " and ".join(f"{column} = '{value}'" for column, value in GROUP_IN_APRIL.items())
    before = given(gate_tables(settings))
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(change.format("marts.published_indicators", where))
    # Among them the two groups of another indicator, which stand at that place.
    assert given(gate_tables(settings)) >= before + 2
    told = refused(V, settings) | refused(P, settings)
    assert told


def test_a_row_of_another_release_is_found_though_nothing_else_changed(settings: Settings) -> None:
    put_in(settings, put(P, "release_id", "r0", **GROUP_IN_APRIL))
    assert gate_tables(settings).whole is not None
    assert refused(P, settings) == {"Every row is of this release"}


def test_half_of_the_figures_gone_is_found_though_their_rows_are_not_given(
    settings: Settings,
) -> None:
    def groups_by_the_thousand(tables: SimpleNamespace) -> None:
        groups = tables.previous[tables.previous["breakdown_type"].ne("all")]
        tables.previous = pd.concat([tables.previous, *[groups] * 300])

    put_in(settings, groups_by_the_thousand)
    assert gate_tables(settings).whole is not None
    assert refused(CHANGE, settings) == {
        "Where many figures were shown, no more than half of them are gone"
    }


def test_an_area_that_vanished_is_found(settings: Settings) -> None:
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("delete from marts.published_indicators where area_code = 'BR02'")
    assert gate_tables(settings).whole is not None
    assert "No provider or other area that had figures has none now" in refused(CHANGE, settings)


def test_returns_that_are_others_are_found_though_no_figure_changed(settings: Settings) -> None:
    tables = put_in(settings, put("returns", "expected", 0, provider_code="BR02", period="2024-04"))
    assert gate_tables(settings).whole is not None
    assert refused(P, settings) == refused_of_all(P, tables) == {ADDS_UP}


def test_an_area_of_which_areas_knows_nothing_any_more_is_found(settings: Settings) -> None:
    tables = put_in(settings, put("areas", "area_code", "ELSEWHERE", area_code="NOR"))
    assert gate_tables(settings).whole is not None
    found = refused(P, settings)
    assert found == refused_of_all(P, tables)
    assert "Every area is one of areas, or a provider of returns" in found


def test_a_gap_is_held_against_groups_of_places_that_did_not_change(settings: Settings) -> None:
    def told_of_april(tables: SimpleNamespace) -> None:
        april = tables.inequalities.assign(period_start=date(2024, 4, 1))
        tables.inequalities = pd.concat([tables.inequalities, april], ignore_index=True)

    put_in(settings, told_of_april)
    assert gate_tables(settings).whole is not None
    assert refused("inequalities", settings) == set()
    wrong = put("inequalities", "group_value", 61.0, period_start="2024-04-01")
    put_in(settings, all_of(told_of_april, wrong))
    assert GROUP_SHOWN in refused("inequalities", settings)


def test_coverage_is_held_against_places_that_did_not_change(settings: Settings) -> None:
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("delete from marts.published_coverage where period_type = 'month'")
    assert gate_tables(settings).whole is not None
    assert refused("coverage", settings) == {COVERED}


def test_a_text_of_a_row_that_is_not_given_is_looked_into(settings: Settings) -> None:
    tables = gate_tables(settings)
    assert tables.whole is not None
    every = {str(text) for text in correct_tables().published_indicators["breakdown_value"]}
    texts = tables.whole.texts
    there = texts.loc[texts["where"].eq("published_indicators.breakdown_value"), "text"]
    assert set(there) == every
    assert "published_indicators.release_id" not in set(texts["where"])


def _no_note(settings: Settings) -> None:
    note_beside(settings).unlink()


def _half_a_note(settings: Settings) -> None:
    note = note_beside(settings)
    note.write_text(note.read_text()[:40])


def _altered(key: str, value: object) -> Callable[[Settings], None]:
    def change(settings: Settings) -> None:
        note = json.loads(note_beside(settings).read_text())
        note_beside(settings).write_text(json.dumps({**note, key: value}))

    return change


def _other_file(settings: Settings) -> None:
    """One group's figure in the last release's file is another than the gate saw."""
    file = literal(str(settings.public / "data" / "indicators.parquet"))
    with duckdb.connect() as connection:
        connection.execute(
            f"create table t as from read_parquet({file}); update t set value = 59.5 where "
            "breakdown_type = 'gender' and period_start = '2024-04-01' and value = 60; "
            f"copy t to {file} (format parquet)"
        )


def _other_column(settings: Settings) -> None:
    file = literal(str(settings.public / "data" / "indicators.parquet"))
    with duckdb.connect() as connection:
        connection.execute(
            f"create table t as select * exclude is_provisional from read_parquet({file}); "
            f"copy t to {file} (format parquet)"
        )


def _other_catalogue(settings: Settings) -> None:
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("update marts.published_catalogue set multiplier = 1000")


def _no_column_of_revisions(settings: Settings) -> None:
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("alter table marts.published_revisions drop column area_code")


def _days_as_texts(settings: Settings) -> None:
    """The same texts in both, of which two may be one day."""
    file = literal(str(settings.public / "data" / "indicators.parquet"))
    as_texts = "* replace (period_start::varchar as period_start)"
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(
            f"create table t as select {as_texts} from read_parquet({file}); "
            f"copy t to {file} (format parquet); create or replace table {changed_rows.TABLE} as "
            f"select {as_texts} from {changed_rows.TABLE}"
        )
        rows = changed_rows.digest(connection, "t")
    _altered("rows", rows)(settings)


@pytest.mark.parametrize(
    "change",
    [_no_note, _half_a_note, _altered("release_id", "r0"), _altered("rows", [1, 2, 3]),
     _altered("rows", None), _days_as_texts, _other_file, _other_column, _other_catalogue,
     _no_column_of_revisions],
    ids=["there is no note", "half a note", "another release's note", "other rows were let through",
         "the note says nothing of rows", "days are texts", "the file is another",
         "the file lacks a column", "the catalogue is another", "revisions lack a column"],
)  # fmt: skip
def test_all_is_judged_where_it_cannot_be_known_what_was_let_through(
    settings: Settings, change: Callable[[Settings], None]
) -> None:
    change(settings)
    tables = gate_tables(settings)
    assert tables.whole is None
    assert given(tables) == len(correct_tables().published_indicators)


def test_all_is_judged_where_the_code_or_the_facts_are_others(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as other:
        other.setattr(before_the_gate, "code_digest", lambda: "another")
        assert gate_tables(settings).whole is None
    assert gate_tables(settings).whole is not None
    facts = before_the_gate.gate_facts
    stricter = SimpleNamespace(**{**vars(facts("")), "smallest_shown_count": 10})
    monkeypatch.setattr(before_the_gate, "gate_facts", lambda _: stricter)
    assert gate_tables(settings).whole is None


def test_all_is_judged_before_the_first_release(settings: Settings) -> None:
    settings.public.unlink()
    assert gate_tables(settings).whole is None


def test_what_the_gate_notes_is_what_the_next_one_goes_by(settings: Settings) -> None:
    """The release of these very tables, put up: nothing is left to judge but figures of everyone,
    and those that others speak of."""
    let_through(settings, to_be_noted(settings))
    release = settings.releases / "r2"
    shutil.copytree(settings.releases / "r1", release)
    (release / "release.json").write_text(
        (release / "release.json").read_text().replace('"r1"', '"r2"')
    )
    keep_note(settings, release)
    with duckdb.connect(str(settings.warehouse)) as connection:
        file = literal(str(release / "public" / "data" / "indicators.parquet"))
        connection.execute(f"copy marts.published_indicators to {file} (format parquet)")
        connection.execute("update intake.refresh set release_id = 'r3'")
        for table in ("published_indicators", "published_comparisons"):
            connection.execute(f"update marts.{table} set release_id = 'r3'")
        connection.execute("delete from marts.published_revisions")
    settings.public.unlink()
    settings.public.symlink_to(release / "public")
    tables = gate_tables(settings)
    groups = tables.published_indicators["breakdown_type"].ne("all")
    # The one group of which a gap is told.
    assert groups.sum() == 1
    assert tables.previous is not None
    assert len(tables.previous) == given(tables)
    # A refused night leaves what is up, and its note, as they are.
    shutil.rmtree(settings.gate)
    assert gate_tables(settings).whole is not None


def test_what_comes_into_the_tables_while_the_gate_looks_is_not_let_through(
    settings: Settings,
) -> None:
    note = to_be_noted(settings)
    put_in(settings, put(P, "value", 59.0, **GROUP_IN_APRIL))
    let_through(settings, note)
    assert not was_let_through(settings)
    put_in(settings, put(P, "value", 60.0, **GROUP_IN_APRIL))
    assert was_let_through(settings)
