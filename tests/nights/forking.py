"""A process in which all that is heavy is imported, and which forks a refresh whenever it is asked.

`python -m tests.nights.forking` reads from standard input, line by line, a JSON list: a file for
what is said, and the arguments of a command `outcomes`. For each it writes two lines to standard
output: the number of the process that does it, and, once that has ended, its status as `waitpid`
gives it. A refresh begins with several seconds of imports, which a test that makes seventy of them
cannot afford.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback

HEAVY = (
    "altair", "dagster", "dagster_dbt", "duckdb", "great_expectations", "mkdocs.commands.build",
    "mkdocs.config", "pandas", "scipy.optimize", "vl_convert",
)  # fmt: skip


def main() -> None:
    """Forks until standard input ends."""
    for module in HEAVY:
        importlib.import_module(module)
    for line in sys.stdin:
        process = os.fork()
        if not process:
            _become(*json.loads(line))
        print(process, flush=True)
        _, status = os.waitpid(process, 0)
        print(status, flush=True)


def _become(said: str, *arguments: str) -> None:
    """Does what the command does, and ends as it does."""
    file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(file, stream)
    from orchestration.cli import main as outcomes

    status = 1
    try:
        outcomes(list(arguments))
    except SystemExit as ended:
        status = int(ended.code or 0)
    except BaseException:
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
