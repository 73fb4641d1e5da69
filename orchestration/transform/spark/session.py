"""The Spark session in which dbt's target `spark` runs: dbt-spark takes that of its process."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOCAL = "local[2]"
MEMORY = "2g"
ON_ONE_MACHINE = {
    # So little that more parts cost more than they spare.
    "spark.sql.shuffle.partitions": "2",
    # Folders are listed where the process runs, however many there are.
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
    # The machine's name need not lead anywhere.
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}


class SparkMissing(Exception):
    """Spark cannot be run here; the message says what to install."""


def start_session(folder: Path, master: str = LOCAL, memory: str = MEMORY) -> SparkSession:
    """A session that keeps what it has to keep in `folder`, with `memory` (such as 2g) for Java.

    Its catalogue is in memory, so that nothing of an earlier run is found again. Where the process
    has a session already, that one is given.

    Raises SparkMissing where PySpark or Java is not installed, or Spark does not start.
    """
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise SparkMissing(
            "PySpark is not installed: `uv sync --locked --inexact --extra spark`"
        ) from None
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise SparkMissing("Java 17 or later is not installed: Debian's default-jre-headless")
    builder = SparkSession.builder.appName("inclusion-outcomes").master(master)
    asked = _settings(folder, memory) | (ON_ONE_MACHINE if master.startswith("local") else {})
    for name, value in asked.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except (PySparkException, Py4JError):
        raise SparkMissing(
            f"Spark did not start on {master}: it needs Java 17 or later, and a known master"
        ) from None


def _settings(folder: Path, memory: str) -> dict[str, str]:
    return {
        "spark.driver.memory": memory,
        "spark.local.dir": str(folder / "aside"),
        "spark.sql.warehouse.dir": str(folder / "other"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.adaptive.enabled": "true",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # Its warnings can quote a row.
        "spark.log.level": "OFF",
    }
