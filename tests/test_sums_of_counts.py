"""Which sums hold between the published counts of one measure, and what follows from them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pandas import DataFrame

from orchestration.disclosure.sums import Geography, Grid, Subject, build
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


def range_of(grid: Grid, claim: int) -> tuple[float, float]:
    """The least and the greatest count of one of the claims."""
    row = grid.system.matrix[grid.row_of_claim[claim]].toarray().ravel()
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


def test_a_count_of_nobody_leaves_no_unknown() -> None:
    # Nobody at B and Q: then A, P, L and S are one count, of 5 to 7.
    counts = {
        "S": (5, (5, 7)),
        "P": (5, (5, 7)),
        "A": (5, (5, 7)),
        "Q": (0, (0, 0)),
        "B": (0, (0, 0)),
    }
    grid = build(Subject("contacts", "sum", "sum"), claims(counts), Geography(SERVICES))
    assert grid.system.size == 1
    assert grid.row_of_claim[list(counts).index("B")] == -1


@pytest.mark.parametrize("over_areas", ["sum", "overlap", "none"])
def test_the_exact_counts_fit(over_areas: str) -> None:
    grid = build(Subject("any", over_areas, "sum"), claims(COUNTS), Geography(SERVICES))
    for claim, (exact, _) in enumerate(COUNTS.values()):
        least, most = range_of(grid, claim)
        assert least <= exact <= most
