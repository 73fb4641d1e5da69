"""The services that returns come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.sample.draws import NEVER, BoolArray, FloatArray, IntArray, ObjArray
from orchestration.sample.kinds import Kind, kind_named
from orchestration.sample.registry import SampleRegistry
from orchestration.sample.window import Window, day_number, first_of_month


@dataclass(frozen=True)
class Services:
    """The services from which returns come in the window, with the days they are open in it.

    `provider` counts the registry's providers from 0. `opens` is the day the service opened,
    before the window or in it; `closes` says whether it ends within the window.
    """

    codes: ObjArray
    kinds: tuple[Kind, ...]
    tier: IntArray
    provider: IntArray
    district: IntArray
    opens: IntArray
    first_day: IntArray
    last_day: IntArray
    closes: BoolArray

    def rates(self, name: str) -> FloatArray:
        """One figure of each service's kind."""
        return np.array([getattr(kind, name) for kind in self.kinds], dtype=np.float64)


def plan_services(registry: SampleRegistry, window: Window) -> Services:
    """The services open on some day of the window on which their provider is active."""
    facts = registry.registry
    numbers = {code: number for number, code in enumerate(facts.providers)}
    found = []
    for service in facts.services.values():
        provider = facts.providers[service.provider_code]
        opens = day_number(service.open_from)
        closes = NEVER if service.open_to is None else day_number(service.open_to)
        if provider.active_to is not None:
            closes = min(closes, day_number(first_of_month(provider.active_to, 1)) - 1)
        begins = max(opens, day_number(provider.active_from))
        first, last = max(begins, window.start), min(closes, window.end)
        if first <= last:
            number = numbers[service.provider_code]
            district = registry.districts[service.provider_code]
            found.append((service, number, district, opens, first, last, closes <= window.end))
    return Services(
        codes=np.array([each[0].service_code for each in found], dtype=object),
        kinds=tuple(kind_named(each[0].service_name) for each in found),
        tier=np.array([each[0].tier for each in found], dtype=np.int64),
        provider=np.array([each[1] for each in found], dtype=np.int64),
        district=np.array([each[2] for each in found], dtype=np.int64),
        opens=np.array([each[3] for each in found], dtype=np.int64),
        first_day=np.array([each[4] for each in found], dtype=np.int64),
        last_day=np.array([each[5] for each in found], dtype=np.int64),
        closes=np.array([each[6] for each in found], dtype=bool),
    )
