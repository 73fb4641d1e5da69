"""An NHS number is not told, whether SQL or Python tells what was found."""

from __future__ import annotations

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.rules.personal_data import (
    HIDDEN_NHS_NUMBER,
    hide_nhs_number,
    without_nhs_number,
)

LIKELY = st.from_regex(r"\A[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}\Z")
CONNECTION = duckdb.connect()


@given(st.lists(st.one_of(LIKELY, st.text(max_size=12)), min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_sql_and_python_hide_the_same(texts: list[str]) -> None:
    plain = [text.replace("\0", "") for text in texts]
    hidden = CONNECTION.execute(
        f"select {without_nhs_number('found')} from (select unnest(?) as found)", [plain]
    ).fetchall()
    assert [text for (text,) in hidden] == [hide_nhs_number(text) for text in plain]


def test_a_right_check_digit_hides_and_a_wrong_one_does_not() -> None:
    # 9x10 + 4x9 + 3x8 + 4x7 + 7x6 + 6x5 + 5x4 + 9x3 + 1x2 = 299; 299 = 27x11 + 2; 11 - 2 = 9.
    assert hide_nhs_number("943 476 5919") == HIDDEN_NHS_NUMBER
    assert hide_nhs_number("943 476 5918") == "943 476 5918"
    assert hide_nhs_number("2025-05-31") == "2025-05-31"
