"""A process that ends at once has done all that was to be done, and says how it ended."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import atexit
import sys
from orchestration.ending import end_at_once

class Module:
    def __del__(self):
        print("taken apart")

module = Module()
atexit.register(print, "done at the end")
sys.stdout.write("said, ")
if sys.argv[1:]:
    end_at_once(int(sys.argv[1]))
if sys.argv[2:]:
    raise ValueError(sys.argv[2])
"""
CALLED = """
import sys
from orchestration.cli import main
try:
    main(["--version"])
except SystemExit:
    pass
sys.exit(3)
"""


def ended(*arguments: str) -> tuple[int, str]:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, check=False
    )
    assert run.stderr == ""
    return run.returncode, run.stdout


def test_all_is_said_and_done_and_nothing_taken_apart() -> None:
    assert ended("3") == (3, "said, done at the end\n")


def test_a_process_that_does_not_ask_for_it_ends_as_ever() -> None:
    assert ended() == (0, "said, done at the end\ntaken apart\n")


def test_the_command_ends_with_its_status_when_it_is_a_program() -> None:
    script = "from orchestration.cli import main; main()"
    for arguments, status in ((["--help"], 0), (["refresh", "--returns", "nowhere"], 2)):
        run = subprocess.run(
            [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False
        )
        assert (run.returncode, bool(run.stdout or run.stderr)) == (status, True)


def test_a_process_that_fails_after_all_says_so() -> None:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, "0", "after all"], capture_output=True, check=False
    )
    assert run.returncode == 1


def test_a_program_that_calls_the_command_ends_as_it_says_itself() -> None:
    run = subprocess.run([sys.executable, "-c", CALLED], capture_output=True, check=False)
    assert run.returncode == 3
