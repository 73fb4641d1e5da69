"""The last twelve months: what came of each, how whole it was, and how soon it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from expectations.rules.return_rules import month_end
from orchestration.reports.records import ProviderRecord, Submission

HERE = ZoneInfo("Europe/London")
MONTHS = 12
STATES = {
    "in_effect": "Counts",
    "superseded": "Replaced by a later submission",
    "rejected": "Set aside",
    "missing": "Not received",
    "none": "Not expected",
}


@dataclass(frozen=True)
class Month:
    """One month. sent: the submission that counts, or the last that was set aside; left_out: the
    share of its rows that do not count, 0 to 1; days: from the end of the month to the first
    submission that was accepted. left_out and days are None where nothing was accepted."""

    start: date
    state: str
    sent: Submission | None
    received: int
    left_out: float | None
    days: int | None

    @property
    def label(self) -> str:
        return month_label(self.start)

    @property
    def state_words(self) -> str:
        return STATES[self.state]


def month_label(month: date) -> str:
    """`May 2025`; of any month that a calendar has."""
    return f"{month:%B} {month.year}"


def local(moment: datetime) -> datetime:
    """A moment of the warehouse, which is in UTC, by the clocks of this country."""
    return moment.replace(tzinfo=UTC).astimezone(HERE)


def last_months(as_at: date) -> list[date]:
    """The twelve months that have ended by the day, the latest first."""
    count = as_at.year * 12 + as_at.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(count - 1, count - 1 - MONTHS, -1)]


def months(record: ProviderRecord, as_at: date) -> list[Month]:
    """The last twelve months of a provider, the latest first."""
    return [_month(start, record) for start in last_months(as_at)]


def _month(start: date, record: ProviderRecord) -> Month:
    sent = [one for one in record.submissions if one.month == start]
    accepted = [one for one in sent if one.is_accepted]
    counting = next((one for one in sent if one.state == "in_effect"), None)
    if counting is not None:
        days = (local(accepted[0].received_at).date() - month_end(start)).days
        return Month(start, "in_effect", counting, len(sent), left_out(counting), days)
    if sent:
        return Month(start, "rejected", sent[-1], len(sent), None, None)
    state = "missing" if start in record.missing else "none"
    return Month(start, state, None, 0, None, None)


def left_out(sent: Submission) -> float:
    """The share of a submission's rows that are left out."""
    return sent.rows_excluded / sent.rows_received if sent.rows_received else 0.0


def worst_share(sent: Submission, tables: Sequence[str]) -> tuple[str, float] | None:
    """The table of these of which the largest share is left out, with that share."""
    shares = [
        (excluded / received, table)
        for table in tables
        for received, excluded in [sent.tables.get(table, (0, 0))]
        if received
    ]
    return (max(shares)[1], max(shares)[0]) if shares else None
