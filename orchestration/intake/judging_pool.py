"""Judging by several processes at once: what one return does to its process costs no other.

Each batch is given to a process that is free. A process that dies, or shows no sign of life for too
long, is ended and another takes its place; what it had in hand is judged again, the return that it
was reading by itself and after all others. Only a return that ends its process when it is alone is
told to be unreadable, and only where the example return does not do so too: else the fault is the
machine's.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path

import duckdb

from orchestration.intake.judging_process import At, Begin, Judged, Raised, Task, write_begin
from orchestration.intake.lake import Bounds, Judging
from orchestration.intake.receive import Received

# Imported, and not run as a module: what it sends is then known by the same name on both sides.
COMMAND = (
    sys.executable, "-P", "-c", "from orchestration.intake.judging_process import main; main()",
)  # fmt: skip
# For the databases of all processes together; with less than so much for its own, one is slow.
MEMORY_BYTES = 2 << 30
LEAST_BYTES = 256 << 20
# A return that takes longer than this share of its time is put off until the others are judged.
PATIENCE_IN_COMPANY = 0.25
# What the processes say, such as why one could not begin: nobody's but the operator's, as it may
# quote a row.
SAID = "judging.txt"
BEGIN = "judging.pickle"
# So often, in seconds, the pool looks whether a process is overdue, if nothing is heard.
LOOK = 1.0


class JudgingFailed(Exception):
    """The processes that judge end before they have judged even the example return."""


@dataclass(frozen=True)
class Pool:
    """How many processes judge at most; for how many seconds one may give no sign of life; how many
    bytes of memory the databases of all of them have together; and the command that starts one."""

    processes: int
    seconds: float
    memory_bytes: int = MEMORY_BYTES
    command: Sequence[str] = COMMAND
    clock: Callable[[], float] = time.monotonic


def cores() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def judge_batches(
    pool: Pool,
    batches: Iterable[Sequence[Received]],
    judging: Judging,
    aside: Path,
    done: Callable[[int], None] = lambda _: None,
) -> list[Path]:
    """Judges each batch as `judge_batch` does; gives the folders, in `aside`, in which the rows
    wait for `promote`, one for each batch or part of one.

    `done` is told how many returns were judged, whenever some were. Raises JudgingFailed where
    nothing can be judged, and what a process raised that no return is to blame for.
    """
    aside.mkdir(parents=True, exist_ok=True)
    return _Round(pool, judging, aside, done).run(batches)


@dataclass(frozen=True)
class _Lot:
    """Returns to be judged together. `reason`: why the only one of them is unreadable. `asks`: the
    reason to tell of that one if the example return, which is judged instead, can be judged."""

    returns: tuple[Received, ...]
    reason: str | None = None
    asks: str | None = None

    def task(self, aside: Path) -> Task:
        if self.asks:
            return Task((), aside)
        return Task(self.returns, aside, {0: self.reason} if self.reason else {})


@dataclass
class _Worker:
    """A process, what it has in hand, the return that it is reading, and when it last gave a sign
    of life."""

    process: subprocess.Popen[bytes]
    connection: Connection
    lot: _Lot | None = None
    aside: Path = Path()
    place: int | None = None
    seen: float = 0

    def end(self) -> None:
        self.connection.close()
        self.process.kill()
        self.process.wait()


@dataclass
class _Round:
    """All batches of a night, until they are judged."""

    pool: Pool
    judging: Judging
    aside: Path
    done: Callable[[int], None]
    waiting: deque[_Lot] = field(default_factory=deque)
    workers: list[_Worker] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    attempts: int = 0
    processes: int = 1

    def run(self, batches: Iterable[Sequence[Received]]) -> list[Path]:
        self.waiting.extend(_Lot(tuple(batch)) for batch in batches)
        room = self.pool.memory_bytes // LEAST_BYTES
        self.processes = max(1, min(self.pool.processes, len(self.waiting), room))
        threads = max(1, self.pool.processes // self.processes)
        bounds = Bounds(self.pool.memory_bytes // self.processes, threads)
        write_begin(self.aside / BEGIN, Begin(self.judging, bounds))
        try:
            while self.waiting or any(worker.lot for worker in self.workers):
                self._hand_out()
                busy = {worker.connection: worker for worker in self.workers if worker.lot}
                soonest = min(self._deadline(worker) for worker in busy.values())
                patience = max(0, min(LOOK, soonest - self.pool.clock()))
                for ready in wait(list(busy), patience):
                    self._hear(busy[ready])  # type: ignore[index]
                for worker in self._overdue(self.pool.clock()):
                    self._fail(worker, f"it takes longer than {self.pool.seconds:g} seconds")
        finally:
            for worker in self.workers:
                worker.end()
        return self.folders

    def _hand_out(self) -> None:
        idle = deque(worker for worker in self.workers if not worker.lot)
        while self.waiting and (idle or len(self.workers) < self.processes):
            worker = idle.popleft() if idle else self._start()
            self.attempts += 1
            worker.lot, worker.place = self.waiting.popleft(), None
            worker.aside = self.aside / f"batch-{self.attempts}"
            worker.aside.mkdir()
            worker.seen = self.pool.clock()
            self._send(worker, worker.lot.task(worker.aside))

    def _start(self) -> _Worker:
        ours, theirs = socket.socketpair()
        with theirs, (self.aside / SAID).open("ab") as said:
            process = subprocess.Popen(
                [
                    *self.pool.command,
                    str(theirs.fileno()),
                    str(os.getpid()),
                    str(self.aside / BEGIN),
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        worker = _Worker(process, Connection(ours.detach()))
        self.workers.append(worker)
        return worker

    def _send(self, worker: _Worker, task: Task) -> None:
        # Of one that is dead, nothing will be heard.
        with suppress(OSError):
            worker.connection.send(task)

    def _hear(self, worker: _Worker) -> None:
        try:
            said = worker.connection.recv()
        except (EOFError, OSError):
            self._fail(worker, "the program that reads it breaks down over it")
            return
        worker.seen = self.pool.clock()
        if isinstance(said, At):
            worker.place = said.place
        elif isinstance(said, Raised):
            if isinstance(said.error, MemoryError | duckdb.OutOfMemoryException):
                worker.place = None
                self._fail(worker, "it takes more memory than there is")
            else:
                raise said.error
        elif isinstance(said, Judged):
            self._take(worker)

    def _take(self, worker: _Worker) -> None:
        """What a worker had in hand is judged."""
        lot, worker.lot = worker.lot, None
        assert lot is not None
        if lot.asks:
            # It is not the machine: the return is to blame.
            self.waiting.append(_Lot(lot.returns, reason=lot.asks))
            shutil.rmtree(worker.aside, ignore_errors=True)
            return
        self.folders.append(worker.aside)
        self.done(len(lot.returns))

    def _fail(self, worker: _Worker, reason: str) -> None:
        """Ends a worker, and has what it had in hand judged otherwise."""
        worker.end()
        self.workers.remove(worker)
        # Nobody must take half a file into the lake.
        shutil.rmtree(worker.aside, ignore_errors=True)
        lot, place = worker.lot, worker.place
        assert lot is not None
        if lot.asks or lot.reason:
            raise JudgingFailed(
                "nothing can be judged, not even the example return: "
                f"{self.aside / SAID} may say why"
            )
        returns = lot.returns
        if len(returns) == 1:
            self.waiting.append(_Lot(returns, asks=reason))
        elif place is not None:
            others = returns[:place] + returns[place + 1 :]
            self.waiting.appendleft(_Lot(others))
            self.waiting.append(_Lot((returns[place],)))
        else:
            middle = len(returns) // 2
            self.waiting.appendleft(_Lot(returns[middle:]))
            self.waiting.appendleft(_Lot(returns[:middle]))

    def _overdue(self, now: float) -> list[_Worker]:
        """The workers of which nothing was heard for too long. What one has said in the meantime is
        heard first, or the return before the one that it is reading would be blamed."""
        late = [w for w in self.workers if w.lot and self._deadline(w) <= now]
        return [worker for worker in late if not worker.connection.poll()]

    def _deadline(self, worker: _Worker) -> float:
        """When the worker is taken for stuck."""
        in_company = worker.place is not None and worker.lot and len(worker.lot.returns) > 1
        return worker.seen + self.pool.seconds * (PATIENCE_IN_COMPANY if in_company else 1)
