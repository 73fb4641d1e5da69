"""What the gate is given and what it answers.

Everything comes in as arguments: the tables as pandas frames, and the facts that the gate cannot
know by itself. Nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pandas import DataFrame


class GateError(Exception):
    """A check could not be carried out. This is a fault of the gate or of how it was called, and
    says nothing about whether the tables may be published: nothing may be published on it."""


@dataclass(frozen=True)
class GateFacts:
    """What the gate must know of the catalogue, the standard and the policy.

    Columns are given in the order in which the tables have them. `breakdown_values` maps a
    breakdown to the values it may have (`all` to `("all",)`); `indicator_breakdowns` an indicator
    to the breakdowns it may have, `all` among them. `rule_severities` maps every rule, by the name
    that stands in `validation_failures.rule`, to its severity.
    """

    release_id: str

    # The catalogue.
    indicator_statistics: Mapping[str, str]
    indicator_breakdowns: Mapping[str, tuple[str, ...]]
    money_indicators: frozenset[str]
    measures: tuple[str, ...]
    period_types: tuple[str, ...]
    area_types: tuple[str, ...]
    breakdown_values: Mapping[str, tuple[str, ...]]
    statuses: tuple[str, ...]

    # The standard.
    states: tuple[str, ...]
    severities: tuple[str, ...]
    rule_severities: Mapping[str, str]

    # The policy of disclosure control.
    smallest_shown_count: int
    rounding_base: int
    least_denominator: int
    pounds_base: int
    least_possible_counts: int

    # The columns of the tables.
    published_columns: tuple[str, ...]
    return_status_columns: tuple[str, ...]
    validation_failures_columns: tuple[str, ...]
    returns_columns: tuple[str, ...]
    derived_columns: Mapping[str, tuple[str, ...]]

    # The codes of the tables that are made from published_indicators, by the column they stand in.
    derived_codes: Mapping[str, tuple[str, ...]]

    # Narratives: the columns of their table, the domains and kinds they may have, and how long the
    # standard lets a text be, in characters.
    narratives_columns: tuple[str, ...]
    domains: tuple[str, ...]
    narrative_kinds: tuple[str, ...]
    narrative_longest: int

    # Columns of the standard that name a person or a person's record, beyond those that the gate
    # tells by their names alone.
    identifier_columns: frozenset[str] = frozenset()


@dataclass(frozen=True)
class WholeTable:
    """What the gate must know of all rows of published_indicators where not all are given to it.

    `counts` has the number of rows (`rows`) and the newest period (`newest`) of each indicator_id,
    area_type, area_code and status; `counts_then` the same of the last release. `places` has each
    different period_type, period_start, area_type, area_code, returns_expected and
    returns_in_effect; `texts` each different text of a column once, as `where` (`table.column`) and
    `text`. `let_through_before` is how many rows are not given: each is as the same gate let
    it through, but for the name of the release, which is this one's, and so are all rows of its
    period and area.
    """

    counts: DataFrame
    counts_then: DataFrame
    places: DataFrame
    texts: DataFrame
    let_through_before: int


@dataclass(frozen=True)
class GateTables:
    """The tables to be judged, one frame each; `contracts.md` gives their columns.

    `returns` has one row for each provider_code and period (a month), with the numbers expected,
    received, in_effect and rejected. `catalogue` has at least indicator_id, domain, statistic,
    numerator, denominator and multiplier; `areas` at least area_type and area_code.
    `comparisons`, `funnels`, `funnel_limits`, `changes`, `change_verdicts`, `targets`,
    `inequalities` and `coverage` are made from published_indicators and have the columns of
    `GateFacts.derived_columns`; so has `revisions`, made from them and the last release's.
    `disclosure_audit` is the audit's own account, a row for each count of people and financial
    year.
    `reconciliation` has the columns what (words), expected and found (numbers): counts that two
    places must agree on. `narratives` are the words to be published.
    `previous` is the last release's published_indicators, None before the first. Where `whole` is
    given, published_indicators and `previous` hold but some of their rows: all of every period and
    area in which any row has changed, all of everyone (breakdown `all`), and all that inequalities
    and revisions speak of. Where it is not, they hold all. A frame may hold
    dates as datetimes, dates or ISO text, numbers with gaps, and texts as categories; two tables'
    categories of one column must be one list.
    """

    published_indicators: DataFrame
    return_status: DataFrame
    validation_failures: DataFrame
    returns: DataFrame
    catalogue: DataFrame
    areas: DataFrame
    reconciliation: DataFrame
    comparisons: DataFrame
    funnels: DataFrame
    funnel_limits: DataFrame
    changes: DataFrame
    change_verdicts: DataFrame
    targets: DataFrame
    inequalities: DataFrame
    coverage: DataFrame
    revisions: DataFrame
    disclosure_audit: DataFrame
    narratives: DataFrame
    previous: DataFrame | None = None
    whole: WholeTable | None = None


@dataclass(frozen=True)
class CheckResult:
    """What became of one expectation.

    `expectation` is a sentence in plain English. `found` is short and holds counts, and at most
    the names of providers, areas, indicators, columns or reconciled counts: never a row, nor the
    value of a cell that concerns people.
    """

    suite: str
    expectation: str
    success: bool
    found: str
