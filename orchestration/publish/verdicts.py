"""What is judged of a figure, in words with a sign: comparison, change, target, gap, funnel,
revision.

The words are those of `seeds/catalogue/<kind>.csv`. The sign says the same once more, so that
colour never speaks alone; for what has a better direction it says better or worse, not up or down.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from orchestration.facts import SEEDS
from orchestration.publish.markup import text

# For each kind the sign of each of its words, and whether it is good or bad news.
SIGNS: dict[str, dict[str, tuple[str, str]]] = {
    "comparisons": {
        "much_better": ("++", "good"),
        "better": ("+", "good"),
        "similar": ("=", ""),
        "worse": ("−", "bad"),
        "much_worse": ("−−", "bad"),
        "much_higher": ("↑↑", ""),
        "higher": ("↑", ""),
        "lower": ("↓", ""),
        "much_lower": ("↓↓", ""),
        "not_compared": ("", ""),
    },
    "change_verdicts": {
        "improving": ("+", "good"),
        "getting_worse": ("−", "bad"),
        "rising": ("↑", ""),
        "falling": ("↓", ""),
        "no_change": ("=", ""),
        "no_verdict": ("", ""),
    },
    "variations": {
        "common_cause": ("●", ""),
        "improvement": ("◆", "good"),
        "concern": ("■", "bad"),
        "special_high": ("▲", ""),
        "special_low": ("▼", ""),
    },
    "funnel_positions": {
        "above_998": ("▲▲", ""),
        "above_95": ("▲", ""),
        "within": ("●", ""),
        "below_95": ("▼", ""),
        "below_998": ("▼▼", ""),
    },
    "judgements": {
        "met": ("✓", "good"),
        "on_track": ("+", "good"),
        "at_risk": ("?", ""),
        "off_track": ("−", "bad"),
        "cannot_be_told": ("", ""),
        "refused": ("!", ""),
    },
    "gap_changes": {
        "widening": ("↔", ""),
        "narrowing": ("→←", ""),
        "no_clear_change": ("=", ""),
        "cannot_be_told": ("", ""),
    },
    "revision_causes": dict.fromkeys(
        (
            "changed_definition",
            "new_period",
            "late_return",
            "fewer_returns",
            "resubmission",
            "changed_rule",
            "other",
        ),
        ("", ""),
    ),
}


@dataclass(frozen=True)
class Word:
    """One word of a kind: its label, and what it means in a sentence without its stop."""

    code: str
    label: str
    meaning: str
    sign: str


@cache
def words_of(kind: str) -> dict[str, Word]:
    """The words of a kind by their codes, in their order; KeyError where there is no such kind."""
    signs = SIGNS[kind]
    with (SEEDS / "catalogue" / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        code = (reader.fieldnames or [""])[0]
        return {
            row[code]: Word(row[code], row["label"], row["description"], signs[row[code]][0])
            for row in reader
        }


def label(kind: str, code: str) -> str:
    """The words for a code; the code itself where it has none."""
    word = words_of(kind).get(code)
    return word.label if word else code


def order(kind: str, code: str) -> int:
    """Where a word stands among those of its kind; one that is unknown comes last."""
    known = list(words_of(kind))
    return known.index(code) if code in known else len(known)


def html(kind: str, code: str) -> str:
    """A word with its sign before it. The sign is not read out, since the word says it."""
    return f'<span class="verdict">{sign_html(kind, code)}{text(label(kind, code))}</span>'


def sign_html(kind: str, code: str) -> str:
    """The sign alone, to stand before words that say the same; nothing where the code has none."""
    sign, tone = SIGNS[kind].get(code, ("", ""))
    css = f"mark {tone}".strip()
    return f'<span class="{css}" aria-hidden="true">{text(sign)}</span> ' if sign else ""
