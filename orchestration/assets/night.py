"""What one night's refresh works on: read once, shared by its steps."""

from __future__ import annotations

import hashlib
from functools import cached_property

from expectations.standard import Registry
from orchestration import state
from orchestration.facts import standard
from orchestration.intake.judge import CompiledRules, compile_rules
from orchestration.intake.receive import (
    Received,
    all_received,
    look_into_inbox,
    receive,
    unknown_entries,
)
from orchestration.registry import load_registry
from orchestration.settings import Settings, settings_from_environment


class Night:
    """The settings of a refresh and what follows from them alone."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def registry(self) -> Registry:
        """The commissioner's registry; raises RegistryError where it cannot be used."""
        return load_registry(self.settings.registry)

    @cached_property
    def judging_context(self) -> str:
        """A digest of the registry and the rules."""
        return state.judging_context(self.settings)

    @cached_property
    def rules(self) -> CompiledRules:
        """The standard's rules as SQL."""
        return compile_rules(standard())

    def receive(self) -> int:
        """Keeps what is new in the inbox; gives how many returns were looked at."""
        entries = look_into_inbox(self.settings.returns)
        most = standard().limits.received_bytes
        return receive(entries, self.settings.received, self.settings.ledger, most)

    def received(self) -> list[Received]:
        """Every return ever received."""
        return all_received(self.settings.received, self.settings.ledger)

    @property
    def release_id(self) -> str:
        """The identifier of the release that these returns make."""
        return state.release_id(self.settings, self.received())

    def is_published(self) -> bool:
        """Whether the release of these returns is up already."""
        return state.published_release(self.settings) == self.release_id

    def inbox_digest(self) -> str:
        """A digest of what lies in the inbox, the registry, the code and the month."""
        entries = look_into_inbox(self.settings.returns)
        parts = [f"{entry.inbox}/{entry.path.name} {entry.stamp}" for entry in entries]
        return hashlib.sha256("\n".join([self.release_id, *parts]).encode()).hexdigest()

    def has_news(self) -> bool:
        """Whether a refresh would publish anything new; looks without keeping anything."""
        entries = look_into_inbox(self.settings.returns)
        return bool(unknown_entries(entries, self.settings.ledger)) or not self.is_published()


def night() -> Night:
    """Tonight's work, by the settings of the environment."""
    return Night(settings_from_environment())
