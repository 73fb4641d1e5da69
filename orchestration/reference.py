"""The pages of `docs/reference` that are made from the facts in `seeds/`.

`make docs` writes them; a test fails when one is stale.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from expectations.standard import Field, RuleExample
from orchestration.facts import catalogue, rule_examples, standard
from orchestration.operation import operation_settings
from orchestration.reports.severities import DOES
from orchestration.settings import PROJECT

MADE = "<!-- Made from seeds/ by `make docs`: change the facts, not this page. -->"
SETTINGS_EXAMPLE = PROJECT / "deploy" / "settings.env.example"
# Where docs/operators/deployment.md lays an installation's data.
INSTALLED = "/var/lib/inclusion-outcomes"
# As a report says it; here there is room for what an error takes with it.
WHAT_IT_DOES = DOES | {"error": "the row is left out, and rows that refer to it"}
HOW_EXAMPLES_READ = (
    "Each rule has two examples, one that passes and one that fails: changes to the",
    "[example return](../../seeds/example_return), with what the provider is told of the one that",
    "fails. They are tested as they stand here. The example return is that of AB01 for May 2025,",
    "judged on 1 July 2025. `contacts: purpose = housing` puts a value into the first row of",
    "contacts, `contacts row 2: ...` into its second; rows that are added are like the first but",
    "for what is said of them. `2025-04 contacts: ...` speaks of a like return of the month",
    "before, and `earlier contacts: ...` of another file for the same month, received before.",
)


def pages() -> dict[str, str]:
    """Each page's path below `docs/reference`, and its Markdown."""
    return {
        "standard.md": _standard(),
        "rules.md": _rules(),
        "indicators.md": _indicators(),
        "operator-settings.md": _operator_settings(),
    }


def settings_example() -> str:
    """`deploy/settings.env.example`: every setting, with its default and what it means."""
    lines = [
        "# Copy to /etc/inclusion-outcomes/settings.env. A line after a # keeps the default.",
        *(
            f"OUTCOMES_{name.upper()}={INSTALLED}/{name}"
            for name in ("returns", "registry", "build")
        ),
        "# The day as at which everything is told, YYYY-MM-DD; today unless given.",
        "#OUTCOMES_AS_AT=",
    ]
    for one in operation_settings():
        lines += [f"# {one.meaning}.", f"#{one.variable}={one.default}"]
    return "\n".join(lines) + "\n"


def write_pages(folder: Path = PROJECT / "docs" / "reference") -> None:
    """Writes every page."""
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")
    SETTINGS_EXAMPLE.write_text(settings_example(), encoding="utf-8")


def _page(title: str, lines: Iterator[str]) -> str:
    return "\n".join([f"# {title}", "", MADE, "", *lines]).rstrip() + "\n"


def _in_general(text: str) -> str:
    """A rule's words with what they speak of left open."""
    for slot, words in (
        ("{field}: {description}", "the field"),
        ("{field}", "the field"),
        ("{table}", "the table"),
        ("{expected}", "what was expected"),
    ):
        text = text.replace(slot, words)
    return text


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")


def _standard() -> str:
    known = standard()

    def lines() -> Iterator[str]:
        yield "A return holds these tables. What is marked * must have a value in every row; `key`"
        yield "marks what tells one row from another. What else holds is said by [the"
        yield "rules](rules.md)."
        for table in known.tables.values():
            yield from ("", f"## `{table.name}`", "")
            must = "must be sent" if table.mandatory else "may be left out"
            yield f"{_cell(table.description)}. It {must}: {_cell(table.grain)}."
            yield from ("", "| column | takes | what it says |", "| --- | --- | --- |")
            for field in table.fields:
                marks = f"{' *' if field.required else ''}{' key' if field.key else ''}"
                yield f"| `{field.name}`{marks} | {_takes(field)} | {_cell(field.description)} |"
        yield from ("", "## Codes", "")
        yield "Codes are written as they stand here."
        for name, codes in known.codes.items():
            yield from ("", f"### `{name}`", "", "| code | meaning |", "| --- | --- |")
            yield from (f"| `{one.code}` | {_cell(one.label)} |" for one in codes)

    return _page("The return standard", lines())


def _takes(field: Field) -> str:
    """What a column takes, in a few words."""
    if field.code_list:
        return f"one of [`{field.code_list}`](#{field.code_list})"
    if field.references:
        return f"{field.type}, as in `{field.references}`"
    if field.minimum is not None and field.maximum is not None:
        return f"{field.type}, {field.minimum} to {field.maximum}"
    if field.minimum is not None:
        return f"{field.type}, {field.minimum} or more"
    if field.maximum is not None:
        at_most = f"{field.maximum} characters" if field.type == "text" else f"{field.maximum}"
        return f"{field.type}, at most {at_most}"
    return field.type


def _rules() -> str:
    def lines() -> Iterator[str]:
        yield "In a rule's name, `<table>`, `<field>` and so on stand for each table and field that"
        yield "it fits. What a rule's severity means:"
        yield ""
        yield from (f"- **{severity}**: {does}" for severity, does in WHAT_IT_DOES.items())
        yield from ("", *HOW_EXAMPLES_READ)
        for rule in standard().rules.values():
            yield from ("", f"## `{rule.rule}`", "")
            whole = "a row" if rule.level == "row" else "the whole return"
            yield f"{rule.severity.capitalize()}, about {whole}."
            yield f"Holds when: {_cell(rule.holds_when[0].lower() + rule.holds_when[1:])}."
            yield ""
            yield f"To mend it: {_cell(_in_general(rule.how_to_mend))}"
            yield from _example(rule_examples()[rule.rule])

    return _page("The rules", lines())


def _example(example: RuleExample) -> Iterator[str]:
    for words, lines in (("Passes:", example.passing), ("Fails:", example.failing)):
        yield from ("", words, "", *(f"    {line}" for line in lines))
    told = "" if example.stands_for == example.rule else f" (`{example.stands_for}`)"
    yield from ("", f"What is told of the one that fails{told}:", "")
    yield f"> {_cell(example.message)}"


def _indicators() -> str:
    known = catalogue()

    def lines() -> Iterator[str]:
        for domain, label in known.domains.items():
            yield from (f"## {label}", "")
            for indicator in known.indicators.values():
                if indicator.domain != domain:
                    continue
                below = f" over {indicator.denominator_words}" if indicator.denominator else ""
                yield from (f"### {indicator.name}", "")
                yield from (_cell(indicator.definition), "")
                yield f"- Worked out as: {_cell(indicator.numerator_words + below)}"
                yield f"- Unit: {indicator.unit}; {_better(indicator.better)}"
                yield f"- Take care: {_cell(indicator.caveats)}"
                yield f"- In the data: `{indicator.indicator_id}`"
                yield ""

    return _page("Indicators", lines())


def _operator_settings() -> str:
    def lines() -> Iterator[str]:
        yield "Each has an environment variable; without it the default holds. An empty text"
        yield "switches off what it is for."
        yield ""
        yield "| variable | default | meaning |"
        yield "| --- | --- | --- |"
        for one in operation_settings():
            default = f"`{one.default}`" if one.default else "none"
            yield f"| `{one.variable}` | {default} | {_cell(one.meaning)} |"

    return _page("An operator's settings", lines())


def _better(better: str) -> str:
    return "neither direction is better" if better == "neutral" else f"{better} is better"


if __name__ == "__main__":
    write_pages()
