"""The commissioner's registry: three CSV files, read and checked.

A registry that contradicts itself is a matter of configuration: `RegistryError` says which file,
which line, what was found and what was expected.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.standard import Area, Provider, Registry, Service

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

FILES = ("providers.csv", "services.csv", "areas.csv")
SECTORS = ("nhs", "la", "vcse")
# A place belongs to a local authority, a local authority to a system.
PARENT_TYPE = {"place": "local_authority", "local_authority": "system", "system": None}
# Codes become folder names, so nothing that means something to a file system may stand in them.
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class RegistryError(Exception):
    """The registry cannot be used; the message says where and why."""


def registry_digest(folder: Path, names: Iterable[str] = FILES) -> str:
    """A digest of files of the registry as they are; an optional one that is absent counts as such,
    which is not the same as an empty one. Raises FileNotFoundError where one of the three is."""
    digest = hashlib.sha256()
    for name in names:
        path = folder / name
        there = name in FILES or path.is_file()
        digest.update(path.read_bytes() + b"\0" if there else b"\1")
    return digest.hexdigest()


def load_registry(folder: Path) -> Registry:
    """The registry in `folder`. Raises RegistryError where a file is missing or contradicts."""
    providers: dict[str, Provider] = {}
    for where, row in _rows(folder / "providers.csv", Provider):
        code = _new_code(where, row["provider_code"], providers)
        if row["sector"] not in SECTORS:
            raise RegistryError(f"{where}: sector is {row['sector']!r}, not one of {SECTORS}")
        providers[code] = Provider(
            provider_code=code,
            provider_name=row["provider_name"],
            sector=row["sector"],
            active_from=_month(where, row["active_from"]),
            active_to=_month(where, row["active_to"]) if row["active_to"] else None,
        )
    areas: dict[str, Area] = {}
    for where, row in _rows(folder / "areas.csv", Area):
        code = _new_code(where, row["area_code"], areas)
        if row["area_type"] not in PARENT_TYPE:
            raise RegistryError(f"{where}: area_type is {row['area_type']!r}")
        areas[code] = Area(row["area_type"], code, row["area_name"], row["parent_code"] or None)
    for area in areas.values():
        expected = PARENT_TYPE[area.area_type]
        parent = areas.get(area.parent_code) if area.parent_code else None
        if (parent.area_type if parent else None) != expected:
            raise RegistryError(
                f"areas.csv: the parent of {area.area_code} must be "
                f"{'a ' + expected if expected else 'empty'}, found {area.parent_code!r}"
            )
    services: dict[str, Service] = {}
    for where, row in _rows(folder / "services.csv", Service):
        code = _new_code(where, row["service_code"], services)
        if row["provider_code"] not in providers:
            raise RegistryError(
                f"{where}: provider {row['provider_code']!r} is not in providers.csv"
            )
        place = areas.get(row["place_code"])
        if place is None or place.area_type != "place":
            raise RegistryError(f"{where}: {row['place_code']!r} is not a place of areas.csv")
        if row["tier"] not in ("0", "1", "2", "3"):
            raise RegistryError(f"{where}: tier is {row['tier']!r}, expected 0, 1, 2 or 3")
        services[code] = Service(
            service_code=code,
            service_name=row["service_name"],
            provider_code=row["provider_code"],
            place_code=row["place_code"],
            tier=int(row["tier"]),
            open_from=_day(where, row["open_from"]),
            open_to=_day(where, row["open_to"]) if row["open_to"] else None,
        )
    return Registry(providers=providers, services=services, areas=areas)


def _rows(path: Path, shape: type[DataclassInstance]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each row with where it stands; the header must hold the columns of `shape`."""
    if not path.is_file():
        raise RegistryError(f"{path} is missing; a registry holds {', '.join(FILES)}")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise RegistryError(f"{path.name} is not UTF-8 text") from None
    reader = csv.DictReader(text.splitlines())
    columns = [column.name for column in fields(shape)]
    missing = set(columns) - set(reader.fieldnames or ())
    if missing:
        raise RegistryError(f"{path.name}: no column {', '.join(sorted(missing))}")
    for row in reader:
        where = f"{path.name} line {reader.line_num}"
        yield where, {name: (row[name] or "").strip() for name in columns}


def _new_code(where: str, code: str, taken: Iterable[str]) -> str:
    if not CODE.fullmatch(code):
        raise RegistryError(f"{where}: the code {code!r} may hold letters, digits, _ and - only")
    if code.lower() in {other.lower() for other in taken}:
        raise RegistryError(f"{where}: {code} stands twice")
    return code


def _day(where: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RegistryError(f"{where}: {text!r} is not a day written YYYY-MM-DD") from None


def _month(where: str, text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}", text):
        raise RegistryError(f"{where}: {text!r} is not a month written YYYY-MM")
    return _day(where, text + "-01")
