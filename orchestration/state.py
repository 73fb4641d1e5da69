"""What a release is made of, as one digest: the same returns, registry, facts, code and month give
the same release, and so a refresh knows whether there is anything new.

The day as at which a release is told counts by its month alone: months end, days do not matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date

from orchestration.intake.receive import Received
from orchestration.registry import registry_digest
from orchestration.registry_goals import GOAL_FILES
from orchestration.settings import PROJECT, Settings

# What judging depends on, and what all else depends on. A change in one means judging anew, or
# computing and publishing anew.
JUDGING = ("seeds/standard", "seeds/policy/limits.csv", "expectations/rules",
           "expectations/standard.py", "orchestration/intake")  # fmt: skip
COMPUTING = ("seeds/catalogue", "seeds/policy", "seeds/statistics", "dbt_project/models",
             "dbt_project/macros", "dbt_project/dbt_project.yml", "orchestration", "expectations",
             "site", "uv.lock")  # fmt: skip
# What figures are worked out and protected by, beside the returns and the registry.
RULES = (*JUDGING, "seeds/policy", "seeds/statistics", "dbt_project/models", "dbt_project/macros",
         "orchestration/disclosure")  # fmt: skip
CODE = {".py", ".sql", ".csv", ".yml", ".md", ".css", ".html", ".lock", ".js", ".svg", ".txt"}


def digest_of_files(names: Iterable[str]) -> str:
    """A digest of the project's files below `names`, their names and what they hold."""
    digest = hashlib.sha256()
    for name in names:
        top = PROJECT / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and path.suffix in CODE:
                digest.update(path.relative_to(PROJECT).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def judging_context(settings: Settings) -> str:
    """A digest of what judging depends on beside the return itself: the registry and the rules."""
    parts = [registry_digest(settings.registry), digest_of_files(JUDGING)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def rules_digest() -> str:
    """A digest of the rules by which returns are judged and figures worked out and protected."""
    return digest_of_files(RULES)[:16]


def code_digest() -> str:
    """A digest of all that a release is made by beside its returns and the registry."""
    return digest_of_files((*JUDGING, *COMPUTING))[:16]


def release_id(settings: Settings, received: Iterable[Received]) -> str:
    """The identifier of the release that these returns make: 12 hex digits."""
    parts = [judging_context(settings), digest_of_files(COMPUTING), f"{_month(settings.as_at)}"]
    # Targets and breaks change what is published, but not how a return is judged.
    parts.append(registry_digest(settings.registry, GOAL_FILES))
    parts += sorted(
        f"{one.return_id}|{one.received_at.isoformat()}|{one.source_name}" for one in received
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def _month(day: date) -> str:
    return f"{day:%Y-%m}"
