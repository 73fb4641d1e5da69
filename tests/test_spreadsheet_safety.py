"""Text that a spreadsheet must not take for a formula, in Python and in SQL."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.spreadsheets import FORMULA_STARTS, as_written, safe_cell, safe_cell_sql

# Of characters that matter to the rule, and of any.
TEXT = st.one_of(st.text(alphabet=FORMULA_STARTS + "'\"0159,. ٣²a"), st.text())


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_text_that_begins_as_a_formula_does_gets_an_apostrophe(start: str) -> None:
    assert safe_cell(start + "SUM(A1)") == "'" + start + "SUM(A1)"


@pytest.mark.parametrize("text", ["", "-5", "+44", "-1,234.50", "-3.5 ", "12", "a=1", "'=1", " =1"])
def test_a_plain_number_and_other_text_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


@pytest.mark.parametrize("text", ["-1+1", "+44 7700 900123", "-", "-.5", "-٣", "-5\n", "=5"])
def test_what_only_looks_like_a_number_is_no_number(text: str) -> None:
    assert safe_cell(text) == "'" + text


@settings(max_examples=25, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=200))
def test_python_and_sql_make_the_same_text_safe(texts: list[str]) -> None:
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select {safe_cell_sql('cell')} from (select unnest($1::varchar[]) as cell)", [texts]
        ).fetchall()
    assert [row[0] for row in rows] == [safe_cell(text) for text in texts]


@given(TEXT)
def test_a_text_that_was_made_safe_can_be_had_back(text: str) -> None:
    assert as_written(safe_cell(text)) == text or text.startswith("'")
