"""Processes that a refresh starts: none of them outlives it.

A refresh that is killed cannot end what it started. A dbt that went on writing the warehouse would
meet the next refresh there, so each such process asks the operating system to be ended with the one
that started it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

# From Linux's <sys/prctl.h>: the signal that a process gets when its parent ends.
PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """Has this process killed when the one that started it, of the id `parent`, ends.

    To be called by the process itself, at its beginning. Does nothing on other systems than Linux,
    where what a killed refresh leaves behind ends by itself.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # The parent may have ended before that.
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
