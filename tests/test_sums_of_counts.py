"""Which sums hold between the published counts of one measure, and what follows from them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pandas import DataFrame

from orchestration.disclosure.geography import Geography
from orchestration.disclosure.linked import Link, families, join
from orchestration.disclosure.sums import Grid, Subject, build
from orchestration.disclosure.system import feasible_range

# Provider A works in place P, B in place Q; both places lie in authority L of system S.
SERVICES = DataFrame(
    {
        "provider": ["A", "B"],
        "place": ["P", "Q"],
        "local_authority": ["L", "L"],
        "system": ["S", "S"],
        "tier": ["2", "3"],
    }
)
AREAS = {
    "S": "system",
    "L": "local_authority",
    "P": "place",
    "Q": "place",
    "A": "provider",
    "B": "provider",
}
HIDDEN = (1, np.inf)


def claims(
    counts: dict[str, tuple[int, tuple[float, float]]], month: str = "2025-05-01"
) -> DataFrame:
    """Everyone's count of each area in one month: exact, and what is published of it."""
    return DataFrame(
        [
            {
                "period_type": "month",
                "period_start": pd.Timestamp(month),
                "area_type": AREAS[area],
                "area_code": area,
                "breakdown_type": "all",
                "breakdown_value": "all",
                "exact": exact,
                "least": least,
                "most": most,
            }
            for area, (exact, (least, most)) in counts.items()
        ]
    )


def divided(
    everyone: DataFrame, breakdown: str, values: dict[str, tuple[int, tuple[float, float]]]
) -> DataFrame:
    """Everyone's count, and below it those of a breakdown's values."""
    parts = [
        everyone.assign(
            breakdown_type=breakdown, breakdown_value=value, exact=exact, least=least, most=most
        )
        for value, (exact, (least, most)) in values.items()
    ]
    return pd.concat([everyone, *parts], ignore_index=True)


def range_of(grid: Grid, claim: int) -> tuple[float, float]:
    """The least and the greatest count of one of the claims."""
    row = np.zeros(grid.system.size)
    row[grid.number_of_claim[claim]] = 1
    return feasible_range(grid.system, row)


COUNTS = {
    "S": (8, (8, 12)),
    "L": (8, (8, 12)),
    "P": (3, HIDDEN),
    "Q": (5, (5, 7)),
    "A": (3, HIDDEN),
    "B": (5, (5, 7)),
}


def test_events_of_the_places_sum_to_the_whole() -> None:
    # S is 10, so 8 to 12; B is 5, so 5 to 7: A is 8 - 7 = 1 at least and 12 - 5 = 7 at most.
    grid = build(Subject("contacts", "sum", "sum"), claims(COUNTS), Geography(SERVICES))
    assert range_of(grid, list(COUNTS).index("A")) == (1, 7)


def test_people_may_be_in_several_places() -> None:
    # Everyone of B may be known to A too: A is at most all of S, 12, and at least 8 - 7 = 1.
    grid = build(Subject("people", "overlap", "overlap"), claims(COUNTS), Geography(SERVICES))
    assert range_of(grid, list(COUNTS).index("A")) == (1, 12)


def test_a_count_of_nobody_is_no_unknown() -> None:
    # Nobody at B and Q: then A, P, L and S are one count. Of S and P, 5 to 7 are told.
    counts = {
        "S": (5, (5, 7)),
        "P": (5, (5, 7)),
        "A": (5, HIDDEN),
        "Q": (0, (0, 0)),
        "B": (0, (0, 0)),
    }
    grid = build(Subject("contacts", "sum", "sum"), claims(counts), Geography(SERVICES))
    assert range_of(grid, list(counts).index("A")) == (5, 7)
    assert grid.number_of_claim[list(counts).index("B")] == -1


@pytest.mark.parametrize("over_areas", ["sum", "overlap", "none"])
def test_the_exact_counts_fit(over_areas: str) -> None:
    grid = build(Subject("any", over_areas, "sum"), claims(COUNTS), Geography(SERVICES))
    for claim, (exact, _) in enumerate(COUNTS.values()):
        least, most = range_of(grid, claim)
        assert least <= exact <= most


def test_a_quarter_is_the_sum_of_its_months_where_units_do_not_overlap() -> None:
    # The quarter is 10 (8 to 12); two months are 5 (5 to 7 each): the third is at most 12 - 10 = 2.
    parts = [
        claims({"S": (1, HIDDEN)}, "2025-04-01"),
        claims({"S": (5, (5, 7))}, "2025-05-01"),
        claims({"S": (5, (5, 7))}, "2025-06-01"),
        claims({"S": (11, (8, 12))}, "2025-04-01").assign(period_type="quarter"),
    ]
    told = pd.concat(parts, ignore_index=True)
    assert range_of(build(Subject("contacts", "sum", "sum"), told, Geography(SERVICES)), 0) == (
        1,
        2,
    )
    # People may be the same in each month: no month has more than the quarter.
    people = build(Subject("people", "overlap", "overlap"), told, Geography(SERVICES))
    assert range_of(people, 0) == (1, 12)


def test_groups_that_exclude_each_other_sum_to_everyone() -> None:
    # Everyone is 10 (8 to 12), men are 10 (8 to 12): women are at most 12 - 8 = 4, and 1 at least.
    everyone = claims({"S": (11, (8, 12))})
    told = divided(everyone, "gender", {"1": (9, (8, 12)), "2": (2, HIDDEN)})
    grid = build(Subject("people", "none", "none"), told, Geography(SERVICES))
    assert range_of(grid, 2) == (1, 4)


def test_inclusion_groups_overlap_and_only_stay_within_everyone() -> None:
    everyone = claims({"S": (11, (8, 12))})
    told = divided(everyone, "inclusion_group", {"homeless": (9, (8, 12)), "other": (2, HIDDEN)})
    grid = build(Subject("people", "none", "none"), told, Geography(SERVICES))
    assert range_of(grid, 2) == (1, 12)


def test_sums_that_the_exact_counts_do_not_fit_are_left_out_and_the_others_hold() -> None:
    # S is 8, its only authority 9; but L is P and Q, and A is at most L's 12 less B's 5.
    told = claims(
        {**COUNTS, "S": (8, (8, 12)), "L": (9, (8, 12)), "P": (4, HIDDEN), "A": (4, HIDDEN)}
    )
    told = told.assign(subject="contacts")
    grid = build(Subject("contacts", "sum", "sum"), told, Geography(SERVICES))
    joined, holds = join([grid], told, [])
    assert range_of(joined, list(COUNTS).index("A")) == (1, 7)
    of_claim = holds[joined.number_of_claim]
    assert not of_claim[list(COUNTS).index("S")]


def linked(
    part: tuple[int, tuple[float, float]], whole: tuple[int, tuple[float, float]]
) -> DataFrame:
    """One count of each of two subjects."""
    parts = [
        claims({"S": told}).assign(subject=subject)
        for subject, told in (("part", part), ("whole", whole))
    ]
    return pd.concat(parts, ignore_index=True)


def joined(told: DataFrame, links: list[Link]) -> Grid:
    grids = [
        build(Subject(str(name), "none", "none"), rows, Geography(SERVICES))
        for name, rows in told.groupby("subject", sort=False)
    ]
    return join(grids, told, links)[0]


def test_a_part_is_at_most_its_whole() -> None:
    told = linked((3, HIDDEN), (6, (5, 7)))
    assert range_of(joined(told, [Link("part", "whole")]), 0) == (1, 7)
    assert range_of(joined(told, []), 0) == (1, np.inf)


def test_a_numerator_and_what_remains_are_the_denominator() -> None:
    # 28 to 32 in all, 28 to 32 of them counted: 0 to 4 remain; and one at least is known to.
    rest = claims({"S": (1, HIDDEN)}).assign(subject="rest")
    told = pd.concat([linked((29, (28, 32)), (30, (28, 32))), rest], ignore_index=True)
    assert range_of(joined(told, [Link("part", "whole", "rest")]), 2) == (1, 4)


def test_subjects_are_one_family_where_a_chain_of_links_leads_from_one_to_the_other() -> None:
    links = [Link("a", "b"), Link("c", "d", "e"), Link("b", "d")]
    assert families(["a", "b", "c", "d", "e", "f"], links) == [["a", "b", "c", "d", "e"], ["f"]]
