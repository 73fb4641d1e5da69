"""The months that the sample covers, as days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from orchestration.sample.draws import NEVER, IntArray, ObjArray

EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Window:
    """Months in order; `first` and `last` hold the days they begin and end on."""

    months: tuple[date, ...]
    first: IntArray
    last: IntArray

    @property
    def start(self) -> int:
        """The first day."""
        return int(self.first[0])

    @property
    def end(self) -> int:
        """The last day."""
        return int(self.last[-1])

    def month_of(self, days: IntArray) -> IntArray:
        """The place of each day's month: -1 before the first, and the last one ever after it."""
        return np.asarray(np.searchsorted(self.first, days, side="right") - 1, dtype=np.int64)


def window_before(as_at: date, months: int) -> Window:
    """The last `months` months whose last day lies before `as_at`."""
    following = first_of_month(as_at, 0)
    starts = [first_of_month(following, -back) for back in range(months, -1, -1)]
    first = np.array([day_number(start) for start in starts], dtype=np.int64)
    return Window(tuple(starts[:-1]), first[:-1], first[1:] - 1)


def first_of_month(day: date, later: int) -> date:
    """The first day of the month that comes `later` months after the month of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 + later, 12)
    return date(year, month + 1, 1)


def day_number(day: date) -> int:
    """Days since 1 January 1970."""
    return day.toordinal() - EPOCH


def as_date(day: int) -> date:
    """The date of a day number."""
    return date(1970, 1, 1) + timedelta(days=int(day))


def as_dates(days: IntArray) -> ObjArray:
    """Dates of day numbers; None for NEVER."""
    distinct, where = np.unique(days, return_inverse=True)
    dates = np.empty(len(distinct), dtype=object)
    dates[:] = [None if day >= NEVER else as_date(day) for day in distinct.tolist()]
    return np.asarray(dates[where], dtype=object)


def calendar_month(days: IntArray) -> IntArray:
    """The month of the year of each day, January being 0."""
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12)


def calendar_year(days: IntArray) -> IntArray:
    """The year of each day."""
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970)
