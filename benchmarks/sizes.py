"""The sizes of the benchmark, from a county to a nation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

AS_AT = date(2026, 4, 15)


@dataclass(frozen=True)
class Size:
    """One size: so many providers over so many months, and about how many contacts in all of them.

    unit_providers and people: the sample that is judged, and then multiplied until there are enough
    providers; `people` are as many as have about those contacts by themselves, so that a contact
    more comes with its share of people, episodes, stays and scores. is_packed: whether a file of
    the lake holds the rows of all months of a provider, or those of one return.
    """

    name: str
    providers: int
    months: int
    contacts: int
    people: int
    unit_providers: int = 12
    is_packed: bool = False


COUNTY = Size("county", providers=12, months=24, contacts=40_000, people=1_500)
REGION = Size("region", providers=200, months=36, contacts=5_000_000, people=10_600)
NATION = Size(
    "nation", providers=2_000, months=36, contacts=100_000_000, people=21_200, is_packed=True
)
SIZES = {size.name: size for size in (COUNTY, REGION, NATION)}
