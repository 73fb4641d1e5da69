"""The registry of a sample: the demonstration's own, cut short or continued on its pattern."""

from __future__ import annotations

import csv
import shutil
from dataclasses import astuple, dataclass, fields, replace
from datetime import date
from itertools import product
from pathlib import Path
from string import ascii_uppercase

from expectations.standard import Area, Provider, Registry, Service
from orchestration.facts import SEEDS
from orchestration.registry import FILES, load_registry
from orchestration.registry_goals import GOAL_FILES

# Invented place names are a beginning and an ending; the first letters run on from the seeds'.
BEGINNINGS = (
    *("Marl", "Nether", "Oak", "Pear", "Quarry", "Rowan", "Stone", "Thorn", "Under", "Vale"),
    *("Wood", "Yar", "Zeal", "Ash", "Beck", "Cran", "Dun", "Elm", "Fern", "Glen", "Hazel"),
    *("Ivy", "Jay", "Kings", "Lark"),
)
ENDINGS = ("brook", "field", "ford", "ham", "ley", "wick", "combe", "stead", "worth", "bury")
PLACE_ENDINGS = ("ton", "minster", "hill", "bridge", "mere", "moor", "end", "gate", "cote", "by")


@dataclass(frozen=True)
class SampleRegistry:
    """A registry, and for each provider the district it belongs to: providers of one district
    share its places, so that people may be known to several of them."""

    registry: Registry
    districts: dict[str, int]


def sample_registry(providers: int, first_month: date) -> SampleRegistry:
    """The first `providers` of the demonstration's registry, continued where it has fewer.

    Where the sample begins in another month than the demonstration, see `_fitted`.
    """
    seeds = load_registry(SEEDS / "registry")
    models = tuple(seeds.providers.values())
    made = Registry(providers={}, services={}, areas=dict(seeds.areas))
    districts = {}
    for number in range(providers):
        model = models[number % len(models)]
        district = number // len(models)
        places: dict[str, str] = {}
        if district:
            places = _places_like(seeds, district)
            made.areas.update(_areas_like(seeds, places, district))
        provider, services = _provider_like(seeds, model, number, places, district)
        made.providers[provider.provider_code] = provider
        made.services.update({service.service_code: service for service in services})
        districts[provider.provider_code] = district
    return SampleRegistry(_fitted(made, first_month), districts)


def write_registry(registry: Registry, folder: Path) -> None:
    """Writes the three files, a copy of the seeds' where they say the same, and a copy of the
    seeds' targets and breaks: every sample has their areas."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in GOAL_FILES:
        shutil.copyfile(SEEDS / "registry" / name, folder / name)
    rows: dict[str, tuple[type, list[tuple[object, ...]]]] = {
        "providers.csv": (Provider, [astuple(each) for each in registry.providers.values()]),
        "services.csv": (Service, [astuple(each) for each in registry.services.values()]),
        "areas.csv": (Area, [astuple(each) for each in registry.areas.values()]),
    }
    same = registry == load_registry(SEEDS / "registry")
    for name in FILES:
        if same:
            shutil.copyfile(SEEDS / "registry" / name, folder / name)
            continue
        shape, lines = rows[name]
        columns = [column.name for column in fields(shape)]
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(
                [_cell(column, value) for column, value in zip(columns, line, strict=True)]
                for line in lines
            )


def _cell(column: str, value: object) -> str:
    if isinstance(value, date):
        return f"{value:%Y-%m}" if column.startswith("active_") else value.isoformat()
    return "" if value is None else str(value)


def _places_like(seeds: Registry, district: int) -> dict[str, str]:
    """The codes of the district's own areas, by the seeds' areas that they are modelled on."""
    codes = {}
    lower = [area for area in seeds.areas.values() if area.area_type != "system"]
    for position, area in enumerate(lower):
        number = (district - 1) * len(lower) + position
        # E069 is none of the ranges that the Office for National Statistics gives out.
        authority = area.area_type == "local_authority"
        codes[area.area_code] = f"E069{number:05d}" if authority else f"X{_letters(number)}"
    return codes


def _letters(number: int) -> str:
    """AA, AB, ... ZZ, AAA, ..."""
    length = 2
    while number >= 26**length:
        number -= 26**length
        length += 1
    found = ""
    for _ in range(length):
        number, letter = divmod(number, 26)
        found = ascii_uppercase[letter] + found
    return found


def _areas_like(seeds: Registry, places: dict[str, str], district: int) -> dict[str, Area]:
    made = {}
    for position, area in enumerate(seeds.areas.values()):
        if area.area_type == "system":
            continue
        name = _word(district * len(seeds.areas) + position, PLACE_ENDINGS)
        code = places[area.area_code]
        parent = places.get(area.parent_code or "", area.parent_code)
        made[code] = Area(area.area_type, code, name, parent)
    return made


def _provider_like(
    seeds: Registry, model: Provider, number: int, places: dict[str, str], district: int
) -> tuple[Provider, list[Service]]:
    """The provider of that number, from 0, with its services, modelled on one of the seeds."""
    theirs = [one for one in seeds.services.values() if one.provider_code == model.provider_code]
    if not district:
        return model, theirs
    word = _word(number - len(seeds.providers), ENDINGS)
    code = f"{word[:2].upper()}{number + 1:02d}"
    name = f"{word} {theirs[0].service_name.lower()} (demonstration)"
    services = [
        replace(
            one,
            service_code=one.service_code.replace(model.provider_code, code),
            provider_code=code,
            place_code=places[one.place_code],
        )
        for one in theirs
    ]
    return replace(model, provider_code=code, provider_name=name), services


def _word(number: int, endings: tuple[str, ...]) -> str:
    """An invented name; after as many as there are, they come again with a beginning before."""
    words = [first + last for last, first in product(endings, BEGINNINGS)]
    again, number = divmod(number, len(words))
    return words[number] if not again else f"{BEGINNINGS[again % len(BEGINNINGS)]} {words[number]}"


def _fitted(registry: Registry, first_month: date) -> Registry:
    """The registry with everybody active from the sample's first month at the earliest, so that no
    return is expected which the sample does not hold; those who were there from the registry's
    first month are there from the sample's, and those who had gone before it had not."""
    earliest = min(provider.active_from for provider in registry.providers.values())
    if first_month == earliest:
        return registry

    def provider(one: Provider) -> Provider:
        begins = first_month if one.active_from == earliest else max(one.active_from, first_month)
        gone = one.active_to is not None and one.active_to < begins
        return replace(one, active_from=begins, active_to=None if gone else one.active_to)

    def service(one: Service) -> Service:
        opens = min(one.open_from, first_month) if one.open_from == earliest else one.open_from
        gone = one.open_to is not None and one.open_to < first_month
        return replace(one, open_from=opens, open_to=None if gone else one.open_to)

    return Registry(
        providers={code: provider(one) for code, one in registry.providers.items()},
        services={code: service(one) for code, one in registry.services.items()},
        areas=registry.areas,
    )
