"""A process ends without being taken apart first.

Before Python ends it takes every module apart. With Dagster and Great Expectations that is a second
and a half of work for which somebody waits, and nothing comes of it. To be imported early: what is
registered with `atexit` after it is still done.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys

_status: int | None = None


def end_at_once(status: int) -> None:
    """Has this process end with that status as soon as all is done that was to be done at its end.

    To be called where nothing comes any more but that end.
    """
    global _status  # noqa: PLW0603 - there is one end
    _status = status


@atexit.register
def _end() -> None:
    # A program that failed after all ends as Python has it end.
    if _status is None or hasattr(sys, "last_type"):
        return
    try:
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except OSError:
        # Nobody reads what was said: Python has a status for that, and says so.
        return
    os._exit(_status)
