"""Every rule by its own example: what passes, what fails, and what the provider is told."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from expectations.rules.history_rules import HISTORY_RULES
from orchestration.facts import SEEDS, FactsError, load_rule_examples, rule_examples
from orchestration.intake.judge import ReturnToJudge, judge
from orchestration.registry import load_registry
from tests.judging import AS_AT, RULES
from tests.judging_months import judge_months
from tests.return_files import REGISTRY, csv_text
from tests.rule_example_edits import MONTH, EditedReturn, edited

SIDES = ("passing", "failing")
# What else an example fails, where it cannot help it: what refers to an excluded row is excluded.
ALSO_FAILS: dict[tuple[str, str], set[str]] = {
    ("return.provider_code.known", "failing"): {"return.provider_code.inbox"},
    ("return.period.open", "failing"): {
        "contacts.contact_date.in_period",
        "handovers.handover_date.in_period",
        "case_reviews.review_date.in_period",
        "admissions.discharged_date.in_period",
        "assessments.assessment_date.in_period",
        "outcomes.outcome_date.in_period",
        "narratives.narrative_date.in_period",
    },
    ("return.rows.excluded_share", "passing"): {"contacts.attendance.code"},
    ("return.rows.excluded_share", "failing"): {"contacts.attendance.code"},
    ("people.birth_year.plausible", "failing"): {
        "person_groups.person_id.reference",
        "episodes.person_id.reference",
        "contacts.episode_id.reference",
    },
    ("episodes.service_code.provider", "failing"): {"contacts.episode_id.reference"},
}


class Told(NamedTuple):
    """A rule that was failed, and the message."""

    rule: str
    message: str


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[Told]]:
    """What each example is told, by rule and side: those of one file judged all together, those
    that are compared with other files each by a night of its own."""
    home = tmp_path_factory.mktemp("examples")
    alone: dict[tuple[str, str], EditedReturn] = {}
    found: dict[tuple[str, str], list[Told]] = {}
    for number, example in enumerate(rule_examples().values()):
        for side in SIDES:
            returns = edited(getattr(example, side))
            if len(returns) == 1 and example.rule not in HISTORY_RULES:
                alone[example.rule, side] = returns[MONTH]
                continue
            failures = judge_months(home / f"{number}-{side}", returns)
            found[example.rule, side] = [
                Told(failure.rule, failure.message)
                for failure in failures
                if failure.period == MONTH
            ]
    return found | judge_alone(home / "alone", alone)


def judge_alone(
    home: Path, returns: dict[tuple[str, str], EditedReturn]
) -> dict[tuple[str, str], list[Told]]:
    """What each return is told when nothing is known of others."""
    found: dict[tuple[str, str], list[Told]] = {key: [] for key in returns}
    waiting = [
        ReturnToJudge(files.write(home / str(number)), files.inbox)
        for number, files in enumerate(returns.values())
    ]
    with duckdb.connect() as connection:
        judge(connection, waiting, RULES, load_registry(REGISTRY), AS_AT, home / "aside")
        rows = connection.execute(
            "select return_no, rule, message from failures order by all"
        ).fetchall()
    keys = list(returns)
    for return_no, rule, message in rows:
        found[keys[return_no]].append(Told(rule, message))
    return found


@pytest.mark.parametrize("rule", rule_examples())
def test_what_passes_fails_no_rule(rule: str, told: dict[tuple[str, str], list[Told]]) -> None:
    found = {failure.rule for failure in told[rule, "passing"]}
    assert found == ALSO_FAILS.get((rule, "passing"), set())


@pytest.mark.parametrize("rule", rule_examples())
def test_what_fails_is_told_in_the_words_that_the_example_gives(
    rule: str, told: dict[tuple[str, str], list[Told]]
) -> None:
    example, failures = rule_examples()[rule], told[rule, "failing"]
    also = ALSO_FAILS.get((rule, "failing"), set())
    assert {failure.rule for failure in failures} == {example.stands_for} | also
    assert {failure.message for failure in failures if failure.rule == example.stands_for} == {
        example.message
    }


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda rows: rows[1:], "no example of return.file.readable"),
        (lambda rows: [*rows, rows[0]], "stands twice"),
        (lambda rows: [*rows, rows[0] | {"rule": "x.y"}], "is not one of x.y"),
        (lambda rows: [rows[0] | {"message": ""}, *rows[1:]], "message must not be empty"),
        (lambda rows: [rows[0] | {"stands_for": "x.y"}, *rows[1:]], "x.y is not one of"),
    ],
)
def test_examples_that_contradict_the_rules_are_refused(
    spoil: Callable[[list[dict[str, str]]], list[dict[str, str]]], why: str, tmp_path: Path
) -> None:
    for folder in ("standard", "policy"):
        shutil.copytree(SEEDS / folder, tmp_path / folder)
    path = tmp_path / "standard" / "rule_examples.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    path.write_text(csv_text(spoil(rows)), encoding="utf-8", newline="")
    with pytest.raises(FactsError, match=why):
        load_rule_examples(tmp_path)


@pytest.mark.parametrize(
    "line", ["contacts", "contacts: mood = low", "contacts: purpose = a, b", "file: a drawing"]
)
def test_a_change_that_cannot_be_understood_is_not_passed_over(line: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"not a change|has no column|no file is"):
        edited([line])[MONTH].write(tmp_path / "return")
