"""The words at the top of a report: what was received, whether it counts, what to do first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from expectations.standard import Standard
from orchestration.publish.words import number
from orchestration.reports.failing import EXCLUDED_SHARE, Failing, root_of_share
from orchestration.reports.months import MONTHS, Month, last_months, local, month_label
from orchestration.reports.records import ProviderRecord, Submission

MOST_TOLD = 3


@dataclass(frozen=True)
class Headline:
    """verdict: `counts`, `replaced`, `rejected` or `missing`, which the style shows. told: whether
    the return counts, in sentences. first: what to do first, with the anchor of the failure it
    speaks of, if it does. also: what else is to be done. instead: the submission that counts."""

    verdict: str
    told: str
    first: str
    anchor: str
    also: tuple[str, ...]
    instead: Submission | None


def rows(count: int) -> str:
    """`1 row`, `1,234 rows`."""
    return f"{number(count, 0)} {'row' if count == 1 else 'rows'}"


def joined(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def headline(
    sent: Submission, failing: Sequence[Failing], record: ProviderRecord, standard: Standard
) -> Headline:
    """The words about one submission."""
    standing = next(
        (s for s in record.submissions if s.state == "in_effect" and s.period == sent.period), None
    )
    first, anchor = _first(failing, standard)
    if sent.state == "in_effect":
        return Headline("counts", f"It counts. {_rows_in(sent)}", first, anchor, (), None)
    if sent.state == "superseded":
        no = standing.submission_no if standing else None
        told = (
            f"It does not count any more: submission {no} for the same month has taken its place."
        )
        return Headline("replaced", told, "Nothing needs mending here.", "", (), standing)
    told = "It does not count."
    rejects = [one for one in failing if one.group.severity == "reject"]
    reasons = [row.message for one in rejects for row in one.first]
    if reasons:
        told += f" {' '.join(reasons[:MOST_TOLD])}"
    if len(reasons) > MOST_TOLD:
        told += " There is more; it is listed below."
    if sent.month is not None:
        month = month_label(sent.month)
        told += (
            f" Your submission {standing.submission_no} for {month} still counts."
            if standing
            else f" Nothing counts for {month}."
        )
    return Headline("rejected", told, first, anchor, (), standing)


def _rows_in(sent: Submission) -> str:
    if not sent.rows_excluded:
        return f"All of its {rows(sent.rows_received)} are in."
    counted, received = number(sent.rows_counted, 0), number(sent.rows_received, 0)
    were = "was" if sent.rows_excluded == 1 else "were"
    return (
        f"{counted} of its {received} rows are in; {number(sent.rows_excluded, 0)} {were} left out."
    )


def _first(failing: Sequence[Failing], standard: Standard) -> tuple[str, str]:
    """What to do first, and the anchor of the failure that it is about."""
    if not failing:
        return "Nothing needs mending.", ""
    worst = failing[0]
    if worst.group.severity == "reject":
        root = None
        if worst.group.rule == EXCLUDED_SHARE and worst.group.table in standard.tables:
            root = root_of_share(failing, worst.group.table, standard)
        return (_to_mend(root), root.anchor) if root else (worst.mend, worst.anchor)
    if worst.group.severity == "error":
        return _to_mend(worst), worst.anchor
    told = sum(one.group.count for one in failing)
    what = "is one remark" if told == 1 else f"are {number(told, 0)} remarks"
    return f"Nothing needs mending. There {what} to look at.", worst.anchor


def _to_mend(failing: Failing) -> str:
    words = f"mend {rows(failing.group.rows)} of {failing.group.table}"
    if failing.group.field:
        words += f", in the column {failing.group.field}"
    return f"{words[0].upper()}{words[1:]}. {failing.mend}"


def of_provider(
    record: ProviderRecord,
    about: Headline | None,
    needs_mending: bool,
    twelve: Sequence[Month],
    as_at: date,
) -> Headline:
    """The words about the provider: those about its latest submission, if there is one, and the
    months that lack one."""
    also = []
    months = twelve[::-1]
    missing = [month.label for month in months if month.state == "missing"]
    send = ""
    if missing:
        also.append(f"We have no return from you for {joined(missing)}.")
        what = "it has" if len(missing) == 1 else "they have"
        returns = "return" if len(missing) == 1 else "returns"
        send = f"Send the {returns} for {joined(missing)}: {what} not come."
    rejected = [month for month in months if month.state == "rejected"]
    latest = record.submissions[-1] if record.submissions else None
    nothing = [month.label for month in rejected if latest not in (month.sent,)]
    if nothing:
        also.append(f"Nothing that you sent for {joined(nothing)} counts.")
    since = last_months(as_at)[MONTHS - 1]
    unknown = [
        one
        for one in record.submissions
        if one.month is None and one is not latest and local(one.received_at).date() >= since
    ]
    for one in unknown[-MOST_TOLD:]:
        day = local(one.received_at).date()
        also.append(
            f"The file {one.source_name}, received on {day.day} {day:%B %Y}, does not count, and "
            "which month it is for could not be told."
        )
    if about is None:
        if not missing:
            told = "No return is expected of you for any of the last twelve months."
            return Headline("counts", told, "Nothing.", "", (), None)
        return Headline("missing", also[0], send, "", tuple(also[1:]), None)
    first, anchor = about.first, about.anchor
    if send and not needs_mending:
        first, anchor = send, ""
    elif send:
        also[0] += " Please send what is missing, too."
    return Headline(about.verdict, about.told, first, anchor, tuple(also), about.instead)
