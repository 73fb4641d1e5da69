"""The facts of `seeds/`, read once, typed and checked against each other.

Everything that Python knows of the standard, the catalogue and the policy comes through here. dbt
reads the same files as seeds. A contradiction between files raises `FactsError`, which names the
file, the row and what was expected.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from expectations.standard import (
    FIELD_TYPES,
    MANIFEST,
    SEVERITIES,
    TABLE_KINDS,
    AssessmentMeasure,
    Code,
    Field,
    Limits,
    Rule,
    RuleExample,
    Standard,
    Table,
)

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
EXAMPLE_RETURN = SEEDS / "example_return"
STATISTICS = ("count", "proportion", "rate", "ratio")
UNKNOWN = "unknown"
TIERS = range(4)
POLARITIES = ("higher", "lower", "neutral")
# What an area's count is of the counts of its services, in one period: their sum, since each unit
# lies at one service; or at least the largest and at most the sum, since units may overlap.
WHOLE_OF_AREAS = ("sum", "overlap")
# What a period's count is of the counts of its months: their sum; at least the largest and at most
# the sum; at least the largest; or nothing that could be said.
WHOLE_OF_TIME = ("sum", "overlap", "grows", "none")

T = TypeVar("T")
# A small return that every rule accepts: its rows by table, each a mapping of field to text.
ExampleReturn = dict[str, tuple[dict[str, str], ...]]


class FactsError(Exception):
    """Two facts of `seeds/` contradict each other, or one is not of its type."""


@dataclass(frozen=True)
class Measure:
    """Something that is counted or summed; `breakdowns` are the ways its cells are divided.

    `reads` are the fields of a return, as `table.field`, that its value depends on: those of the
    row that is counted, and those that join it to its episode, person and service. What only
    divides a value (gender, age, ethnic and inclusion group) is not among them.

    `over_areas` and `over_time` say what a whole is of its parts (see `WHOLE_OF_AREAS` and
    `WHOLE_OF_TIME`): the sums and inequalities that hold between published counts. `part_of` is the
    measure that in every cell is never less than this one, empty where there is none.
    """

    measure_id: str
    domain: str
    unit: str
    aggregation: str
    definition: str
    label: str
    breakdowns: tuple[str, ...]
    concerns_people: bool
    reads: tuple[str, ...]
    over_areas: str
    over_time: str
    part_of: str


@dataclass(frozen=True)
class Indicator:
    """One indicator: a measure, or `multiplier` times one measure over another."""

    indicator_id: str
    domain: str
    name: str
    statistic: str
    numerator: str
    denominator: str | None
    multiplier: int
    unit: str
    better: str
    outcomes_table_entry: str
    definition: str
    why_it_matters: str
    numerator_words: str
    denominator_words: str
    caveats: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """What is computed, and the words for the cells it is computed in (code to label)."""

    measures: dict[str, Measure]
    indicators: dict[str, Indicator]
    domains: dict[str, str]
    breakdowns: dict[str, str]
    period_types: dict[str, str]
    area_types: dict[str, str]
    statuses: dict[str, str]
    status_meanings: dict[str, str]
    judgements: dict[str, str]
    gap_changes: dict[str, str]
    coverage_findings: dict[str, str]
    revision_causes: dict[str, str]
    breakdown_values: dict[str, tuple[str, ...]]
    comparisons: dict[str, str]
    funnel_positions: dict[str, str]
    variations: dict[str, str]
    change_verdicts: dict[str, str]
    change_reasons: dict[str, str]

    def breakdowns_of(self, indicator: Indicator) -> tuple[str, ...]:
        """The breakdowns of an indicator: those that both its measures have."""
        top = self.measures[indicator.numerator].breakdowns
        below = self.measures[indicator.denominator].breakdowns if indicator.denominator else top
        return tuple(breakdown for breakdown in top if breakdown in below)


@dataclass(frozen=True)
class DisclosurePolicy:
    """The settings of disclosure control: see `seeds/policy/disclosure.csv` for each meaning."""

    smallest_shown_count: int
    rounding_base: int
    least_denominator: int
    pounds_base: int
    narrative_least_caseload: int
    least_possible_counts: int


@dataclass(frozen=True)
class ChangePolicy:
    """The settings of change over time: see `seeds/policy/change.csv` for each meaning."""

    least_points: int
    trial_points: int
    least_mean_count: int
    hidden_share_per_cent: int


def _rows(path: Path) -> Iterable[tuple[str, dict[str, str]]]:
    """Each row of a CSV file with the words that say where it stands."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        for row in reader:
            where = f"{path.parent.name}/{path.name} line {reader.line_num}"
            if None in row or None in row.values():
                raise FactsError(f"{where}: not as many cells as the header")
            yield where, row


def _keyed(path: Path, key: str, make: Callable[[str, dict[str, str]], T]) -> dict[str, T]:
    """The rows of a file as `make` types them, by their key, which must not repeat."""
    found: dict[str, T] = {}
    for where, row in _rows(path):
        if row[key] in found:
            raise FactsError(f"{where}: {key} {row[key]} stands twice")
        found[row[key]] = make(where, row)
    return found


def _one_of(where: str, value: str, allowed: Iterable[str], what: str) -> str:
    options = tuple(allowed)
    if value not in options:
        raise FactsError(f"{where}: {what} is {value!r}, expected one of {', '.join(options)}")
    return value


def _yes(where: str, value: str, what: str) -> bool:
    return _one_of(where, value, ("yes", "no"), what) == "yes"


def _whole(where: str, value: str, what: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise FactsError(f"{where}: {what} is {value!r}, expected a whole number") from None


def _optional_whole(where: str, value: str, what: str) -> int | None:
    return _whole(where, value, what) if value else None


def _settings(path: Path, expected: Iterable[str]) -> dict[str, int]:
    found = _keyed(path, "setting", lambda where, row: _whole(where, row["value"], row["setting"]))
    if set(found) != set(expected):
        raise FactsError(f"{path.name}: expected the settings {', '.join(sorted(expected))}")
    return found


def load_standard(seeds: Path = SEEDS) -> Standard:
    """The return standard from `seeds/standard` and its limits from `seeds/policy`.

    Raises FactsError where the files contradict each other.
    """
    folder = seeds / "standard"
    codes: dict[str, list[Code]] = {}
    for where, row in _rows(folder / "codes.csv"):
        entries = codes.setdefault(row["code_list"], [])
        if any(entry.code.lower() == row["code"].lower() for entry in entries):
            raise FactsError(f"{where}: code {row['code']} stands twice in {row['code_list']}")
        entries.append(Code(row["code"], row["label"]))

    fields: dict[str, list[Field]] = {}
    for where, row in _rows(folder / "fields.csv"):
        _one_of(where, row["type"], FIELD_TYPES, "type")
        if row["code_list"]:
            _one_of(where, row["code_list"], codes, "code_list")
        fields.setdefault(row["table"], []).append(
            Field(
                table=row["table"],
                name=row["field"],
                type=row["type"],  # type: ignore[arg-type]  # checked just above
                required=_yes(where, row["required"], "required"),
                key=_yes(where, row["key"] or "no", "key"),
                code_list=row["code_list"] or None,
                minimum=_optional_whole(where, row["minimum"], "minimum"),
                maximum=_optional_whole(where, row["maximum"], "maximum"),
                references=row["references"] or None,
                description=row["description"],
            )
        )

    def table(where: str, row: dict[str, str]) -> Table:
        if row["table"] not in fields:
            raise FactsError(f"{where}: table {row['table']} has no fields in fields.csv")
        made = Table(
            name=row["table"],
            kind=_one_of(where, row["kind"], TABLE_KINDS, "kind"),
            mandatory=_yes(where, row["mandatory"], "mandatory"),
            grain=row["grain"],
            description=row["description"],
            fields=tuple(fields[row["table"]]),
        )
        if not made.keys:
            raise FactsError(f"{where}: table {row['table']} has no key")
        return made

    tables = _keyed(folder / "tables.csv", "table", table)
    if set(fields) != set(tables):
        raise FactsError(f"fields.csv and tables.csv differ: {set(fields) ^ set(tables)}")
    known = {f"{t.name}.{f.name}" for t in tables.values() for f in t.fields}
    known.add("services.service_code")
    for made in tables.values():
        for field in made.fields:
            if field.references and field.references not in known:
                raise FactsError(
                    f"fields.csv: {made.name}.{field.name} refers to unknown {field.references}"
                )
    if MANIFEST not in tables:
        raise FactsError(f"tables.csv: no table {MANIFEST}")

    measures = _keyed(
        folder / "assessment_measures.csv",
        "measure",
        lambda where, row: AssessmentMeasure(
            measure=row["measure"],
            label=row["label"],
            unit=row["unit"],
            minimum=_whole(where, row["minimum"], "minimum"),
            maximum=_whole(where, row["maximum"], "maximum"),
            better=_one_of(where, row["better"], ("higher", "lower"), "better"),
        ),
    )
    if set(measures) != {code.code for code in codes["assessment_measure"]}:
        raise FactsError("assessment_measures.csv and the code list assessment_measure differ")

    rules = _keyed(
        folder / "rules.csv",
        "rule",
        lambda where, row: Rule(
            rule=row["rule"],
            level=_one_of(where, row["level"], ("return", "row"), "level"),
            severity=_one_of(where, row["severity"], SEVERITIES, "severity"),  # type: ignore[arg-type]
            holds_when=row["holds_when"],
            message=row["message"],
            how_to_mend=row["how_to_mend"],
        ),
    )
    limits = _settings(seeds / "policy" / "limits.csv", Limits.__dataclass_fields__)
    return Standard(
        tables=tables,
        codes={name: tuple(entries) for name, entries in codes.items()},
        assessment_measures=measures,
        rules=rules,
        limits=Limits(**limits),
    )


def load_example_return(seeds: Path = SEEDS) -> ExampleReturn:
    """The example return from `seeds/example_return`, a file for each table of the standard.

    Raises FactsError where a table has other columns than the standard, or no row.
    """
    found = {}
    for table in load_standard(seeds).tables.values():
        path = seeds / EXAMPLE_RETURN.name / f"{table.name}.csv"
        rows = tuple(row for _, row in _rows(path))
        fields = [field.name for field in table.fields]
        if not rows or any(list(row) != fields for row in rows):
            raise FactsError(f"{path.name}: expected rows with the columns {', '.join(fields)}")
        found[table.name] = rows
    return found


def load_rule_examples(seeds: Path = SEEDS) -> dict[str, RuleExample]:
    """The example of each rule, by the rule's pattern, in the order of `rules.csv`.

    Raises FactsError where a rule has none, an example has no rule, or one of its parts is empty.
    """
    folder = seeds / "standard"
    rules = load_standard(seeds).rules

    def example(where: str, row: dict[str, str]) -> RuleExample:
        empty = [column for column, value in row.items() if not value]
        if empty:
            raise FactsError(f"{where}: {', '.join(empty)} must not be empty")
        shape = re.sub("<[a-z]+>", "[a-z_]+", re.escape(row["rule"]))
        if not re.fullmatch(shape, row["stands_for"]):
            raise FactsError(f"{where}: {row['stands_for']} is not one of {row['rule']}")
        return RuleExample(
            rule=_one_of(where, row["rule"], rules, "rule"),
            stands_for=row["stands_for"],
            passing=tuple(row["passing"].splitlines()),
            failing=tuple(row["failing"].splitlines()),
            message=row["message"],
        )

    found = _keyed(folder / "rule_examples.csv", "rule", example)
    if set(found) != set(rules):
        raise FactsError(f"rule_examples.csv: no example of {', '.join(set(rules) - set(found))}")
    return {rule: found[rule] for rule in rules}


def load_catalogue(seeds: Path = SEEDS) -> Catalogue:
    """The measures, the indicators and the words of their cells, from `seeds/catalogue`.

    Raises FactsError where they contradict each other or the standard.
    """
    folder = seeds / "catalogue"
    standard = load_standard(seeds)
    domains = {code.code: code.label for code in standard.codes["domain"]}

    def labels(name: str) -> dict[str, str]:
        return _keyed(folder / f"{name}.csv", key_of[name], lambda _, row: row["label"])

    key_of = {
        "breakdowns": "breakdown_type",
        "period_types": "period_type",
        "area_types": "area_type",
        "statuses": "status",
        "comparisons": "comparison",
        "funnel_positions": "position",
        "variations": "variation",
        "change_verdicts": "verdict",
        "change_reasons": "reason",
        "judgements": "judgement",
        "gap_changes": "gap_change",
        "coverage_findings": "finding",
        "revision_causes": "cause",
    }
    words = {name: labels(name) for name in key_of}
    sent = {f"{t.name}.{f.name}" for t in standard.tables.values() for f in t.fields}

    def measure(where: str, row: dict[str, str]) -> Measure:
        breakdowns = tuple(row["breakdowns"].split(";"))
        for breakdown in breakdowns:
            _one_of(where, breakdown, words["breakdowns"], "breakdowns")
        reads = tuple(row["reads"].split(";"))
        if unknown := set(reads) - sent:
            raise FactsError(f"{where}: reads {', '.join(sorted(unknown))}, not in fields.csv")
        return Measure(
            measure_id=row["measure_id"],
            domain=_one_of(where, row["domain"], domains, "domain"),
            unit=row["unit"],
            aggregation=_one_of(where, row["aggregation"], ("distinct", "sum"), "aggregation"),
            definition=row["definition"],
            label=row["label"],
            breakdowns=breakdowns,
            concerns_people=_yes(where, row["concerns_people"], "concerns_people"),
            reads=reads,
            over_areas=_one_of(where, row["over_areas"], WHOLE_OF_AREAS, "over_areas"),
            over_time=_one_of(where, row["over_time"], WHOLE_OF_TIME, "over_time"),
            part_of=row["part_of"],
        )

    measures = _keyed(folder / "measures.csv", "measure_id", measure)
    for one in measures.values():
        if one.part_of and (one.part_of not in measures or one.part_of == one.measure_id):
            raise FactsError(f"measures.csv: {one.measure_id} is part of {one.part_of!r}")

    def indicator(where: str, row: dict[str, str]) -> Indicator:
        statistic = _one_of(where, row["statistic"], STATISTICS, "statistic")
        if (statistic == "count") != (row["denominator"] == ""):
            raise FactsError(f"{where}: a count has no denominator, anything else has one")
        return Indicator(
            indicator_id=row["indicator_id"],
            domain=_one_of(where, row["domain"], domains, "domain"),
            name=row["name"],
            statistic=statistic,
            numerator=_one_of(where, row["numerator"], measures, "numerator"),
            denominator=_one_of(where, row["denominator"], measures, "denominator")
            if row["denominator"]
            else None,
            multiplier=_whole(where, row["multiplier"], "multiplier"),
            unit=row["unit"],
            better=_one_of(where, row["better"], POLARITIES, "better"),
            outcomes_table_entry=row["outcomes_table_entry"],
            definition=row["definition"],
            why_it_matters=row["why_it_matters"],
            numerator_words=row["numerator_words"],
            denominator_words=row["denominator_words"],
            caveats=row["caveats"],
            sources=tuple(part.strip() for part in row["sources"].split(";")),
        )

    indicators = _keyed(folder / "indicators.csv", "indicator_id", indicator)
    ethnic = {
        row["ethnic_category"]: row["ethnic_group"]
        for _, row in _rows(folder / "ethnic_groups.csv")
    }
    if set(ethnic) != {code.code for code in standard.codes["ethnic_category"]}:
        raise FactsError("ethnic_groups.csv and the code list ethnic_category differ")
    return Catalogue(
        measures=measures,
        indicators=indicators,
        domains=domains,
        breakdowns=words["breakdowns"],
        period_types=words["period_types"],
        area_types=words["area_types"],
        statuses=words["statuses"],
        status_meanings=_keyed(
            folder / "statuses.csv", "status", lambda _, row: row["description"]
        ),
        judgements=words["judgements"],
        gap_changes=words["gap_changes"],
        coverage_findings=words["coverage_findings"],
        revision_causes=words["revision_causes"],
        breakdown_values={
            "all": ("all",),
            "inclusion_group": tuple(code.code for code in standard.codes["inclusion_group"]),
            "gender": tuple(code.code for code in standard.codes["gender"]),
            "age_band": (*(row["age_band"] for _, row in _rows(folder / "age_bands.csv")), UNKNOWN),
            "ethnic_group": tuple(dict.fromkeys(ethnic.values())),
            "tier": tuple(str(tier) for tier in TIERS),
        },
        comparisons=words["comparisons"],
        funnel_positions=words["funnel_positions"],
        variations=words["variations"],
        change_verdicts=words["change_verdicts"],
        change_reasons=words["change_reasons"],
    )


def load_disclosure_policy(seeds: Path = SEEDS) -> DisclosurePolicy:
    """The commissioner's settings of disclosure control; raises FactsError on a missing one, and on
    such as protect nothing."""
    path = seeds / "policy" / "disclosure.csv"
    policy = DisclosurePolicy(**_settings(path, DisclosurePolicy.__dataclass_fields__))
    if policy.rounding_base > 2 * policy.smallest_shown_count:
        raise FactsError(
            f"{path.name}: with a rounding_base of {policy.rounding_base}, a count of "
            f"{policy.smallest_shown_count} would be shown as 0; it can be at most "
            f"{2 * policy.smallest_shown_count}"
        )
    if policy.least_possible_counts >= policy.smallest_shown_count:
        raise FactsError(
            f"{path.name}: least_possible_counts is {policy.least_possible_counts}, and there are "
            f"only {policy.smallest_shown_count - 1} counts that are hidden by themselves"
        )
    return policy


def load_change_policy(seeds: Path = SEEDS) -> ChangePolicy:
    """The settings of change over time; raises FactsError on a missing one."""
    path = seeds / "policy" / "change.csv"
    return ChangePolicy(**_settings(path, ChangePolicy.__dataclass_fields__))


@cache
def standard() -> Standard:
    """The project's own standard, read once for each process."""
    return load_standard()


@cache
def example_return() -> ExampleReturn:
    """The project's own example return, read once for each process; not to be changed."""
    return load_example_return()


@cache
def rule_examples() -> dict[str, RuleExample]:
    """The project's own examples of rules, read once for each process."""
    return load_rule_examples()


@cache
def catalogue() -> Catalogue:
    """The project's own catalogue, read once for each process."""
    return load_catalogue()
