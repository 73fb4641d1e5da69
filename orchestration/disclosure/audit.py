"""The audit of a release, part by part: what was found at the last audit from the same is taken from
there, and the rest found out by as many processes as there are processors.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context

from pandas import DataFrame

from orchestration.disclosure.child import audited_by_child, begin_child
from orchestration.disclosure.digests import of_audit, of_part
from orchestration.disclosure.geography import Geography
from orchestration.disclosure.kept import KeptFindings
from orchestration.disclosure.part import Found, Part, Told, audited, clean
from orchestration.disclosure.protect import Policy

# With fewer claims than this, a part is audited before another process would have begun.
WORTH_A_PROCESS = 10_000


def audit(
    parts: Iterable[Part],
    geography: Geography,
    policy: Policy,
    kept: KeptFindings | None = None,
) -> Iterator[DataFrame]:
    """What was found, part by part as each is done: the claims that are small and hidden, or that
    are to be hidden further, with the columns of `FINDINGS`.

    `least` and `most` are what a reader can tell of the count, from one sum after another;
    `is_exposed` says that too little can be hidden to protect it, and `was_told_before` that the
    earlier releases by themselves had told it; `sums_hold` is false where the exact counts do not
    fit a sum that should hold.

    `parts` are best told with the largest first; they are taken one by one, and never more of them
    held than there are processors. What is in `kept` is not worked out again, and what is
    found is kept there in place of all that it held.
    """
    of_all = of_audit(geography, policy) if kept else None
    with ExitStack() as at_end:
        processes: ProcessPoolExecutor | None = None
        running: set[Future[Found]] = set()
        for part in parts:
            of_this = None
            if kept and of_all:
                told = Told(clean(part.claims))
                of_this = of_part(part, told.claims, of_all)
                found = kept.find((told.name(of_this), told.exact_name(of_this)))
                if found is not None:
                    yield found
                    continue
            done = {future for future in running if future.done()}
            running -= done
            for future in done:
                yield _kept(future.result(), kept)
            # One processor is for this process, which takes what the others have no room for.
            is_room = len(running) < (os.cpu_count() or 1) - 1
            if is_room and (processes or len(part.claims) >= WORTH_A_PROCESS):
                processes = processes or at_end.enter_context(_processes(geography, policy))
                with _no_script():
                    running.add(processes.submit(audited_by_child, part, of_this))
            else:
                yield _kept(audited(part, geography, policy, of_this), kept)
        for future in as_completed(running):
            yield _kept(future.result(), kept)
    if kept:
        kept.forget_others()


def _processes(geography: Geography, policy: Policy) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        (os.cpu_count() or 1) - 1,
        mp_context=get_context("spawn"),
        initializer=begin_child,
        initargs=(os.getpid(), geography, policy),
    )


@contextmanager
def _no_script() -> Iterator[None]:
    """A process that is started imports the script that this one was started with. That is dbt,
    two seconds of work for nothing, so it is not told which script it was."""
    main = vars(sys.modules["__main__"])
    script = main.pop("__file__", None)
    try:
        yield
    finally:
        if script is not None:
            main["__file__"] = script


def _kept(found: Found, kept: KeptFindings | None) -> DataFrame:
    if kept:
        kept.keep(found.names, found.findings)
    return found.findings
