"""The gate is shown the tables of the warehouse, texts that repeat as categories of one list."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from orchestration.publish.before_the_gate import GATED_TABLES, gate_tables, gated_digest
from orchestration.settings import Settings

MADE = "'quoted'", "plain", None


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A warehouse of which each gated table holds one row, published_indicators three."""
    settings = Settings(tmp_path, tmp_path, tmp_path / "build", date(2026, 4, 15))
    settings.build.mkdir()
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create schema marts")
        for table in GATED_TABLES:
            connection.execute(
                f"create table marts.{table} "
                "(indicator_id varchar, sentence varchar, status bigint)"
            )
            connection.execute(f"insert into marts.{table} values (?, ?, 3)", [table, table])
        connection.execute("delete from marts.published_indicators")
        for value in MADE:
            connection.execute(
                "insert into marts.published_indicators values (?, ?, null)", [value, value]
            )
    return settings


def test_texts_that_repeat_are_categories_of_one_list_and_stay_what_they_are(
    settings: Settings,
) -> None:
    tables = gate_tables(settings)
    published = tables.published_indicators
    assert tables.previous is None
    assert isinstance(published["indicator_id"].dtype, pd.CategoricalDtype)
    assert tables.changes["indicator_id"].dtype == published["indicator_id"].dtype
    there = published["indicator_id"].astype(object)
    assert there.where(there.notna(), None).tolist() == list(MADE)
    assert tables.changes["indicator_id"].tolist() == ["published_changes"]


def test_other_texts_and_what_is_no_text_come_as_they_are(settings: Settings) -> None:
    tables = gate_tables(settings)
    assert not isinstance(tables.changes["sentence"].dtype, pd.CategoricalDtype)
    assert tables.changes["status"].tolist() == [3]


def test_the_last_release_is_of_the_same_list(settings: Settings) -> None:
    (settings.public / "data").mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.sql("select 'gone' as indicator_id, 'x' as notes").write_parquet(
            str(settings.public / "data" / "indicators.parquet")
        )
    tables = gate_tables(settings)
    assert tables.previous is not None
    assert list(tables.previous.columns) == ["indicator_id"]
    assert tables.previous["indicator_id"].tolist() == ["gone"]
    assert (
        tables.previous["indicator_id"].dtype == tables.published_indicators["indicator_id"].dtype
    )


def test_the_digest_of_the_tables_is_another_where_two_rows_exchange_a_value(
    settings: Settings,
) -> None:
    digests = set()
    for first, second in ((1, 2), (2, 1)):
        with duckdb.connect(str(settings.warehouse)) as connection:
            connection.execute(
                "create or replace table marts.published_returns as "
                f"from (values ('AB01', {first}), ('BR02', {second})) as t (provider, number)"
            )
        digests.add(gated_digest(settings))
    assert len(digests) == 2
