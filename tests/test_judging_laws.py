"""Laws that judging keeps for any table of any text (property tests)."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.facts import standard
from tests.judging import Judged, judge_one, judge_paths
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


TABLES = [table.name for table in standard().tables.values()]
# Cells that are right, nearly right and wrong, so that rows fail any rule, or none.
ODD = ("31/12/2025", "2025-13-01", "1e3", "-1", "12.0", "N/A", "9434765919", "YES", "homeless")
RIGHT = {cell for rows in CLEAN.values() for row in rows for cell in row.values()}
LIKELY = st.sampled_from([*sorted(RIGHT), *ODD])


@st.composite
def returns(draw: st.DrawFn, cells: st.SearchStrategy[str] = LIKELY) -> ReturnFiles:
    """A clean return of which one table has rows of any of the cells."""
    table = draw(st.sampled_from(TABLES))
    columns = list(CLEAN[table][0])
    rows = draw(st.lists(st.lists(cells, min_size=len(columns), max_size=len(columns)), max_size=6))
    files = ReturnFiles()
    files.tables[table] = [dict(zip(columns, row, strict=True)) for row in rows] or [
        dict.fromkeys(columns, "")
    ]
    return files


FEW = settings(LENIENT, max_examples=8)


@LENIENT
@given(returns(st.one_of(LIKELY, TEXT)))
def test_any_table_of_any_text_keeps_every_row_accepted_or_excluded(files: ReturnFiles) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        judged = judge_one(files.write_zip(Path(scratch) / "r.zip"), Path(scratch) / "aside")
    for table, rows in files.tables.items():
        received, excluded = judged.judgements[0].rows.get(table, (0, 0))
        assert received == sum(any(cell.strip() for cell in row.values()) for row in rows)
        assert received - excluded == len(judged.accepted_rows[table])


@FEW
@given(st.lists(returns(), min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_returns_are_judged_alike_alone_together_twice_and_in_any_order(
    sent: list[ReturnFiles], chance: object
) -> None:
    order = list(range(len(sent)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        paths = [files.write_zip(home / f"{n}.zip") for n, files in enumerate(sent)]
        alone = [judge_one(path, home / "aside").failures[0] for path in paths]
        together = judge_paths(paths, home / "aside").failures
        shuffled = judge_paths([paths[n] for n in order], home / "aside").failures
    assert together == alone
    assert shuffled == [alone[n] for n in order]


@FEW
@given(returns(), st.randoms(use_true_random=False))
def test_the_order_of_files_and_of_columns_changes_nothing(
    files: ReturnFiles, chance: object
) -> None:
    names = list(files.tables)
    chance.shuffle(names)  # type: ignore[attr-defined]
    other = ReturnFiles(
        {name: [dict(reversed(row.items())) for row in files.tables[name]] for name in names}
    )
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        one = judge_one(files.write_zip(home / "one.zip"), home / "aside")
        two = judge_one(other.write_zip(home / "two.zip"), home / "aside")
    assert one.failures == two.failures
    assert one.accepted_rows == two.accepted_rows


@FEW
@given(returns())
def test_a_workbook_and_csv_files_of_the_same_cells_are_judged_alike(files: ReturnFiles) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in files.tables.items():
            sheet = book.create_sheet(name)
            for row in [list(rows[0]), *(list(row.values()) for row in rows)]:
                sheet.append(row)
        book.save(home / "book.xlsx")
        sheets = judge_one(home / "book.xlsx", home / "aside")
        texts = judge_one(files.write_zip(home / "texts.zip"), home / "aside")
    assert sheets.failures == texts.failures
    assert sheets.accepted_rows == texts.accepted_rows
