"""On what a benchmark ran."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path


def machine(packages: Iterable[str]) -> dict[str, object]:
    """The processor, its cores, the memory in GB, the load before, and the versions of Python and
    of `packages`."""
    cpu = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = next((line for line in cpu.splitlines() if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": model.partition(":")[2].strip() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
    }
