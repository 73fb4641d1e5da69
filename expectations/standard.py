"""The return standard and the registry, as types.

Here belong the shapes of the facts that judging needs. How they are read from `seeds/` or from the
commissioner's registry belongs to `orchestration.facts` and `orchestration.registry`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

FieldType = Literal["id", "link_key", "code", "integer", "decimal", "date", "month", "text"]
Severity = Literal["reject", "error", "warning", "info"]

FIELD_TYPES: tuple[FieldType, ...] = (
    "id",
    "link_key",
    "code",
    "integer",
    "decimal",
    "date",
    "month",
    "text",
)
SEVERITIES: tuple[Severity, ...] = ("reject", "error", "warning", "info")
TABLE_KINDS = ("manifest", "state", "event")
MANIFEST = "return"


@dataclass(frozen=True)
class Field:
    """One column of a table of the standard. `minimum` and `maximum` bound a number; for text,
    `maximum` is its greatest length in characters. `references` is `table.field` or None."""

    table: str
    name: str
    type: FieldType
    required: bool
    key: bool
    code_list: str | None
    minimum: int | None
    maximum: int | None
    references: str | None
    description: str


@dataclass(frozen=True)
class Table:
    """One table of a return, with its fields in the order of the standard."""

    name: str
    kind: str
    mandatory: bool
    grain: str
    description: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        """The field of that name; raises KeyError where the table has none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(f"{self.name}.{name}")

    def has(self, name: str) -> bool:
        """Whether the table has a field of that name."""
        return any(field.name == name for field in self.fields)

    @property
    def keys(self) -> tuple[Field, ...]:
        """The fields that together tell one row from another."""
        return tuple(field for field in self.fields if field.key)


@dataclass(frozen=True)
class Code:
    """One entry of a code list, as the list spells it."""

    code: str
    label: str


@dataclass(frozen=True)
class AssessmentMeasure:
    """What can be scored: its range, inclusive, in `unit`."""

    measure: str
    label: str
    unit: str
    minimum: int
    maximum: int
    better: str


@dataclass(frozen=True)
class Rule:
    """One rule of the standard. In `rule`, `<table>`, `<field>` and so on stand for each that fits.
    `message` and `how_to_mend` may hold {found}, {expected}, {table}, {field}, {description}."""

    rule: str
    level: str
    severity: Severity
    holds_when: str
    message: str
    how_to_mend: str


@dataclass(frozen=True)
class RuleExample:
    """What a rule accepts and what it refuses, as changes to the example return.

    rule: the pattern of rules.csv. stands_for: the rule as it stands in the example. passing and
    failing: the changes, a line each. message: what the judge says of the failing one.
    """

    rule: str
    stands_for: str
    passing: tuple[str, ...]
    failing: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Limits:
    """The commissioner's limits on what is read and accepted: see `seeds/policy/limits.csv`."""

    received_bytes: int
    unpacked_bytes: int
    members: int
    columns: int
    row_bytes: int
    table_cells: int
    workbook_cells: int
    judging_seconds: int
    excluded_share_per_cent: int
    excluded_share_least_rows: int


@dataclass(frozen=True)
class Standard:
    """Everything that judging needs to know of the standard."""

    tables: dict[str, Table]
    codes: dict[str, tuple[Code, ...]]
    assessment_measures: dict[str, AssessmentMeasure]
    rules: dict[str, Rule]
    limits: Limits


@dataclass(frozen=True)
class Provider:
    """A provider of the registry; months are first days, `active_to` None while active."""

    provider_code: str
    provider_name: str
    sector: str
    active_from: date
    active_to: date | None


@dataclass(frozen=True)
class Service:
    """A service of the registry, run by one provider at one place."""

    service_code: str
    service_name: str
    provider_code: str
    place_code: str
    tier: int
    open_from: date
    open_to: date | None


@dataclass(frozen=True)
class Area:
    """A place, local authority or system."""

    area_type: str
    area_code: str
    area_name: str
    parent_code: str | None


@dataclass(frozen=True)
class Registry:
    """Who is expected to send returns, about which services, where."""

    providers: dict[str, Provider]
    services: dict[str, Service]
    areas: dict[str, Area]
