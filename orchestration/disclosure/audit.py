"""The audit of a release, part by part: what the last audit found from the same is taken from it,
and the rest found out by as many processes as there are processors.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context

from pandas import DataFrame

from orchestration.disclosure.child import answers_of_child, begin_child, is_ready
from orchestration.disclosure.digests import of_audit, of_part
from orchestration.disclosure.geography import Geography
from orchestration.disclosure.kept import KeptAnswers
from orchestration.disclosure.part import Part, answers, clean, findings
from orchestration.disclosure.protect import Policy

# With fewer claims than this, a part is audited before another process would have begun.
WORTH_A_PROCESS = 10_000

# Processes that have begun before there was anything to audit.
_begun: list[ProcessPoolExecutor] = []


def begin_processes() -> None:
    """Has the processes of the next audit begin now, beside whatever is done before it: they take
    about a second to import what they need."""
    if _others() and not _begun:
        processes = _processes()
        with _no_script():
            for _ in range(_others()):
                processes.submit(is_ready)
        _begun.append(processes)


def audit(
    parts: Iterable[Part],
    geography: Geography,
    policy: Policy,
    kept: KeptAnswers | None = None,
) -> Iterator[DataFrame]:
    """What was found, part by part as each is done: the claims that are small and hidden, or that
    are to be hidden further, with the columns of `FINDINGS`.

    `least` and `most` are what a reader can tell of the count, from one sum after another;
    `is_exposed` says that too little can be hidden to protect it, and `was_told_before` that this
    is so only because of what earlier releases told; `sums_hold` is false where the exact counts do
    not fit a sum that should hold.

    `parts` are best given with the largest first. They are taken one by one, and no more of them
    held than there are processors. What `kept` holds is not worked out again; what is worked out is
    kept there, in place of what this audit had no use for.
    """
    of_all = of_audit(geography, policy)
    with ExitStack() as at_end:
        processes = at_end.enter_context(_begun.pop()) if _begun else None
        running: dict[Future[DataFrame], tuple[Part, str]] = {}

        def done(answered: DataFrame, part: Part, name: str) -> DataFrame:
            if kept:
                kept.keep(name, answered, part.key)
            return findings(part, answered)

        for part in parts:
            name = ""
            if kept:
                claims = clean(part.claims)
                name = of_part(part, claims, of_all)
                answered = kept.find(name, claims, part.key)
                if answered is not None:
                    yield findings(part, answered)
                    continue
            for future in [future for future in running if future.done()]:
                yield done(future.result(), *running.pop(future))
            # One processor is for this process, which takes what the others have no room for.
            is_room = len(running) < _others()
            if is_room and (processes or len(part.claims) >= WORTH_A_PROCESS):
                processes = processes or at_end.enter_context(_processes())
                with _no_script():
                    future = processes.submit(
                        answers_of_child, part, of_all, geography, policy, kept is not None
                    )
                running[future] = part, name
            else:
                answered = answers(part, geography, policy, look_again=kept is not None)
                yield done(answered, part, name)
        for future in as_completed(list(running)):
            yield done(future.result(), *running.pop(future))
    if kept:
        kept.forget_others(of_all)


def _others() -> int:
    """How many processes there may be beside this one."""
    return (os.cpu_count() or 1) - 1


def _processes() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        _others(),
        mp_context=get_context("spawn"),
        initializer=begin_child,
        initargs=(os.getpid(),),
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
