"""Whether what dbt made has each key once.

A model's key is declared beside it, as dbt's test `unique_combination`. To dbt each of these tests
is a node, which costs some hundredths of a second of its own for what takes the database one or
two thousandths, and a night has seventy. So a night has dbt leave them out, and asks the database
the same by itself. Whoever runs dbt by hand has them as tests, as ever.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.settings import Settings
from orchestration.transform import warehouse
from orchestration.transform.dbt import target_folder

# The test's name in dbt's project (`macros/test_unique_combination.sql`).
UNIQUE = "unique_combination"
# Of which release all keys were looked at, in dbt's folder.
NOTE = "keys.json"


class KeysNotUnique(Exception):
    """Models have rows of the same key, or of none; the message names the models, and no row."""


class KeysNotLookedAt(Exception):
    """Nobody has looked at all keys of a release."""


@dataclass(frozen=True)
class Key:
    """What is declared of one model: `test` is the name of dbt's test of it, `node` the model's
    unique id."""

    test: str
    node: str
    model: str
    schema: str
    table: str
    columns: tuple[str, ...]


def declared_keys(manifest: Mapping[str, Any]) -> list[Key]:
    """The keys that dbt's manifest has tests of."""
    nodes = manifest["nodes"]
    return [
        Key(
            test=test["name"],
            node=test["attached_node"],
            model=nodes[test["attached_node"]]["name"],
            schema=nodes[test["attached_node"]]["schema"],
            table=nodes[test["attached_node"]]["alias"],
            columns=tuple(test["test_metadata"]["kwargs"]["columns"]),
        )
        for test in nodes.values()
        if (test.get("test_metadata") or {}).get("name") == UNIQUE
    ]


def check_keys(settings: Settings, keys: Sequence[Key]) -> None:
    """Raises KeysNotUnique where rows of the warehouse have a key in common, or none."""
    with warehouse.read(settings.warehouse) as connection:
        # One after another: all at once would need the memory of all.
        found = sorted({k.model for k in keys if connection.execute(_broken(k)).fetchall()})
    if found:
        raise KeysNotUnique(
            f"rows of the same key, or of none, in {', '.join(found)}: "
            "this is a fault of the program, not of a return; nothing is published"
        )


def note_looked_at(settings: Settings) -> None:
    """Notes that all keys of the warehouse's tables were looked at, and found right."""
    told = json.dumps({"release_id": warehouse.release(settings)})
    (target_folder(settings) / NOTE).write_text(told, encoding="utf-8")


def forget_looked_at(settings: Settings) -> bool:
    """Takes the note away, before tables are made anew; whether it was of the warehouse's."""
    noted = _looked_at(settings)
    was_noted = noted is not None and noted == warehouse.release(settings)
    (target_folder(settings) / NOTE).unlink(missing_ok=True)
    return was_noted


def require_looked_at(settings: Settings) -> None:
    """Raises KeysNotLookedAt unless all keys of the warehouse's tables were found right: dbt makes
    all tables before they are looked at, and they are there where a key is not unique, too."""
    if _looked_at(settings) != warehouse.release(settings):
        raise KeysNotLookedAt(
            "not all keys of these tables were looked at: have all of `dbt_models` made first"
        )


def _looked_at(settings: Settings) -> str | None:
    try:
        told = json.loads((target_folder(settings) / NOTE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return str(told["release_id"])


def _broken(key: Key) -> str:
    """The statement whose rows are the keys that are there twice, or are none.

    A number is made of each key, and only keys whose numbers are the same are held against each
    other: a key is long, and a region has ten million of them.
    """
    table, columns = f"{key.schema}.{key.table}", ", ".join(key.columns)
    nulls = " or ".join(f"{column} is null" for column in key.columns)
    return (
        f"with alike as (select hash({columns}) as number from {table} "
        "group by number having count(*) > 1) "
        f"select {columns} from {table} where hash({columns}) in (from alike) "
        f"group by {columns} having count(*) > 1 "
        f"union all select {columns} from {table} where {nulls} limit 1"
    )
