"""Is the site up to date, and have the returns come? What an operator wants to be warned of."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta

import duckdb

from orchestration.last_refresh import last_ending
from orchestration.operation import Operation
from orchestration.settings import Settings


def stale_site(settings: Settings, operation: Operation, now: datetime | None = None) -> str | None:
    """What is to be told where the last refresh that ended well is too long ago; else None."""
    ended = last_ending(settings)
    if ended is None:
        return "No refresh has ended well yet."
    hours = ((now or datetime.now(UTC)) - ended).total_seconds() / 3600
    if hours < 0:
        return (
            f"The last refresh ended in the future, at {ended:%Y-%m-%d %H:%M} UTC: set the clock."
        )
    if hours <= operation.site_stale_hours:
        return None
    return f"The last refresh ended well {hours:.0f} hours ago, at {ended:%Y-%m-%d %H:%M} UTC."


def overdue_returns(settings: Settings, operation: Operation) -> list[tuple[str, str]]:
    """The returns that are overdue on the day of the settings: provider and month, in order.

    As of the last refresh that computed; nothing where there is none. Raises duckdb.IOException
    where the warehouse cannot be read, as while a refresh writes it.
    """
    if not settings.warehouse.exists():
        return []
    try:
        with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
            missing = connection.execute(
                "select provider_code, period from marts.return_status where state = 'missing' "
                "order by period, provider_code"
            ).fetchall()
    except duckdb.CatalogException:  # the first refresh did not get so far
        return []
    days = timedelta(days=operation.return_overdue_days)
    return [
        (provider, period)
        for provider, period in missing
        if _last_day(period) + days < settings.as_at
    ]


def _last_day(period: str) -> date:
    first = date.fromisoformat(f"{period}-01")
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])
