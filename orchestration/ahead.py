"""What later steps of a refresh need, imported while this process waits for dbt.

The gate's and the site's libraries take four seconds to import. While dbt computes, in a process of
its own, there is nothing else to do for them here.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

# Of the gate, of its report, and of the site.
NEEDED_LATER = (
    "pandas",
    "great_expectations",
    "great_expectations.render.renderer.site_builder",
    "altair",
    "mkdocs.commands.build",
)


@contextmanager
def importing(modules: Sequence[str] = NEEDED_LATER) -> Iterator[None]:
    """Imports the modules, one after the other, while what stands within is done.

    At the end none is still being imported: two threads must not be at the same package at once.
    One that is wrong is wrong again, and told, where it is needed.
    """
    ended = threading.Event()

    def import_them() -> None:
        for module in modules:
            if ended.is_set():
                return
            with suppress(Exception):
                importlib.import_module(module)

    thread = threading.Thread(target=import_them, name="importing ahead")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        # Not from within itself, where what is broken off is cleared away by whoever comes by.
        if thread is not threading.current_thread():
            thread.join()
