"""What every part of the sample needs to know: the standard, the months, the services, the seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from expectations.standard import Standard
from orchestration.sample.draws import FloatArray, known_only, stream, weights_over
from orchestration.sample.kinds import Kind, Weights
from orchestration.sample.services import Services
from orchestration.sample.window import Window

T = TypeVar("T")


@dataclass(frozen=True)
class Setting:
    """The setting in which everything is planned."""

    seed: int
    standard: Standard
    window: Window
    services: Services

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kind of each service."""
        return self.services.kinds

    def stream(self, part: str) -> np.random.Generator:
        """The random numbers of one part."""
        return stream(self.seed, part)

    def codes(self, name: str) -> list[str]:
        """A code list of the standard, in its order."""
        return [code.code for code in self.standard.codes[name]]

    def place(self, name: str, code: str) -> int:
        """The place of a code in its list; raises ValueError where it is none."""
        return self.codes(name).index(code)

    def each(self, name: str, given: Mapping[str, T], otherwise: T) -> list[T]:
        """What is given for each code of a list, in its order, and `otherwise` for the rest.

        Raises KeyError on something given for what is no code of the list.
        """
        listed = self.codes(name)
        known_only(listed, given)
        return [given.get(code, otherwise) for code in listed]

    def weights(self, name: str, given: Weights) -> FloatArray:
        """Weights over a code list, adding up to 1."""
        return weights_over(self.codes(name), given)

    def table(self, name: str, rows: Iterable[Weights]) -> FloatArray:
        """Weights over a code list, one row for each of `rows`."""
        return np.array([self.weights(name, row) for row in rows])
