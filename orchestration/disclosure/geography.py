"""Who works where, and so which areas are parts of which: public, so a reader can know it all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from orchestration.disclosure.system import Indices

AREA_TYPES = ("system", "local_authority", "place", "provider")


@dataclass(frozen=True)
class Terms:
    """The terms of `count` sums over places (or what else an axis has), one sum after another: the
    sum that each is of, where on the axis it is, and its factor."""

    count: int
    row: Indices
    at: Indices
    factor: NDArray[np.float64]

    @staticmethod
    def of(sums: Sequence[Sequence[tuple[int, float]]]) -> Terms:
        """Each sum as a list of places with their factors."""
        terms = [(row, at, factor) for row, terms in enumerate(sums) for at, factor in terms]
        row, at, factor = zip(*terms, strict=True) if terms else ((), (), ())
        return Terms(
            len(sums),
            np.array(row, dtype=np.int64),
            np.array(at, dtype=np.int64),
            np.array(factor, dtype=float),
        )


@dataclass(frozen=True)
class Geography:
    """A row for each service with provider, place, local_authority, system, tier."""

    services: DataFrame

    @cached_property
    def atoms(self) -> DataFrame:
        """Each provider, place and tier that a service has, once: nothing published divides it."""
        return (
            self.services.drop_duplicates().sort_values(list(self.services)).reset_index(drop=True)
        )

    @cached_property
    def sets(self) -> DataFrame:
        """Each area, and each tier of an area: area_type, area_code and tier (empty for all)."""
        parts = []
        for area_type in AREA_TYPES:
            codes = self.atoms[area_type]
            whole = DataFrame({"area_type": area_type, "area_code": codes.unique(), "tier": ""})
            tiers = DataFrame(
                {"area_type": area_type, "area_code": codes, "tier": self.atoms["tier"]}
            )
            parts += [whole, tiers.drop_duplicates()]
        return pd.concat(parts, ignore_index=True)

    @cached_property
    def number_of_set(self) -> dict[tuple[str, str, str], int]:
        """Which of `sets` has this area_type, area_code and tier."""
        names = zip(*(self.sets[column].tolist() for column in self.sets), strict=True)
        return {name: number for number, name in enumerate(names)}

    @cached_property
    def incidence(self) -> NDArray[np.bool_]:
        """Which atoms lie in which sets: a row a set, a column an atom."""
        sets, atoms = self.sets, self.atoms
        inside = np.zeros((len(sets), len(atoms)), dtype=bool)
        for area_type, rows in sets.groupby("area_type").groups.items():
            codes = sets.loc[rows, "area_code"].to_numpy()
            inside[rows] = codes[:, None] == atoms[area_type].to_numpy()[None, :]
        tier = sets["tier"].to_numpy()[:, None]
        of_tier = (tier == "") | (tier == atoms["tier"].to_numpy()[None, :])
        return np.asarray(inside & of_tier, dtype=bool)

    @cached_property
    def within(self) -> NDArray[np.bool_]:
        """Which sets (rows) lie wholly in which (columns), themselves included."""
        inside = self.incidence.astype(int)
        return np.asarray((inside @ (1 - inside).T) == 0, dtype=bool)

    @cached_property
    def nested(self) -> Indices:
        """Pairs of sets, part and whole, where every atom of the one lies in the other and no third
        set lies between."""
        within = self.within.copy()
        np.fill_diagonal(within, False)
        # Two names for the same atoms: each is the other's part, and nothing is between them.
        strict = within & ~within.T
        between = (strict.astype(int) @ strict.astype(int)) > 0
        return np.argwhere((strict & ~between) | (within & within.T))

    @cached_property
    def covers(self) -> list[tuple[int, Indices]]:
        """Each set with sets of one kind that hold all its atoms between them: the authorities of a
        system, the places or providers of an area, the tiers, the same tier in the areas below."""
        sets, inside = self.sets, self.incidence
        found = []
        for whole in range(len(sets)):
            for option in self._kinds_beside(whole):
                touching = option[(inside[option] & inside[whole]).any(axis=1)]
                if len(touching) and (inside[touching].any(axis=0) | ~inside[whole]).all():
                    found.append((whole, touching))
        return found

    @cached_property
    def divisions(self) -> list[tuple[int, Indices, Indices]]:
        """Each set as the sum of sets of one kind that lie wholly in it, and of single atoms for
        what these leave: the set, the sets, the atoms."""
        sets, inside = self.sets, self.incidence
        found = []
        for whole in range(len(sets)):
            found.append((whole, np.array([], dtype=int), np.flatnonzero(inside[whole])))
            for option in self._kinds_beside(whole):
                parts = option[self.within[option, whole]]
                left = inside[whole] & ~inside[parts].any(axis=0)
                if len(parts):
                    found.append((whole, parts, np.flatnonzero(left)))
        return found

    @cached_property
    def sums(self) -> Terms:
        """`divisions` as sums that are 0, the places being the sets and after them the atoms."""
        return Terms.of(
            [
                [(whole, -1.0), *((int(part), 1.0) for part in (*parts, *(len(self.sets) + atoms)))]
                for whole, parts, atoms in self.divisions
            ]
        )

    @cached_property
    def inclusions(self) -> Terms:
        """`nested` as sums that are 0 at most, where units overlap."""
        return Terms.of([[(int(part), 1.0), (int(whole), -1.0)] for part, whole in self.nested])

    @cached_property
    def coverings(self) -> Terms:
        """`covers` as sums that are 0 at most, where units overlap."""
        return Terms.of(
            [[(whole, 1.0), *((int(part), -1.0) for part in parts)] for whole, parts in self.covers]
        )

    def _kinds_beside(self, whole: int) -> list[Indices]:
        """The sets of each other kind of area with the same tier, and the tiers of the set."""
        kinds, tiers = self.sets["area_type"].to_numpy(), self.sets["tier"].to_numpy()
        options = [
            np.flatnonzero((kinds == kind) & (tiers == tiers[whole]))
            for kind in AREA_TYPES
            if kind != kinds[whole]
        ]
        if tiers[whole] == "":
            codes = self.sets["area_code"].to_numpy()
            same = (kinds == kinds[whole]) & (codes == codes[whole])
            options.append(np.flatnonzero(same & (tiers != "")))
        return options
