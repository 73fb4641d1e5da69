"""A text is judged, published and gated as it is read: without characters that are not seen."""

from __future__ import annotations

import re

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pandas import Series

from expectations.gate.personal import holds_hidden_characters
from expectations.rules.personal_data import HIDDEN_RANGES, holds_personal_data
from tests.dbt_macros import macro_sql

CONNECTION = duckdb.connect()
HIDDEN = [chr(code) for first, last in HIDDEN_RANGES for code in range(first, last + 1)]
TEXT = st.text(st.one_of(st.sampled_from(HIDDEN), st.characters(exclude_categories=["Cs"])))


def as_read(texts: list[str]) -> list[str]:
    """What dbt's macro makes of the texts."""
    sql = macro_sql("texts.sql", "{{ readable_text('given') }}")
    rows = CONNECTION.execute(
        f"select {sql} from (select unnest($1::varchar[]) as given)", [texts]
    ).fetchall()
    return [row[0] for row in rows]


def is_personal(texts: list[str]) -> list[bool]:
    rows = CONNECTION.execute(
        f"select {holds_personal_data('given')} from (select unnest($1::varchar[]) as given)",
        [texts],
    ).fetchall()
    return [bool(row[0]) for row in rows]


def test_every_character_that_the_judge_looks_through_is_gone_from_what_is_published() -> None:
    assert as_read([f"a{each}b" for each in HIDDEN]) == ["ab"] * len(HIDDEN)


@pytest.mark.parametrize("kept", ["é", "你", "’", "\n", "\t", "\u00a0", "🙂", "ر", "\u0301"])
def test_what_is_seen_stays(kept: str) -> None:
    assert as_read([f"a{kept}b"]) == [f"a{kept}b"]


def test_line_breaks_are_of_one_kind() -> None:
    assert as_read(["a\r\nb\rc\nd"]) == ["a\nb\nc\nd"]


@given(st.lists(TEXT.map(lambda text: text.replace("\0", "")), min_size=1, max_size=20))
@hypothesis_settings(max_examples=60, deadline=None)
def test_no_hidden_character_outlives_and_nothing_else_is_lost(texts: list[str]) -> None:
    read = as_read(texts)
    assert not holds_hidden_characters(Series(read)).any()
    breaks = [re.sub("\r\n?", "\n", text) for text in texts]
    # Engines differ in which spaces they trim from the ends.
    seen = ["".join(c for c in text if c not in HIDDEN) for text in breaks]
    assert [text.strip() for text in read] == [text.strip() for text in seen]


@pytest.mark.parametrize(
    "text", ["ring 07700 900123", "jo@example.org", "at NN1 1AA", "943 476 5919", "3 May 1980"]
)
@pytest.mark.parametrize("hidden", ["\u200b", "\u00ad", "\u202e", "\u2060", "\ufeff", "\x01"])
def test_hidden_characters_hide_no_personal_data(text: str, hidden: str) -> None:
    hiding = hidden.join(text)
    assert is_personal([hiding, text, "no harm in this"]) == [True, True, False]


@given(st.lists(TEXT.map(lambda text: text.replace("\0", "")), min_size=1, max_size=20))
@hypothesis_settings(max_examples=60, deadline=None)
def test_the_judge_says_the_same_of_a_text_and_of_what_is_published_of_it(texts: list[str]) -> None:
    # So nothing that the judge let pass can be stopped at the gate for what was hidden in it.
    assert is_personal(as_read(texts)) == is_personal(texts)
