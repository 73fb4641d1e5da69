"""May these finished tables be published? The gate's Great Expectations suites.

`interface` holds what the gate is given and what it answers, `frames` and `relations` lay the
tables out so that a broken promise is a column that is true, `personal` finds what could tell who
a person is, `checks` says what a suite is, `suites`, `derived`, `goals`, `audit` and `revisions`
what is expected, `whole` sums up what is asked of all rows though not all are given, `running` asks
Great Expectations, `report` makes the operator's report fetch nothing. Great Expectations is
imported only while a suite runs.

What belongs here: whether a finished table keeps its promises. What does not: what a provider sent
(`expectations.rules`), keys and relations between models (dbt's tests), any indicator's definition.
"""

from expectations.gate.interface import (
    CheckResult,
    GateError,
    GateFacts,
    GateTables,
    WholeTable,
)
from expectations.gate.running import check_names, run_gate, run_suite, sentences
from expectations.gate.suites import PREVIOUS_COLUMNS

__all__ = [
    "PREVIOUS_COLUMNS",
    "CheckResult",
    "GateError",
    "GateFacts",
    "GateTables",
    "WholeTable",
    "check_names",
    "run_gate",
    "run_suite",
    "sentences",
]
