"""What one night's refresh works on: read once, shared by its steps."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from functools import cached_property

from expectations.standard import Registry
from orchestration import state
from orchestration.facts import standard
from orchestration.intake.judge import CompiledRules, compile_rules
from orchestration.intake.lake import (
    Receipt,
    batches,
    judge_batch,
    load_receipts,
    promote,
    refused_for_number,
    standing_receipts,
    to_be_judged,
)
from orchestration.intake.receive import (
    Received,
    all_received,
    look_into_inbox,
    receive,
    unknown_entries,
)
from orchestration.registry import load_registry
from orchestration.settings import Settings, settings_from_environment
from orchestration.transform.sources import write_sources


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

    def receipts(self) -> tuple[list[Receipt], set[str]]:
        """The receipt of each return that was judged, and the return_ids of those whose number
        another file had taken."""
        receipts = standing_receipts(self.received(), self.settings.ledger)
        return receipts, refused_for_number(receipts)

    def judge(self, say: Callable[[str], None]) -> int:
        """Judges what waits for it, and takes accepted rows into the lake; gives how many waited.

        `say` is told of the progress.
        """
        settings, context = self.settings, self.judging_context
        shutil.rmtree(settings.aside, ignore_errors=True)
        waiting = to_be_judged(
            self.received(), load_receipts(settings.ledger), context, settings.as_at, settings.lake
        )
        done = 0
        for batch in batches(waiting):
            judge_batch(
                batch,
                self.rules,
                self.registry,
                context,
                settings.as_at,
                settings.aside,
                settings.ledger,
            )
            done += len(batch)
            say(f"judged {done} of {len(waiting)} returns")
        receipts, refused = self.receipts()
        promote(settings.aside, receipts, refused, settings.lake)
        return len(waiting)

    def lay_out_sources(self) -> None:
        """Lays out what dbt reads, and fixes which release it makes."""
        receipts, refused = self.receipts()
        write_sources(self.settings, standard(), self.registry, receipts, refused, self.release_id)

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
