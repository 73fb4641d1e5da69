"""A process that audits parts for another one; it imports no more than it needs for that."""

from __future__ import annotations

from pandas import DataFrame

from orchestration.child import end_with_parent
from orchestration.disclosure.geography import Geography
from orchestration.disclosure.part import Part, answers
from orchestration.disclosure.protect import Policy

_given: list[tuple[Geography, Policy]] = []


def begin_child(parent: int, geography: Geography, policy: Policy) -> None:
    """Once in each process, so that what follows from the geography is found out once there."""
    end_with_parent(parent)
    _given[:] = [(geography, policy)]


def answers_of_child(part: Part, look_again: bool) -> DataFrame:
    """`answers` in this process."""
    geography, policy = _given[0]
    return answers(part, geography, policy, look_again=look_again)
