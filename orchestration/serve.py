"""Dagster's own web page and daemon, with the nightly schedule and the inbox sensor on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from orchestration.operation import nightly_at
from orchestration.refresh import export_settings
from orchestration.settings import Settings
from orchestration.transform.dbt import manifest

# How often it is looked whether both still run, in seconds.
PAUSE = 1.0


def serve(settings: Settings, port: int, is_day_given: bool, say: Callable[[str], None]) -> int:
    """Runs the webserver and the daemon until one of them ends or this process is told to end.

    Gives the exit status of the one that ended first. Unless the day was given, each refresh is
    told as at the day on which it runs. Raises SettingsError where the schedule's time is none.
    """
    nightly_at()  # one that is wrong is told before anything is started
    export_settings(settings)
    if not is_day_given:
        del os.environ["OUTCOMES_AS_AT"]
    webserver, daemon = (
        str(Path(sys.executable).with_name(name))
        for name in ("dagster-webserver", "dagster-daemon")
    )
    module = ["-m", "orchestration.definitions"]
    commands = [
        [webserver, *module, "--host", "127.0.0.1", "--port", str(port)],
        [daemon, "run", *module],
    ]
    manifest(settings)  # parsed once, before the two processes that both look for it
    say(f"Dagster's page will be at http://127.0.0.1:{port}; end with Ctrl-C")
    running = [subprocess.Popen(command) for command in commands]

    def end(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    try:
        while all(program.poll() is None for program in running):
            time.sleep(PAUSE)
        return next(code for program in running if (code := program.poll()) is not None)
    except KeyboardInterrupt:
        return 0
    finally:
        for program in running:
            program.terminate()
        for program in running:
            program.wait()
