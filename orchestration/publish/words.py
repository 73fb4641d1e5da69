"""How the site says things: numbers, periods, statuses, groups and a figure in sentences.

Nothing here knows of pages, HTML or SQL. Every label comes from the facts in `seeds/`; the words
that are here join them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from orchestration import facts

SHOWN = "shown"
# The signs that government statisticians use in tables, so that one who knows them knows these.
SIGNS = {
    "suppressed": "[c]",
    "low_base": "[u]",
    "no_cases": "[z]",
    "not_submitted": "[x]",
}
# Where the pages of areas lie, by kind of area. An organisation's page here is public and made of
# protected figures; its own report, in the build folder's `providers`, is another thing.
AREA_FOLDERS = {"local_authority": "areas", "place": "areas", "provider": "organisations"}
INCLUSION_GROUP = "inclusion_group"
PROVISIONAL_SIGN = "[p]"
PROVISIONAL_MEANING = (
    "The figure may still change: returns that are expected have not come, or the time over which "
    "it is counted was not yet over"
)
BETTER = {
    "higher": "A higher figure is better.",
    "lower": "A lower figure is better.",
    "neutral": "A higher or lower figure is neither good nor bad in itself.",
}
AGE_UNKNOWN = {"unknown": "Not known"}
ETHNIC_GROUPS = {
    "white": "White",
    "mixed": "Mixed",
    "asian": "Asian or Asian British",
    "black": "Black or Black British",
    "other": "Other ethnic groups",
    "unknown": "Not known or not stated",
}
TIERS = {
    "0": "Tier 0: awareness",
    "1": "Tier 1: competence",
    "2": "Tier 2: specialism",
    "3": "Tier 3: full integration",
}

Number = int | float | Decimal


def number(value: Number, decimals: int) -> str:
    """A number with thousands separators, halves rounded away from zero as readers expect."""
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{exact + 0:,.{decimals}f}"


def long_date(day: date) -> str:
    """`8 April 2026`."""
    return f"{day.day} {day:%B %Y}"


def _month(text: object) -> str:
    year, month = str(text).split("-")[:2]
    return f"{date(int(year), int(month), 1):%B %Y}"


def _number_format(decimals: int, before: str = "", after: str = "", times: int = 1) -> Format:
    def show(value: object) -> str:
        if not isinstance(value, int | float | Decimal):
            raise ValueError(f"{value!r} is not a number")
        return before + number(value * times, decimals) + after

    return show


def _date_format(value: object) -> str:
    if not isinstance(value, date):
        raise ValueError(f"{value!r} is not a date")
    return long_date(value)


def _gap_format(value: object) -> str:
    """With its sign; finer below 1, so that a limit near 0 does not look like 0."""
    if not isinstance(value, int | float | Decimal):
        raise ValueError(f"{value!r} is not a number")
    gap = Decimal(str(value))
    shown = number(abs(gap), 2 if abs(gap) < 1 else 1)
    return ("" if gap == 0 else "+" if gap > 0 else "−") + shown


Format = Callable[[object], str]
# The names are those of the Evidence tool where it has one; `percent1` is for a value that is
# already in hundredths, which every proportion of `published_indicators` is.
FORMATS: dict[str, Format] = {
    "text": str,
    "num0": _number_format(0),
    "num1": _number_format(1),
    "num2": _number_format(2),
    "gbp0": _number_format(0, before="£"),
    "gbp2": _number_format(2, before="£"),
    "gbp": _number_format(2, before="£"),
    "percent0": _number_format(0, after="%"),
    "percent1": _number_format(1, after="%"),
    "pct0": _number_format(0, after="%", times=100),
    "pct1": _number_format(1, after="%", times=100),
    "gap": _gap_format,
    "longdate": _date_format,
    "month": _month,
}


def period_end(period_type: str, start: date) -> date:
    """The last day of the period that begins on `start`."""
    months = {"month": 1, "quarter": 3, "financial_year": 12}[period_type]
    after = start.month - 1 + months
    return date(start.year + after // 12, after % 12 + 1, 1) - timedelta(days=1)


def period_label(period_type: str, start: date) -> str:
    """A period in full: `March 2026`, `January to March 2026`, `April 2025 to March 2026`."""
    end = period_end(period_type, start)
    if period_type == "month":
        return f"{start:%B %Y}"
    if start.year == end.year:
        return f"{start:%B} to {end:%B %Y}"
    return f"{start:%B %Y} to {end:%B %Y}"


def period_short(period_type: str, start: date) -> str:
    """A period for an axis or a narrow column: `Mar 2026`, `Jan–Mar 2026`, `2025/26`."""
    end = period_end(period_type, start)
    if period_type == "month":
        return f"{start:%b %Y}"
    if period_type == "quarter":
        return f"{start:%b}–{end:%b %Y}"
    return f"{start:%Y}/{end:%y}"


def status_label(status: str) -> str:
    """The words for a status, as the catalogue has them."""
    return facts.catalogue().statuses[status]


def status_meaning(status: str) -> str:
    """What a status says, with the numbers of the commissioner's policy."""
    policy = facts.load_disclosure_policy()
    return (
        facts.catalogue()
        .status_meanings[status]
        .format(
            largest_hidden_count=policy.smallest_shown_count - 1,
            least_denominator=policy.least_denominator,
        )
    )


def area_type_label(area_type: str) -> str:
    """The words for a kind of area, as the catalogue has them."""
    return facts.catalogue().area_types.get(area_type, area_type)


def period_type_label(period_type: str) -> str:
    """The words for a kind of period, as the catalogue has them."""
    return facts.catalogue().period_types.get(period_type, period_type)


def _code_labels(code_list: str) -> dict[str, str]:
    return {code.code: code.label for code in facts.standard().codes[code_list]}


def narrative_kind_label(kind: str) -> str:
    """Whose words a narrative's are, as the standard has it."""
    return _code_labels("narrative_kind").get(kind, kind)


def group_labels(breakdown_type: str) -> dict[str, str]:
    """The labels of a breakdown's values, in the order in which they are shown."""
    if breakdown_type in ("inclusion_group", "gender"):
        return _code_labels(breakdown_type)
    return {"age_band": AGE_UNKNOWN, "ethnic_group": ETHNIC_GROUPS, "tier": TIERS}.get(
        breakdown_type, {}
    )


def indicator_order(indicator_id: str) -> int:
    """Where an indicator stands in the catalogue; one that is not in it comes last."""
    known = list(facts.catalogue().indicators)
    return known.index(indicator_id) if indicator_id in known else len(known)


def group_label(breakdown_type: str, value: str) -> str:
    """The label of one value of a breakdown; the value itself where it has no other."""
    return group_labels(breakdown_type).get(value, value)


def area_page(area_type: str, area_code: str) -> str:
    """The page of an area, as its Markdown file; that of the whole system is the home page."""
    if area_type not in AREA_FOLDERS:
        return "index.md"
    return f"{AREA_FOLDERS[area_type]}/{area_code}.md"


def group_page(breakdown_type: str, value: str) -> str:
    """The page of a group, as its Markdown file; nothing where such groups have no pages."""
    has_page = breakdown_type == INCLUSION_GROUP and value in group_labels(breakdown_type)
    return f"groups/{value}.md" if has_page else ""


def group_order(breakdown_type: str, value: str) -> int:
    """Where a value stands among the others; values without a place come first, by themselves."""
    labels = list(group_labels(breakdown_type))
    return labels.index(value) if value in labels else -1


def figure_format(statistic: str, unit: str) -> str:
    """The name of the format in which an indicator's value is printed."""
    if statistic == "count":
        return "num0"
    if statistic == "proportion":
        return "percent1"
    if statistic == "rate":
        return "num1"
    return "gbp2" if unit.startswith("pounds") else "num2"


def show_figure(statistic: str, unit: str, value: float) -> str:
    """An indicator's value as it is printed, where a column holds those of several indicators."""
    return FORMATS[figure_format(statistic, unit)](value)


def unit_after(statistic: str, unit: str) -> str:
    """What follows the printed value: `12.3%` is followed by `of people on the caseload`."""
    if statistic == "proportion":
        return unit.removeprefix("per cent").strip()
    return unit.removeprefix("pounds").strip() if statistic == "ratio" else unit


@dataclass(frozen=True)
class Entry:
    """What of an indicator's row of the catalogue is needed to speak of its figures."""

    statistic: str
    unit: str
    better: str
    numerator_words: str
    denominator_words: str

    @property
    def format(self) -> str:
        return figure_format(self.statistic, self.unit)

    def show(self, value: Number) -> str:
        """A value of this indicator as it is printed."""
        return FORMATS[self.format](value)


@dataclass(frozen=True)
class Cell:
    """One published cell; the numbers are those of `published_indicators`."""

    period_type: str
    period_start: date
    area_name: str
    numerator: Number | None
    denominator: Number | None
    value: Number | None
    lower: Number | None
    upper: Number | None
    status: str
    provisional: bool
    returns_expected: int
    returns_in_effect: int

    @property
    def period(self) -> str:
        return period_label(self.period_type, self.period_start)

    @property
    def missing(self) -> str:
        """What of its returns is missing, as `missing_returns` has it."""
        return missing_returns(
            self.period_type, self.period_start, self.returns_expected, self.returns_in_effect
        )


def figure(entry: Entry, cell: Cell) -> tuple[str, str]:
    """What is printed large, and the small words after it."""
    if cell.status != SHOWN or cell.value is None:
        return SIGNS[cell.status], status_label(cell.status).lower()
    return entry.show(cell.value), unit_after(entry.statistic, entry.unit)


def interval(entry: Entry, cell: Cell) -> str:
    """The confidence interval, or nothing where there is none."""
    if cell.lower is None or cell.upper is None:
        return ""
    return f"{entry.show(cell.lower)} to {entry.show(cell.upper)}"


def sentences(entry: Entry, cell: Cell) -> list[str]:
    """A figure in words: what was counted, how sure it is, whether it can still change."""
    where = f"{cell.area_name}, {cell.period}"
    if cell.status != SHOWN or cell.value is None or cell.numerator is None:
        said = [f"{where}: {status_label(cell.status).lower()}. {status_meaning(cell.status)}."]
        if cell.denominator:
            among = f"{number(cell.denominator, 0)} {entry.denominator_words}"
            said.append(f"It would be worked out from about {among}.")
    else:
        counted = f"{number(cell.numerator, 0)} {entry.numerator_words}"
        if cell.denominator is not None:
            joined = "for" if entry.statistic in ("rate", "ratio") else "out of"
            among = f"{number(cell.denominator, 0)} {entry.denominator_words}"
            said = [f"{where}: about {counted}, {joined} about {among}."]
        else:
            said = [f"{where}: about {counted}."]
        if cell.lower is not None:
            said.append(
                f"The 95 per cent confidence interval is {interval(entry, cell)}: chance alone "
                "could move the figure about that far."
            )
        elif entry.statistic == "ratio":
            said.append("A cost has no confidence interval.")
    if cell.provisional:
        said.append(f"This figure is provisional. {PROVISIONAL_MEANING}.")
    return said


def comparison(entry: Entry, now: Cell, before: Cell) -> str:
    """How the figure compares with that of an earlier period, and whether chance may explain it."""
    if now.value is None:
        return ""
    if before.value is None:
        return f"For {before.period} there is no figure: {status_label(before.status).lower()}."
    was, said = entry.show(before.value), f"In {before.period}"
    if was == entry.show(now.value):
        return f"{said} it was the same."
    said = f"{said} it was {was}."
    if None in (now.lower, now.upper, before.lower, before.upper):
        return said
    assert now.lower is not None and now.upper is not None
    assert before.lower is not None and before.upper is not None
    if now.lower <= before.upper and before.lower <= now.upper:
        return f"{said} The two intervals overlap, so the difference may be chance."
    missing = [cell.missing for cell in (now, before) if cell.missing]
    if missing:
        return f"{said} The two intervals do not overlap, but {_may_explain(missing)}."
    return f"{said} The two intervals do not overlap, so chance alone is unlikely to explain it."


def missing_returns(period_type: str, start: date, expected: int, in_effect: int) -> str:
    """What is missing of a period's returns: `March 2026 (1 of 11)`; nothing where none is."""
    missing = expected - in_effect
    return f"{period_label(period_type, start)} ({missing} of {expected})" if missing > 0 else ""


def missing_may_explain(period_type: str, start: date, expected: int, in_effect: int) -> str:
    """What a page adds to a sentence about a difference: nothing, or that returns are missing."""
    missing = missing_returns(period_type, start, expected, in_effect)
    said = _may_explain([missing])
    return f" {said[0].upper()}{said[1:]}." if missing else ""


def _may_explain(missing: Sequence[str]) -> str:
    return f"returns are missing for {' and '.join(missing)}, which may explain it"
