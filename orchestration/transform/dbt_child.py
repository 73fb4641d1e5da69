"""dbt as the refresh runs it, as the command `outcomes-dbt`: it ends when the refresh does.

`OUTCOMES_REFRESH_PROCESS` is the id of the process that runs it. It is dbt with the arguments that
it is given. `outcomes-dbt prepare` though, with flags of dbt's if any, reads the project, writes
one line of JSON to standard output, `{"complaint": ...}`, null where all is well, and waits for a
line on standard input: a JSON list of arguments, with which dbt is then run on the project as it
was read. Where standard input ends, so does it. `orchestration.transform.dbt` is the other end.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO

from orchestration.child import end_with_parent
from orchestration.transform.dbt import DBT, REFRESH_PROCESS

PREPARE = "prepare"
# As the command dbt ends: all is well, something that was run failed, dbt could not run at all.
DONE, FAILED, BROKEN = 0, 1, 2


def main() -> int:
    """Becomes dbt, with the arguments that this process was given or is told later."""
    end_with_parent(int(os.environ[REFRESH_PROCESS]))
    if sys.argv[1:2] != [PREPARE]:
        os.execv(DBT, [str(DBT), *sys.argv[1:]])
    return _prepare(sys.argv[2:])


def _prepare(flags: Sequence[str]) -> int:
    from dbt.cli.main import dbtRunner

    said = StringIO()
    with redirect_stdout(said):
        parsed = dbtRunner().invoke(["--quiet", *flags, "parse"])
    complaint = None if parsed.success else f"{said.getvalue()}{parsed.exception or ''}"
    print(json.dumps({"complaint": complaint}), flush=True)
    line = sys.stdin.readline()
    if not line:
        return DONE
    # A project that could not be read is read once more, and what is wrong with it told as ever.
    runner = dbtRunner(parsed.result if parsed.success else None)  # type: ignore[arg-type]
    ended = runner.invoke(json.loads(line))
    if ended.success:
        return DONE
    return FAILED if ended.exception is None else BROKEN
