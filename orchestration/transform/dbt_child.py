"""dbt as the refresh runs it, as the command `outcomes-dbt`: it ends when the refresh does.

`OUTCOMES_REFRESH_PROCESS` is the id of the process that runs it. It is dbt with the arguments that
it is given. `outcomes-dbt prepare` though, with flags of dbt's if any, reads the project, writes
one line of JSON to standard output, `{"complaint": ...}`, null where all is well, and waits for a
line on standard input: a JSON list of arguments, with which dbt is then run on the project as it
was read. Where standard input ends, so does it. `orchestration.transform.dbt` is the other end.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, TextIO

from orchestration.child import end_with_parent
from orchestration.ending import end_at_once
from orchestration.transform.dbt import DBT, REFRESH_PROCESS

if TYPE_CHECKING:
    from dbt_common.events.base_types import EventMsg

PREPARE = "prepare"
# dbt's own account of itself, of which every line is made and most are thrown away.
SILENT = ("--log-level", "none")
SAID = ("info", "warn", "error")
# As the command dbt ends: all is well, something that was run failed, dbt could not run at all.
DONE, FAILED, BROKEN = 0, 1, 2


def main() -> int:
    """Becomes dbt, with the arguments that this process was given or is told later."""
    end_with_parent(int(os.environ[REFRESH_PROCESS]))
    if sys.argv[1:2] != [PREPARE]:
        os.execv(DBT, [str(DBT), *sys.argv[1:]])
    status = _prepare(sys.argv[2:])
    end_at_once(status)
    return status


def _prepare(flags: Sequence[str]) -> int:
    from dbt.cli.main import dbtRunner

    parsed_by = _Sayer()
    parsed = dbtRunner(callbacks=[parsed_by.hear]).invoke([*SILENT, *flags, "parse"])
    complaint = None if parsed.success else "\n".join([*parsed_by.errors, f"{parsed.exception}"])
    print(json.dumps({"complaint": complaint}), flush=True)
    # What the audit needs, the longest of what dbt runs, is imported while this waits.
    from orchestration.disclosure.audit import begin_processes

    # The project as it was read stays: Python need not look through it for garbage again and again.
    gc.freeze()
    line = sys.stdin.readline()
    if not line:
        return DONE
    begin_processes()
    # A project that could not be read is read once more, and what is wrong with it told as ever.
    manifest = parsed.result if parsed.success else None
    runner = dbtRunner(manifest, callbacks=[_Sayer(sys.stdout).hear])  # type: ignore[arg-type]
    ended = runner.invoke([*SILENT, *json.loads(line)])
    if ended.success:
        return DONE
    return FAILED if ended.exception is None else BROKEN


class _Sayer:
    """Says what dbt has to say as dbt's own log of JSON does, a line for each event, but makes no
    lines of what nobody is to be told: of six thousand, five thousand and more."""

    def __init__(self, to: TextIO | None = None) -> None:
        self.to = to
        self.errors: list[str] = []
        self.one_at_a_time = Lock()

    def hear(self, event: EventMsg) -> None:
        """Told of each event, by several threads."""
        from dbt_common.events.functions import env_scrubber, msg_to_json

        level = event.info.level
        if level == "error":
            self.errors.append(str(event.info.msg))  # type: ignore[attr-defined]
        if self.to is not None and level in SAID:
            with self.one_at_a_time:
                self.to.write(f"{env_scrubber(msg_to_json(event))}\n")
                self.to.flush()
