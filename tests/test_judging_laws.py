"""Laws that judging keeps for any table of any text (property tests)."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.judging import Judged, judge_one
from tests.return_files import CLEAN, ReturnFiles

LENIENT = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Text as people and programs leave it: quotes, delimiters, line breaks, odd spaces, other scripts.
TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from(list('",;|\t\n\r \u00a0\u200b\ufdd0\ufdd3E1CP-=')),
        st.characters(codec="utf-8"),
    ),
    max_size=12,
)
CELLS = st.lists(TEXT, min_size=0, max_size=10)


def judged_with(contacts: bytes) -> Judged:
    with tempfile.TemporaryDirectory() as scratch:
        path = ReturnFiles().write_folder(Path(scratch) / "return")
        (path / "contacts.csv").write_bytes(contacts)
        return judge_one(path, Path(scratch) / "aside")


@LENIENT
@given(st.lists(CELLS, max_size=15))
def test_any_text_is_judged_and_every_row_is_accepted_or_excluded(rows: list[list[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(CLEAN["contacts"][0])
    writer.writerows(rows)
    judged = judged_with(text.getvalue().encode())
    received, excluded = judged.judgements[0].rows.get("contacts", (0, 0))
    written = sum(any(cell.strip() for cell in row) for row in rows)
    assert received == written
    assert received - excluded == len(judged.accepted_rows["contacts"])
    for rule, *_ in judged.failures[0]:
        assert rule.startswith(("contacts.", "return."))


@LENIENT
@given(st.binary(max_size=200))
def test_any_bytes_are_judged_without_a_traceback(content: bytes) -> None:
    judged = judged_with(content)
    received, excluded = judged.judgements[0].rows.get("contacts", (0, 0))
    assert received - excluded == len(judged.accepted_rows["contacts"])


@LENIENT
@given(st.permutations(range(12)))
def test_the_order_of_rows_changes_nothing_but_line_numbers(order: list[int]) -> None:
    rows = [
        CLEAN["contacts"][0] | {"contact_id": f"C{n}", "attendance": "attended" if n % 3 else "?"}
        for n in range(12)
    ]
    files = ReturnFiles()
    files.tables["contacts"] = [rows[n] for n in order]
    with tempfile.TemporaryDirectory() as scratch:
        path = files.write_folder(Path(scratch) / "return")
        judged = judge_one(path, Path(scratch) / "aside")
    assert {row[1] for row in judged.accepted_rows["contacts"]} == {
        f"C{n}" for n in range(12) if n % 3
    }
    assert [rule for rule, *_ in judged.failures[0]] == ["contacts.attendance.code"] * 4
