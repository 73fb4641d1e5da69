"""Who there is: people, their groups and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.sample.draws import (
    NEVER,
    BoolArray,
    IntArray,
    ObjArray,
    chance,
    spread,
    spread_by,
)
from orchestration.sample.kinds import Weights
from orchestration.sample.setting import Setting

# Of 1,000 people. The group a person is in first decides which services they come to.
MAIN_GROUP: Weights = {
    "homeless": 380,
    "substance": 155,
    "migrant": 120,
    "grt": 105,
    "justice": 90,
    "modern_slavery": 28,
    "sex_work": 70,
    "other": 50,
}
# The share who are in another group as well.
ALSO: dict[str, Weights] = {
    "homeless": {"substance": 0.34, "justice": 0.14, "migrant": 0.06, "other": 0.02},
    "substance": {"homeless": 0.3, "justice": 0.2, "other": 0.03},
    "migrant": {"homeless": 0.22, "modern_slavery": 0.03, "other": 0.03},
    "grt": {"homeless": 0.05, "justice": 0.04},
    "justice": {"homeless": 0.3, "substance": 0.38, "grt": 0.03},
    "modern_slavery": {"migrant": 0.6, "sex_work": 0.2, "homeless": 0.15},
    "sex_work": {"substance": 0.4, "homeless": 0.22, "migrant": 0.1},
    "other": {"homeless": 0.1},
}
# Gender as male, female, indeterminate, not known.
MEN_MOSTLY: Weights = {"1": 79, "2": 18, "9": 1, "X": 2}
GENDER: dict[str, Weights] = {
    "homeless": MEN_MOSTLY,
    "substance": {"1": 69, "2": 28, "9": 1, "X": 2},
    "migrant": {"1": 57, "2": 40, "9": 0.8, "X": 2.2},
    "grt": {"1": 41, "2": 57, "X": 2},
    "justice": MEN_MOSTLY,
    "modern_slavery": {"1": 46, "2": 50, "X": 4},
    "sex_work": {"1": 7, "2": 89, "9": 2.5, "X": 1.5},
    "other": {"1": 46, "2": 48, "9": 4, "X": 2},
}
ETHNICITY: Weights = {
    "A": 640,
    "B": 22,
    "C": 90,
    "D": 16,
    "E": 9,
    "F": 8,
    "G": 10,
    "H": 18,
    "J": 12,
    "K": 8,
    "L": 12,
    "M": 16,
    "N": 36,
    "P": 10,
    "R": 5,
    "S": 18,
    "Z": 42,
    "99": 28,
}
ETHNICITY_OF: dict[str, Weights] = {
    "migrant": {
        **ETHNICITY,
        "A": 8,
        "C": 210,
        "J": 70,
        "K": 50,
        "L": 150,
        "N": 230,
        "P": 40,
        "S": 160,
    },
    "grt": {**ETHNICITY, "A": 120, "B": 480, "C": 340, "N": 4},
    "modern_slavery": {**ETHNICITY, "A": 200, "C": 240, "L": 150, "N": 150, "S": 90},
}
# Mean, spread and least of people's age when the window begins.
AGE: dict[str, tuple[float, float, int]] = {
    "homeless": (42, 11, 18),
    "substance": (42, 11, 18),
    "migrant": (31, 11, 16),
    "grt": (34, 21, 2),
    "justice": (35, 10, 18),
    "modern_slavery": (30, 9, 17),
    "sex_work": (34, 9, 18),
    "other": (52, 20, 16),
}
GP_REGISTERED: Weights = {"Y": 71, "N": 19, "U": 10}
YEAR_OF_BIRTH_UNKNOWN = 0.05
WITHOUT_LINK_KEY = 0.12


@dataclass(frozen=True)
class People:
    """Everybody. `group`, `gender`, `ethnicity` and `gp` are places in the code lists;
    `groups` [people x groups] says whom a person counts among; `birth_year` is 0 where unknown;
    `death` is the day of death or NEVER; `link_key` is empty for those without one."""

    group: IntArray
    groups: BoolArray
    gender: IntArray
    ethnicity: IntArray
    birth_year: IntArray
    adult: BoolArray
    gp: IntArray
    link_key: ObjArray
    death: IntArray

    def __len__(self) -> int:
        return len(self.group)


def plan_people(setting: Setting, people: int) -> People:
    """Who there is; nobody has died yet."""
    rng = setting.stream("people")
    names = setting.codes("inclusion_group")
    group = spread(rng, setting.weights("inclusion_group", MAIN_GROUP), people)
    more = setting.each("inclusion_group", ALSO, {})
    also = np.array([setting.each("inclusion_group", each, 0.0) for each in more])
    groups = rng.random((people, len(names))) < also[group]
    groups[np.arange(people), group] = True

    def by_group(name: str, weights: dict[str, Weights], usual: Weights) -> IntArray:
        return spread_by(
            rng, setting.table(name, setting.each("inclusion_group", weights, usual)), group
        )

    gender = by_group("gender", GENDER, MEN_MOSTLY)
    ethnicity = by_group("ethnic_category", ETHNICITY_OF, ETHNICITY)
    ages = np.array(setting.each("inclusion_group", AGE, (40, 12, 18)))[group]
    # Nobody may become older than the standard thinks plausible in a long window.
    years = setting.window.months[-1].year - setting.window.months[0].year
    oldest = max(95 - years, 50)
    age = np.clip(rng.normal(ages[:, 0], ages[:, 1]), ages[:, 2], oldest).astype(np.int64)
    birth_year = setting.window.months[0].year - age
    linked = ~chance(rng, WITHOUT_LINK_KEY, people)
    return People(
        group=group,
        groups=groups,
        gender=gender,
        ethnicity=ethnicity,
        birth_year=np.where(chance(rng, YEAR_OF_BIRTH_UNKNOWN, people), 0, birth_year),
        adult=age >= 18,
        gp=spread(rng, setting.weights("yes_no_unknown", GP_REGISTERED), people),
        link_key=np.where(linked, _link_keys(rng, people), ""),
        death=np.full(people, NEVER),
    )


def _link_keys(rng: np.random.Generator, n: int) -> ObjArray:
    """64 hex digits each."""
    return np.frombuffer(rng.bytes(32 * n).hex().encode(), dtype="S64").astype(str).astype(object)
