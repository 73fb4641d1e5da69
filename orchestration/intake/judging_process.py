"""One of the processes that judge returns.

It is started by `judging_pool`, told by a file what it judges by, and then sent one batch after
another. What it says to that: `At` before each return that it reads and after the last, which is
also the sign that it lives, and in the end `Judged` or `Raised`. It ends with the process that
started it. A file that takes more memory than there is, or makes a library crash, ends this process
and nothing else.
"""

from __future__ import annotations

import os
import pickle
import resource
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from orchestration.child import end_with_parent
from orchestration.intake.judge import EXAMPLE, judge
from orchestration.intake.lake import Bounds, Judging, Receipt, judge_batch
from orchestration.intake.receive import Received

# What reading a return may take beside the database. The largest that the limits let in takes half
# as much.
READING_BYTES = 1 << 30
# A thread's stack counts as if it were used.
THREAD_BYTES = 16 << 20
# Where memory is short, the system is to end this process before the refresh.
FIRST_TO_GO = "500"


@dataclass(frozen=True)
class Begin:
    """What a process judges by, and what it may take."""

    judging: Judging
    bounds: Bounds


@dataclass(frozen=True)
class Task:
    """Returns to be judged together, with `aside` as their own folder; by their places, those that
    are told to be unreadable, and why. Without returns, the example return is judged: whether
    anything can be."""

    returns: tuple[Received, ...]
    aside: Path
    unreadable: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class At:
    """The place of the return that is about to be read; None where all are, or a new attempt at
    judging them begins."""

    place: int | None


@dataclass(frozen=True)
class Judged:
    """The receipts of the task's returns, which are in the ledger, as all else is."""

    receipts: tuple[Receipt, ...]


@dataclass(frozen=True)
class Raised:
    """What was raised."""

    error: Exception


def write_begin(path: Path, begin: Begin) -> None:
    """Writes down what the processes judge by, for `main`."""
    path.write_bytes(pickle.dumps(begin))


def main() -> None:
    """Judges what comes by the connection that the arguments name: its number, the id of the
    process that it leads to, and the file that says what to judge by."""
    number, parent, begin = sys.argv[1:]
    end_with_parent(int(parent))
    serve(Connection(int(number)), pickle.loads(Path(begin).read_bytes()))


def serve(connection: Connection, begin: Begin) -> None:
    """Judges what comes until the connection is closed."""
    _bound(begin.bounds)
    while True:
        try:
            task: Task = connection.recv()
        except EOFError:
            return
        try:
            answer: Judged | Raised = Judged(tuple(_judged(task, begin, connection)))
        except Exception as error:
            answer = Raised(_that_can_be_sent(error))
        connection.send(answer)


def _judged(task: Task, begin: Begin, connection: Connection) -> list[Receipt]:
    judging, bounds = begin.judging, begin.bounds
    if not task.returns:
        with bounds.connect(task.aside) as database:
            judge(
                database,
                [EXAMPLE],
                judging.rules,
                judging.registry,
                judging.as_at,
                task.aside / "text",
            )
        return []
    return judge_batch(
        task.returns,
        judging,
        bounds,
        task.aside,
        task.unreadable,
        lambda place: connection.send(At(place)),
    )


def _that_can_be_sent(error: Exception) -> Exception:
    """The error, or its class where it cannot be taken to pieces and put together again; with where
    it was raised, for the operator."""
    error.add_note("".join(traceback.format_tb(error.__traceback__)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(type(error).__name__)
    return error


def _bound(bounds: Bounds) -> None:
    """Bounds the memory of this process, and has it leave no picture of its memory behind, in which
    rows of returns would be, when it crashes."""
    most = bounds.memory_bytes + READING_BYTES + bounds.threads * THREAD_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Only Linux has it, and not everywhere may it be written.
    with suppress(OSError):
        Path(f"/proc/{os.getpid()}/oom_score_adj").write_text(FIRST_TO_GO, encoding="ascii")
