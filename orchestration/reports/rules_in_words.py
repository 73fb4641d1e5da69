"""A rule as a provider reads of it: what it checks, what it does, how to mend it."""

from __future__ import annotations

from expectations.rules.conversions import TYPE_IN_WORDS
from expectations.rules.row_rules import ENDS, STARTS
from expectations.standard import Rule, Standard

SEVERITY = {"reject": "Rejects the return", "error": "Error", "warning": "Warning", "info": "Note"}
DOES = {
    "reject": "the whole return is set aside",
    "error": "these rows are left out",
    "warning": "these rows count; please look at them",
    "info": "these rows count; this is for your information",
}


def stated_rule(standard: Standard, rule: str, table: str | None, field: str | None) -> Rule | None:
    """The row of rules.csv that a failure's rule comes from, or None where the standard no longer
    has it."""
    if rule in standard.rules or table is None:
        return standard.rules.get(rule)
    last = rule.rsplit(".", 1)[1]
    if last == "shape":
        return standard.rules.get("<table>.row.shape")
    patterns = ["field", "key"]
    if last in ("in_period", "in_order", "in_episode"):
        ends, starts = ENDS.get(table) == field, STARTS.get(table) == field
        patterns = ["end"] if ends else ["start"] if starts else ["date"]
    found = (standard.rules.get(f"<table>.<{pattern}>.{last}") for pattern in patterns)
    return next((stated for stated in found if stated), None)


def how_to_mend(standard: Standard, stated: Rule, table: str | None, field: str | None) -> str:
    """What to do, with the table, the field and what is expected of it."""
    known = standard.tables.get(table or "")
    of_field = known.field(field) if known and field and known.has(field) else None
    expected = ""
    if stated.rule == "return.standard_version.supported":
        expected = " or ".join(code.code for code in standard.codes["standard_version"])
    elif of_field:
        expected = TYPE_IN_WORDS[of_field.type]
    text = stated.how_to_mend
    for slot, words in (
        # A description ends without a stop, or with one: the sentence ends once.
        ("{description}.", (of_field.description.rstrip(".") if of_field else "") + "."),
        ("{description}", of_field.description if of_field else ""),
        ("{expected}", expected),
        ("{table}", table or "the table"),
        ("{field}", field or "the column"),
    ):
        text = text.replace(slot, words)
    return text
