"""A process that audits parts for another one; it imports no more than it needs for that."""

from __future__ import annotations

from pandas import DataFrame

from orchestration.child import end_with_parent
from orchestration.disclosure.geography import Geography
from orchestration.disclosure.part import Part, answers
from orchestration.disclosure.protect import Policy

# What the parts of one audit have in common, under its digest.
_known: dict[bytes, tuple[Geography, Policy]] = {}


def begin_child(parent: int) -> None:
    """Once in each process."""
    end_with_parent(parent)


def is_ready() -> bool:
    """Whether this process has begun, and imported what it needs."""
    return True


def answers_of_child(
    part: Part, of_all: bytes, geography: Geography, policy: Policy, look_again: bool
) -> DataFrame:
    """`answers` in this process. `of_all` is the digest of geography and policy: what follows from
    the geography is found out once here."""
    geography, policy = _known.setdefault(of_all, (geography, policy))
    return answers(part, geography, policy, look_again=look_again)
