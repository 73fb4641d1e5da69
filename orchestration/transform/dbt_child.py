"""dbt as the refresh runs it, as the command `outcomes-dbt`: it ends when the refresh does.

`OUTCOMES_REFRESH_PROCESS` is the id of the process that runs it.
"""

from __future__ import annotations

import os
import sys

from orchestration.child import end_with_parent
from orchestration.transform.dbt import DBT, REFRESH_PROCESS


def main() -> None:
    """Becomes dbt, with the arguments that this process was given."""
    end_with_parent(int(os.environ[REFRESH_PROCESS]))
    os.execv(DBT, [str(DBT), *sys.argv[1:]])
