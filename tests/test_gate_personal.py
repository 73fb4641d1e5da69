"""The gate tells what could say who a person is, by a column's name or by what a text holds.

The NHS numbers are not anybody's: 943 476 5919 and 999 999 9999 are those of the NHS's own examples
and tests.
"""

from __future__ import annotations

import pandas as pd
import pytest

from expectations.gate.personal import (
    distinct_texts,
    holds_link_key,
    holds_nhs_number,
    is_like_an_identifier,
)


@pytest.mark.parametrize(
    "column",
    ["person_id", "Person_ID", "link_key", "person_key", "episode_id", "nhs_number", "birth_year",
     "date_of_birth", "postcode", "surname", "first_name", "id", "ward"],
)  # fmt: skip
def test_a_column_named_like_an_identifier_is_told(column: str) -> None:
    assert is_like_an_identifier(column, frozenset({"Ward"}))


@pytest.mark.parametrize(
    "column",
    ["indicator_id", "release_id", "measure_id", "area_code", "provider_code", "area_name",
     "provider_name", "name", "value", "status", "is_provisional", "numerator_words"],
)  # fmt: skip
def test_a_column_of_the_published_tables_is_none(column: str) -> None:
    assert not is_like_an_identifier(column)


@pytest.mark.parametrize(
    "text",
    ["9434765919", "943 476 5919", "943-476-5919", "NHS9434765919.", "9999999999",
     "no 1234567890, but 9434765919"],
)  # fmt: skip
def test_a_valid_nhs_number_is_told(text: str) -> None:
    assert holds_nhs_number(pd.Series([text])).tolist() == [True]


@pytest.mark.parametrize(
    "text",
    ["", "9434765918", "94347659190", "19434765919", "943 476 591", "2024-04-01", "0300 123 4567",
     "E06000061"],
)  # fmt: skip
def test_what_is_no_valid_nhs_number_is_let_be(text: str) -> None:
    assert holds_nhs_number(pd.Series([text])).tolist() == [False]


def test_numbers_are_told_in_the_texts_that_hold_them() -> None:
    texts = pd.Series(["none", "9434765919", "none either", "943 476 5919"], index=[7, 5, 3, 1])
    assert holds_nhs_number(texts).to_dict() == {7: False, 5: True, 3: False, 1: True}


def test_a_link_key_is_64_hex_digits_and_no_more() -> None:
    key = "ab12CD34" * 8
    texts = pd.Series([key, f"as {key}.", key[1:], key + "0", "z" + key])
    assert holds_link_key(texts).tolist() == [True, True, False, False, True]


def test_texts_are_looked_at_once_in_each_column_whatever_its_type() -> None:
    frame = pd.DataFrame(
        {
            "text": ["a", "a", None],
            "category": pd.Categorical(["b", "c", "b"]),
            "object": pd.Series(["d", 1, None], dtype=object),
            "number": [1, 2, 3],
            "left": ["e", "f", "g"],
        }
    )
    found = distinct_texts(frame, "t", leave_out=frozenset({"left"}))
    assert found.to_numpy().tolist() == [
        ["t.text", "a"], ["t.category", "b"], ["t.category", "c"], ["t.object", "d"],
        ["t.object", "1"],
    ]  # fmt: skip


def test_a_frame_without_texts_has_none() -> None:
    assert distinct_texts(pd.DataFrame({"n": [1]}), "t", leave_out=frozenset()).empty
