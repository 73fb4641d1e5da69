"""From a rule as it failed to the rule as it is stated."""

from __future__ import annotations

import pytest

from expectations.rules.row_rules import row_rules
from expectations.rules.stated_rules import how_to_mend, stated_rule
from orchestration.facts import standard

ROW_RULES = [rule for table in standard().tables.values() for rule in row_rules(table, standard())]


@pytest.mark.parametrize("rule", ROW_RULES, ids=lambda rule: rule.rule)
def test_each_rule_of_each_table_is_stated_and_can_be_mended(rule) -> None:  # type: ignore[no-untyped-def]
    stated = stated_rule(standard(), rule.rule)
    assert (stated.severity, stated.level) == (rule.severity, rule.level)
    words = how_to_mend(standard(), rule.rule, rule.rule.partition(".")[0], rule.field)
    assert words
    assert "{" not in words


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [
        ("contacts.contact_date.in_period", "<table>.<date>.in_period"),
        ("stays.start_date.in_period", "<table>.<start>.in_period"),
        ("admissions.discharged_date.in_period", "<table>.<end>.in_period"),
        ("people.row.shape", "<table>.row.shape"),
        ("assessments.score.range", "assessments.score.range"),
        ("costs.amount_gbp.range", "<table>.<field>.range"),
        ("contacts.purpose.drop_off", "<table>.<field>.drop_off"),
    ],
)
def test_a_rule_is_the_one_that_fits_its_table_and_field(rule: str, pattern: str) -> None:
    assert stated_rule(standard(), rule).rule == pattern


@pytest.mark.parametrize("rule", [rule for rule in standard().rules if "<" not in rule])
def test_a_rule_of_its_own_stands_for_itself(rule: str) -> None:
    assert stated_rule(standard(), rule).rule == rule
    assert "{" not in how_to_mend(standard(), rule, "contacts", "contact_date")


def test_what_is_not_a_rule_is_an_error() -> None:
    with pytest.raises(KeyError):
        stated_rule(standard(), "contacts.contact_date.nonsense")
