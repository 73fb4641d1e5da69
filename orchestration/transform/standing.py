"""What dbt need not make again in a warehouse that was kept: what the last night made there, and
would be the same if it were made tonight.

A warehouse is kept only where the same code and the same facts made it (`warehouse.begin`). So a
view in it is what it would be, and so is a table that is computed from facts alone, and no return
flows into. It is enough that it is there: dbt puts up a table or view whole, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import duckdb

from orchestration.settings import Settings

# Where what the last night left is read while a model is compiled: what was compiled last night
# may be other SQL than what would be tonight.
KEPT_MACROS = "macros/kept.sql"

Manifest = Mapping[str, Any]


def standing(settings: Settings, manifest: Manifest) -> dict[str, str]:
    """The names of the seeds and models, under their unique ids, that stand as they are.

    `manifest` is dbt's. None stand where there is no warehouse yet.
    """
    lasting = lasting_nodes(manifest)
    if not settings.warehouse.exists():
        return {}
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        there = set(
            connection.execute(
                "select schema_name, table_name from duckdb_tables() "
                "union all select schema_name, view_name from duckdb_views()"
            ).fetchall()
        )
    nodes = manifest["nodes"]
    return {
        node: nodes[node]["name"]
        for node in lasting
        if (nodes[node]["schema"], nodes[node]["alias"]) in there
    }


def all_but(names: Iterable[str]) -> list[str]:
    """What dbt is told, to leave these out; but no test that looks at them too."""
    left_out = " ".join(names)
    return ["--exclude", left_out, "--indirect-selection", "empty"] if left_out else []


class InOrder:
    """Which of what stands is to be told before something else: each once, and in order.

    What stands may be made from what dbt makes tonight (a view of such a table), and the other way
    about.
    """

    def __init__(self, manifest: Manifest, stand: Iterable[str]) -> None:
        self.nodes = manifest["nodes"]
        self.untold = dict.fromkeys(stand)

    def before(self, node: str) -> Iterator[str]:
        """What of it the node is made from, and was not told yet."""
        for above in self.nodes[node].get("depends_on", {}).get("nodes", []):
            if above in self.untold:
                yield from self._told(above)

    def rest(self) -> Iterator[str]:
        """What was not told yet; what dbt made is."""
        while self.untold:
            yield from self._told(next(iter(self.untold)))

    def _told(self, node: str) -> Iterator[str]:
        del self.untold[node]
        yield from self.before(node)
        yield node


def lasting_nodes(manifest: Manifest) -> list[str]:
    """The unique ids of the seeds and models that differ from night to night only where the code
    or the facts do."""
    nodes, macros = manifest["nodes"], manifest["macros"]

    @cache
    def is_fact(node: str) -> bool:
        """Whether no return, and nothing else that comes at night, flows into it."""
        if node not in nodes:
            return False
        if nodes[node]["resource_type"] == "seed":
            return True
        return is_steady(node) and all(map(is_fact, nodes[node]["depends_on"]["nodes"]))

    @cache
    def looks_back(macro: str) -> bool:
        """Whether the macro, or one that it uses, may ask what the last night left."""
        return any(macros[one]["original_file_path"] == KEPT_MACROS for one in used_by(macro))

    def used_by(macro: str) -> set[str]:
        """The macro and those that it uses; some of them use each other."""
        found, waiting = {macro}, [macro]
        while waiting:
            new = set(macros[waiting.pop()]["depends_on"]["macros"]) - found
            found |= new
            waiting += new
        return found

    def is_steady(node: str) -> bool:
        """Whether it is compiled to the same SQL each night."""
        return not any(map(looks_back, nodes[node]["depends_on"]["macros"]))

    def is_view(node: str) -> bool:
        return nodes[node]["config"].get("materialized") == "view" and is_steady(node)

    return [
        node
        for node, found in nodes.items()
        if found["resource_type"] == "seed"
        or (found["resource_type"] == "model" and (is_view(node) or is_fact(node)))
    ]
