"""Who is on which caseload in which month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.sample.draws import BoolArray, IntArray, runs
from orchestration.sample.episodes import Episodes
from orchestration.sample.setting import Setting
from orchestration.sample.window import Window


@dataclass(frozen=True)
class CareMonths:
    """One row for each episode and month in which it is open, in the order of the episodes.

    `low` and `high` are the first and last day in the month on which it is open; `nth` counts the
    months of the episode that are sent, from 0; `returns` is the place of the return that the
    month belongs to: provider x months + month.
    """

    episode: IntArray
    month: IntArray
    nth: IntArray
    low: IntArray
    high: IntArray
    service: IntArray
    returns: IntArray

    def __len__(self) -> int:
        return len(self.episode)


def first_month(setting: Setting, episodes: Episodes) -> IntArray:
    """The place of the first month in which each episode is sent."""
    first_day = setting.services.first_day[episodes.service]
    return setting.window.month_of(np.maximum(episodes.start, first_day))


def last_month(setting: Setting, episodes: Episodes) -> IntArray:
    """The place of the last month in which each episode is sent."""
    last_day = setting.services.last_day[episodes.service]
    return setting.window.month_of(np.minimum(episodes.end, last_day))


def care_months(setting: Setting, episodes: Episodes) -> CareMonths:
    """Every month of every episode."""
    window, services = setting.window, setting.services
    begins = first_month(setting, episodes)
    episode, nth = runs(last_month(setting, episodes) - begins + 1)
    month = begins[episode] + nth
    service = episodes.service[episode]
    return CareMonths(
        episode=episode,
        month=month,
        nth=nth,
        low=np.maximum(episodes.start[episode], window.first[month]),
        high=np.minimum(episodes.end[episode], window.last[month]),
        service=service,
        returns=services.provider[service] * len(window.months) + month,
    )


def ends_here(episodes: Episodes, care: CareMonths) -> BoolArray:
    """Whether the episode ends in the month of the row."""
    return np.asarray(episodes.end[care.episode] <= care.high)


def care_on(window: Window, care: CareMonths, episode: IntArray, day: IntArray) -> IntArray:
    """The row of the caseload that each episode has on a day; -1 where it is not open then."""
    start = np.searchsorted(care.episode, episode)
    row = start + window.month_of(day) - care.month[np.minimum(start, len(care) - 1)]
    row = np.clip(row, 0, len(care) - 1)
    fits = (care.episode[row] == episode) & (care.low[row] <= day) & (day <= care.high[row])
    return np.where(fits, row, -1)
