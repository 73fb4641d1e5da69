"""What services spend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.sample.draws import FloatArray, IntArray, chance
from orchestration.sample.kinds import Weights
from orchestration.sample.setting import Setting
from orchestration.sample.window import calendar_month, calendar_year

# Shares of a service's spending.
SHARES: Weights = {
    "staff": 0.69,
    "premises": 0.11,
    "activity": 0.06,
    "personal_budget": 0.035,
    "overhead": 0.085,
    "other": 0.02,
}
# How much each kind of cost moves from month to month.
MOVES: Weights = {"staff": 0.025, "premises": 0.01, "activity": 0.25, "personal_budget": 0.4}
# Not every month has them.
NOW_AND_THEN: Weights = {"other": 0.35, "personal_budget": 0.85}
RISE_A_YEAR = 0.03
SMALLEST_SERVICE = 40


@dataclass(frozen=True)
class Costs:
    """Costs in no order; `type` is a place in the list, `amount` is in pounds and pence."""

    service: IntArray
    month: IntArray
    type: IntArray
    amount: FloatArray


def plan_costs(setting: Setting, contacts: IntArray) -> Costs:
    """Spending by service, month and type; `contacts` [services] are those of the whole window,
    by which a service's size is told."""
    rng, window, services = setting.stream("costs"), setting.window, setting.services
    listed = setting.codes("cost_type")
    first, last = window.month_of(services.first_day), window.month_of(services.last_day)
    size = np.maximum(contacts / (last - first + 1), SMALLEST_SERVICE * 0.25)
    # A large part of what a service costs does not depend on how busy it is.
    yearly = services.rates("pounds") * (size + 6)
    months = len(window.months)
    grid = np.indices((len(services.kinds), months, len(listed))).reshape(3, -1)
    service, month, type_ = grid
    often = np.array(setting.each("cost_type", NOW_AND_THEN, 1.0))[type_]
    sent = (month >= first[service]) & (month <= last[service]) & chance(rng, often, len(service))
    service, month, type_ = service[sent], month[sent], type_[sent]

    share = np.array(setting.each("cost_type", SHARES, 0.01))[type_]
    moves = np.array(setting.each("cost_type", MOVES, 0.1))[type_]
    days = window.first[month]
    years = calendar_year(days) - (calendar_month(days) < 3) - calendar_year(window.first[:1])
    amount = yearly[service] * share * rng.lognormal(0, moves) * (1 + RISE_A_YEAR) ** years
    return Costs(service, month, type_, np.round(amount, 2))
