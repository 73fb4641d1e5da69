"""What one night's refresh works on: read once, shared by its steps."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from functools import cached_property

from expectations.standard import Limits, Registry
from orchestration import state
from orchestration.facts import catalogue, standard
from orchestration.intake.arrivals import standing_still
from orchestration.intake.history import judge_histories, new_histories
from orchestration.intake.judge import CompiledRules, compile_rules
from orchestration.intake.judging_pool import Pool, cores, judge_batches
from orchestration.intake.lake import (
    Judging,
    Receipt,
    batches,
    promote,
    refused_for_number,
    remove_overtaken,
    set_aside_damaged,
    standing_receipts,
    to_be_judged,
)
from orchestration.intake.receive import (
    INDEX,
    Received,
    all_received,
    is_as_received,
    look_into_inbox,
    lost_returns,
    receive,
    unknown_entries,
    unreadable_inboxes,
    write_whole,
)
from orchestration.private import close_to_others, make_private
from orchestration.registry import FILES as REGISTRY_FILES
from orchestration.registry import load_registry
from orchestration.registry_goals import GOAL_FILES, Goals, load_goals
from orchestration.release_store import INPUTS, REGISTRY, is_taken_back, published_release
from orchestration.settings import Settings, settings_from_environment
from orchestration.transform import warehouse
from orchestration.transform.sources import write_sources


class OvertakenError(Exception):
    """What was judged is not what the release would be named by."""


class LostReturns(Exception):
    """Copies of returns are gone, which nothing else holds; the message says what to do."""


class InboxAway(Exception):
    """The folder of the inboxes is not there, as when a network folder is away."""


class ClockSetBack(Exception):
    """Today lies before the day as at which the release that is up is told."""


class Night:
    """The settings of a refresh and what follows from them alone."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def registry(self) -> Registry:
        """The commissioner's registry; raises RegistryError where it cannot be used."""
        return load_registry(self.settings.registry)

    @cached_property
    def goals(self) -> Goals:
        """The commissioner's targets and breaks, refused ones among them; raises RegistryError
        where a file cannot be read at all."""
        return load_goals(self.settings.registry, self.registry, catalogue())

    @cached_property
    def judging_context(self) -> str:
        """A digest of the registry and the rules."""
        return state.judging_context(self.settings)

    @cached_property
    def rules(self) -> CompiledRules:
        """The standard's rules as SQL."""
        return compile_rules(standard())

    def check_clock(self) -> None:
        """Raises ClockSetBack where the clock gives a day before that of the release that is up:
        months that had ended would be open again. A day that was given may be any."""
        up = published_release(self.settings)
        if up is not None and not self.settings.is_day_given and self.settings.as_at < up.as_at:
            raise ClockSetBack(
                f"the clock says {self.settings.as_at}, and the release that is up is told as at "
                f"{up.as_at}. Set the clock right, or name the day: --as-at"
            )

    def receive(self, still_seconds: int = 0, say: Callable[[str], None] = lambda _: None) -> int:
        """Keeps what is new in the inbox; gives how many returns were looked at.

        What has not stood still for so many seconds is left for the next refresh, and `say` told.
        Raises LostReturns where the copy of a return is gone, and the inbox does not hold it;
        InboxAway where there is no folder of inboxes: that is not one with nothing in it.
        """
        if not self.settings.returns.is_dir():
            raise InboxAway(f"there is no inbox at {self.settings.returns}: bring the folder back")
        received, ledger = self.settings.received, self.settings.ledger
        for inbox in unreadable_inboxes(self.settings.returns):
            say(f"the inbox {inbox} may not be read: what lies in it is left out")
        unknown = unknown_entries(look_into_inbox(self.settings.returns), received, ledger)
        still = standing_still(unknown, still_seconds)
        if len(still) < len(unknown):
            left = len(unknown) - len(still)
            say(f"{left} returns are still arriving: they are left for the next refresh")
        most = standard().limits.received_bytes
        looked_at = receive(still, received, ledger, most)
        lost = lost_returns(received, ledger)
        if lost:
            raise LostReturns(
                f"{len(lost)} returns that were received are no longer in {received}, and not in "
                f"the inbox: {', '.join(f'{inbox}/{one}' for inbox, one in lost[:5])}"
                f"{', ...' if len(lost) > 5 else ''}. Put {received} back from the backup. To do "
                f"without one for good, take its entry out of {ledger / INDEX}"
            )
        return looked_at

    def received(self) -> list[Received]:
        """Every return ever received."""
        return all_received(self.settings.received, self.settings.ledger)

    @property
    def release_id(self) -> str:
        """The identifier of the release that these returns make."""
        return state.release_id(self.settings, self.received())

    def is_published(self) -> bool:
        """Whether the release of these returns is up already."""
        up = published_release(self.settings)
        return up is not None and up.release_id == self.release_id

    def is_taken_back(self) -> bool:
        """Whether the operator took back the release of these returns."""
        return is_taken_back(self.settings, self.release_id)

    def receipts(self) -> tuple[list[Receipt], set[str]]:
        """The receipt of each return that was judged, and the return_ids of those whose number
        another file had taken."""
        receipts = standing_receipts(self.received(), self.settings.ledger)
        return receipts, refused_for_number(receipts)

    def waiting(self) -> list[Received]:
        """The returns that have no judgement that stands."""
        received = self.received()
        receipts = standing_receipts(received, self.settings.ledger)
        refused = refused_for_number(receipts)
        return to_be_judged(
            received,
            receipts,
            refused,
            self.judging_context,
            self.settings.as_at,
            self.settings.lake,
        )

    def judge(self, say: Callable[[str], None]) -> int:
        """Judges what waits for it, and takes accepted rows into the lake; gives how many waited.

        `say` is told of the progress.
        """
        settings, context = self.settings, self.judging_context
        shutil.rmtree(settings.aside, ignore_errors=True)
        make_private(settings.aside)
        self._set_aside_damaged(say)
        waiting = self._set_aside_damaged_copies(say)
        done = 0

        def tell(judged: int) -> None:
            nonlocal done
            done += judged
            say(f"judged {done} of {len(waiting)} returns")

        judging = Judging(self.rules, self.registry, context, settings.as_at, settings.ledger)
        limits = self.rules.standard.limits
        lots = batches(waiting, limits) if waiting else ()
        asides = judge_batches(self.judging_pool(limits), lots, judging, settings.aside, tell)
        receipts, refused = self.receipts()
        promote(asides, receipts, refused, settings.lake, settings.ledger)
        compared = judge_histories(standard(), receipts, refused, settings.ledger, settings.aside)
        if compared:
            say(f"compared {compared} returns with the months before them")
        return len(waiting)

    def judging_pool(self, limits: Limits) -> Pool:
        """The processes that judge: as many as there are processors."""
        return Pool(cores(), seconds=limits.judging_seconds)

    def _set_aside_damaged(self, say: Callable[[str], None]) -> None:
        """Takes damaged files out of the lake, so that their returns are judged anew."""
        settings = self.settings
        receipts, refused = self.receipts()
        found = set_aside_damaged(
            receipts, refused, settings.lake, settings.ledger, settings.damaged
        )
        if found and settings.warehouse.exists():
            # It may have read what was damaged, and would not read again what is judged the same.
            warehouse.distrust(settings, "files of the lake that it may have read were damaged")
        for receipt in found:
            say(
                f"the lake's rows of {receipt.provider_code}, {receipt.period}, submission "
                f"{receipt.submission_no} are damaged: they were set aside in {settings.damaged}, "
                "and the return is judged anew. Have the disk looked at."
            )
            close_to_others(settings.damaged)

    def _set_aside_damaged_copies(self, say: Callable[[str], None]) -> list[Received]:
        """Takes damaged copies of returns that wait to be judged out of what was received, and
        takes those returns from the inbox anew; gives the returns that wait. Raises LostReturns
        where they are not there."""
        settings = self.settings
        waiting = self.waiting()
        damaged = [one for one in waiting if not is_as_received(one)]
        for one in damaged:
            target = settings.damaged / "received" / one.inbox / one.return_id
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(target, ignore_errors=True)
            one.kept.parent.replace(target)
            say(
                f"the copy of a return of {one.inbox} is damaged: it was set aside in {target}, "
                "and the return is taken from the inbox anew. Have the disk looked at."
            )
        if damaged:
            close_to_others(settings.damaged)
            self.receive()
            waiting = self.waiting()
        return waiting

    def lay_out_sources(self, say: Callable[[str], None]) -> None:
        """Lays out what dbt reads, and fixes which release it makes.

        Raises WarehouseInUse where another program has the warehouse open, OvertakenError where the
        judgements are no longer those of the registry, the rules or the day: a release is named by
        what it was made of.
        """
        receipts, refused = self.receipts()
        if self.waiting() or new_histories(receipts, refused, self.settings.ledger):
            raise OvertakenError(
                "the registry, the rules or the month changed while this ran; run it again"
            )
        reason = warehouse.begin(self.settings)
        if reason:
            say(f"the warehouse is made anew from the lake: {reason}")
        write_sources(
            self.settings,
            standard(),
            self.registry,
            self.goals,
            receipts,
            refused,
            self.release_id,
        )
        close_to_others(self.settings.warehouse)
        self._note_inputs()
        remove_overtaken(self.settings.lake, receipts, refused)

    def _note_inputs(self) -> None:
        """Keeps what the warehouse's tables are made of, so that they can be made again."""
        inputs = self.settings.inputs
        shutil.rmtree(inputs, ignore_errors=True)
        make_private(inputs)
        (inputs / REGISTRY).mkdir()
        for name in (*REGISTRY_FILES, *GOAL_FILES):
            if (self.settings.registry / name).is_file():
                shutil.copy2(self.settings.registry / name, inputs / REGISTRY / name)
        returns = [
            [one.return_id, one.inbox, one.source_name, one.received_at.isoformat()]
            for one in self.received()
        ]
        write_whole(inputs / INPUTS, json.dumps(returns, indent=0))
        # It names files, and its copy lies beside what everybody reads.
        close_to_others(inputs / INPUTS)

    def write_reports(self, say: Callable[[str], None]) -> int:
        """Writes the reports of the providers for whom anything changed; gives how many."""
        from orchestration.reports.write import write_reports

        kept = {one.return_id: one.kept for one in self.received()}
        receipts, _ = self.receipts()
        return write_reports(
            self.settings,
            standard(),
            catalogue(),
            self.registry,
            {receipt.judgement_id: kept[receipt.return_id] for receipt in receipts},
            say,
        )

    def inbox_digest(self) -> str:
        """A digest of what lies in the inbox, the registry, the code and the month: it does not
        change while a refresh takes it in."""
        entries = look_into_inbox(self.settings.returns)
        parts = [f"{entry.inbox}/{entry.name} {entry.stamp}" for entry in entries]
        parts.append(state.release_id(self.settings, []))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def has_news(self) -> bool:
        """Whether a refresh would publish anything new; looks without keeping anything."""
        entries = look_into_inbox(self.settings.returns)
        if unknown_entries(entries, self.settings.received, self.settings.ledger):
            return True
        return not self.is_published() and not self.is_taken_back()


def night() -> Night:
    """Tonight's work, by the settings of the environment."""
    return Night(settings_from_environment())
