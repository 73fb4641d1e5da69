"""What `outcomes check` found, as text for people, JSON and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict

from expectations.rules.stated_rules import FAILURE_COLUMNS, how_to_mend
from expectations.standard import Standard
from orchestration.check import Checked, RuleFailures
from orchestration.spreadsheets import safe_cell

SHOWN_ROWS = 10
WHAT_IT_DOES = {
    "reject": "the whole return would be set aside",
    "error": "the row would be left out",
    "warning": "it counts; look at it",
    "info": "for your information",
}


def as_text(checked: Checked, standard: Standard) -> str:
    """For people: whether it would be accepted, then what failed, the worst first."""
    return "\n".join(_lines(checked, standard)) + "\n"


def as_json(checked: Checked, standard: Standard) -> str:
    """For programs: one object."""
    answer = {
        "accepted": checked.accepted,
        "source_name": checked.source_name,
        "provider_code": checked.provider_code,
        "period": checked.period,
        "submission_no": checked.submission_no,
        "rows": {
            table: {"received": received, "excluded": excluded}
            for table, (received, excluded) in checked.rows.items()
        },
        "failures": [
            asdict(failure)
            | {"how_to_mend": how_to_mend(standard, group.rule, group.table_name, group.field)}
            for group in checked.groups
            for failure in group.failures
        ],
        "not_judged": list(checked.not_judged),
    }
    return json.dumps(answer, indent=2, ensure_ascii=False) + "\n"


def as_csv(checked: Checked, _: Standard) -> str:
    """For programs and spreadsheets: a row for each failure, safe to open."""
    whose = {
        "provider_code": checked.provider_code,
        "period": checked.period,
        "submission_no": checked.submission_no,
        "source_name": checked.source_name,
    }
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FAILURE_COLUMNS)
    for failure in checked.failures:
        cells = whose | asdict(failure)
        writer.writerow(
            "" if cells[column] is None else safe_cell(str(cells[column]))
            for column in FAILURE_COLUMNS
        )
    return text.getvalue()


ANSWERS: dict[str, Callable[[Checked, Standard], str]] = {
    "text": as_text,
    "json": as_json,
    "csv": as_csv,
}


def _lines(checked: Checked, standard: Standard) -> Iterator[str]:
    yield _verdict(checked)
    for group in checked.groups:
        yield ""
        yield _heading(checked, group)
        for failure in group.failures[:SHOWN_ROWS]:
            where = f"row {failure.row_number}: " if failure.row_number is not None else ""
            yield f"  {where}{_plain(failure.message)}"
        if group.count > SHOWN_ROWS:
            yield f"  ... and {group.count - SHOWN_ROWS:,} more (all of them: --format csv)"
        yield f"  To mend it: {how_to_mend(standard, group.rule, group.table_name, group.field)}"
    yield ""
    yield "Not judged here, where the inbox and the returns received before are not known:"
    yield from (f"  {standard.rules[rule].holds_when} ({rule})" for rule in checked.not_judged)


def _verdict(checked: Checked) -> str:
    name = _plain(checked.source_name)
    received = sum(received for received, _ in checked.rows.values())
    excluded = sum(excluded for _, excluded in checked.rows.values())
    if not checked.accepted:
        return f"{name} would be rejected: nothing in it would count. What to mend, worst first:"
    if not checked.groups:
        return f"{name} would be accepted: all {received:,} rows count, and nothing needs mending."
    if not excluded:
        return f"{name} would be accepted: all {received:,} rows count. What to look at:"
    return (
        f"{name} would be accepted: {received - excluded:,} of {received:,} rows count, "
        f"{excluded:,} would be left out. What to mend, worst first:"
    )


def _heading(checked: Checked, group: RuleFailures) -> str:
    received, _ = checked.rows.get(group.table_name or "", (0, 0))
    of_rows = ""
    if group.failures[0].row_number is not None and received:
        of_rows = f", {group.count:,} of {received:,} rows of {group.table_name}"
    return f"{group.severity.upper()} {group.rule} ({WHAT_IT_DOES[group.severity]}{of_rows})"


def _plain(text: str) -> str:
    """Text on one line, with what a terminal would act on made visible."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
