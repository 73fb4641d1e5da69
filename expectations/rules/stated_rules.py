"""From a rule as it failed to the rule as it is stated, and to what the provider can do about it.

A failure names the rule as it stands for a table and field (`contacts.contact_date.in_period`);
`rules.csv` states it once for all that fit (`<table>.<date>.in_period`).
"""

from __future__ import annotations

from expectations.rules.conversions import TYPE_IN_WORDS, listed
from expectations.rules.row_rules import ENDS, STARTS
from expectations.standard import Field, Rule, Standard

# The columns of `validation_failures`, wherever failures are written down.
FAILURE_COLUMNS = (
    "provider_code", "period", "submission_no", "source_name", "table_name", "row_number", "field",
    "rule", "severity", "value", "message",
)  # fmt: skip
# What stands in the place of the field, by the last part of a rule's name.
SLOTS = {"shape": "row", "key": "<key>", "in_order": "<end>", "in_episode": "<date>"}


def stated_rule(standard: Standard, rule: str) -> Rule:
    """The rule of `rules.csv` that a failure's `rule` stands for; raises KeyError for none."""
    if rule in standard.rules:
        return standard.rules[rule]
    table, _, rest = rule.partition(".")
    field, _, last = rest.rpartition(".")
    slot = SLOTS.get(last, "<field>")
    if last == "in_period":
        slot = {STARTS.get(table): "<start>", ENDS.get(table): "<end>"}.get(field, "<date>")
    return standard.rules[f"<table>.{slot}.{last}"]


def how_to_mend(standard: Standard, rule: str, table: str | None, field: str | None) -> str:
    """What the provider can do about a failure of `rule`, in words."""
    words = stated_rule(standard, rule).how_to_mend
    known = _field(standard, table, field)
    for slot, text in (
        ("{table}", table or "the table"),
        ("{field}", field or "the field"),
        # A description ends without a stop, or with one: the sentence ends once.
        ("{description}", known.description.rstrip(".") if known else "what it asks for"),
        ("{expected}", _expected(standard, rule, known)),
    ):
        words = words.replace(slot, text)
    return words


def _field(standard: Standard, table: str | None, field: str | None) -> Field | None:
    if table in standard.tables and field and standard.tables[table].has(field):
        return standard.tables[table].field(field)
    return None


def _expected(standard: Standard, rule: str, field: Field | None) -> str:
    """What the rule expects, where that is the same whatever was found."""
    if rule == "return.standard_version.supported":
        return ", ".join(code.code for code in standard.codes["standard_version"])
    if rule == "return.rows.excluded_share":
        return str(standard.limits.excluded_share_per_cent)
    if field is None:
        return "what was expected"
    codes = listed(field, standard)
    if rule.endswith(".code") and codes is not None:
        return ", ".join(code.code for code in codes)
    return TYPE_IN_WORDS[field.type]
