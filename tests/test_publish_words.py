"""How the site says numbers, periods and figures in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from orchestration import facts
from orchestration.publish import words
from orchestration.publish.words import Cell, Entry

SHARE = Entry(
    "proportion",
    "per cent of people on the caseload",
    "higher",
    "people reviewed",
    "people on the caseload",
)
COUNT = Entry("count", "contacts", "neutral", "contacts that took place", "")
COST = Entry("ratio", "pounds per contact", "lower", "pounds spent", "contacts that took place")
MARCH = Cell(
    period_type="month",
    period_start=date(2026, 3, 1),
    area_name="Northamptonshire",
    numerator=205,
    denominator=1670,
    value=12.27544,
    lower=10.79,
    upper=13.94,
    status="shown",
    provisional=False,
    returns_expected=11,
    returns_in_effect=11,
)


def missing(status: str, denominator: int | None = None) -> Cell:
    return replace(
        MARCH,
        numerator=None,
        denominator=denominator,
        value=None,
        lower=None,
        upper=None,
        status=status,
    )


def test_every_status_but_shown_has_a_sign_of_its_own_and_a_meaning() -> None:
    statuses = set(facts.catalogue().statuses) - {words.SHOWN}
    assert set(words.SIGNS) == statuses
    assert len(set(words.SIGNS.values()) | {words.PROVISIONAL_SIGN}) == len(statuses) + 1
    assert all(words.status_meaning(status) for status in statuses)


def test_every_group_of_the_catalogue_has_a_label() -> None:
    for breakdown, values in facts.catalogue().breakdown_values.items():
        if breakdown not in ("all", "age_band"):
            assert set(words.group_labels(breakdown)) == set(values), breakdown


def test_numbers_are_rounded_as_readers_round_and_have_separators() -> None:
    assert words.number(1234567, 0) == "1,234,567"
    assert words.number(12.25, 1) == "12.3"
    assert words.number(0.05, 1) == "0.1"
    assert words.number(-0.01, 1) == "0.0"


@pytest.mark.parametrize(
    ("format_name", "value", "shown"),
    [
        ("percent1", 12.27544, "12.3%"),
        ("pct1", 0.1227544, "12.3%"),
        ("gbp2", 1034.5, "£1,034.50"),
        ("num0", 4210.0, "4,210"),
        ("month", "2026-03", "March 2026"),
        ("longdate", date(2026, 4, 8), "8 April 2026"),
    ],
)
def test_a_format_prints_a_value(format_name: str, value: object, shown: str) -> None:
    assert words.FORMATS[format_name](value) == shown


def test_every_kind_of_indicator_has_its_format() -> None:
    formats = {
        one.indicator_id: words.figure_format(one.statistic, one.unit)
        for one in facts.catalogue().indicators.values()
    }
    assert formats["contacts_attended"] == "num0"
    assert formats["mdt_coverage"] == "percent1"
    assert formats["admission_rate"] == "num1"
    assert formats["unit_cost"] == "gbp2"


@pytest.mark.parametrize(
    ("period_type", "start", "label", "short", "end"),
    [
        ("month", date(2026, 2, 1), "February 2026", "Feb 2026", date(2026, 2, 28)),
        ("quarter", date(2026, 1, 1), "January to March 2026", "Jan–Mar 2026", date(2026, 3, 31)),
        ("quarter", date(2025, 10, 1), "October to December 2025", "Oct–Dec 2025", None),
        ("financial_year", date(2025, 4, 1), "April 2025 to March 2026", "2025/26", None),
    ],
)
def test_a_period_is_named_in_full_and_in_short(
    period_type: str, start: date, label: str, short: str, end: date | None
) -> None:
    assert words.period_label(period_type, start) == label
    assert words.period_short(period_type, start) == short
    if end:
        assert words.period_end(period_type, start) == end


def test_a_shown_proportion_says_what_was_counted_out_of_what_and_how_sure_it_is() -> None:
    said = " ".join(words.sentences(SHARE, MARCH))
    assert "about 205 people reviewed, out of about 1,670 people on the caseload" in said
    assert "10.8% to 13.9%" in said
    assert "provisional" not in said
    assert words.figure(SHARE, MARCH) == ("12.3%", "of people on the caseload")


def test_a_count_of_zero_is_said_as_zero() -> None:
    cell = replace(MARCH, numerator=0, denominator=None, value=0, lower=0, upper=3.7)
    assert words.figure(COUNT, cell) == ("0", "contacts")
    assert "about 0 contacts that took place." in words.sentences(COUNT, cell)[0]


def test_a_cost_has_pence_and_says_that_it_has_no_interval() -> None:
    cell = replace(MARCH, numerator=145200, denominator=4270, value=34.0047, lower=None, upper=None)
    assert words.figure(COST, cell) == ("£34.00", "per contact")
    said = " ".join(words.sentences(COST, cell))
    assert "145,200 pounds spent, for about 4,270 contacts" in said
    assert "no confidence interval" in said


@pytest.mark.parametrize("status", list(words.SIGNS))
def test_a_missing_figure_says_why_and_gives_no_number(status: str) -> None:
    said = " ".join(words.sentences(SHARE, missing(status)))
    assert words.status_label(status).lower() in said
    assert words.figure(SHARE, missing(status))[0] == words.SIGNS[status]


def test_a_denominator_that_stands_alone_is_told() -> None:
    said = " ".join(words.sentences(SHARE, missing("suppressed", denominator=1670)))
    assert "about 1,670 people on the caseload" in said


def test_a_provisional_figure_says_so() -> None:
    said = " ".join(words.sentences(SHARE, replace(MARCH, provisional=True)))
    assert "This figure is provisional." in said


def test_two_periods_are_compared_by_their_intervals() -> None:
    before = replace(MARCH, period_start=date(2026, 2, 1), value=11.0, lower=9.6, upper=12.6)
    assert "overlap, so the difference may be chance" in words.comparison(SHARE, MARCH, before)
    far = replace(before, value=5.0, lower=4.1, upper=6.1)
    assert "do not overlap" in words.comparison(SHARE, MARCH, far)
    hidden = replace(missing("suppressed"), period_start=date(2026, 2, 1))
    assert "no figure: too small to show" in words.comparison(SHARE, MARCH, hidden)


def test_where_a_return_is_missing_chance_is_not_said_to_be_unlikely() -> None:
    before = replace(MARCH, period_start=date(2026, 2, 1), value=5.0, lower=4.1, upper=6.1)
    now = replace(MARCH, returns_in_effect=10)
    assert words.comparison(SHARE, now, before) == (
        "In February 2026 it was 5.0%. The two intervals do not overlap, but returns are missing "
        "for March 2026 (1 of 11), which may explain it."
    )
    before = replace(before, returns_in_effect=9)
    assert "for March 2026 (1 of 11) and February 2026 (2 of 11), which" in words.comparison(
        SHARE, now, before
    )
    assert "chance" not in words.comparison(SHARE, MARCH, before)


def test_a_sentence_about_a_difference_is_followed_by_what_is_missing() -> None:
    quarter = date(2026, 1, 1)
    assert words.missing_may_explain("quarter", quarter, 3, 3) == ""
    assert words.missing_may_explain("quarter", quarter, 3, 1) == (
        " Returns are missing for January to March 2026 (2 of 3), which may explain it."
    )


def test_a_gap_has_its_sign_and_is_finer_near_nothing() -> None:
    show = words.FORMATS["gap"]
    assert [show(value) for value in (12.34, -3, 0.04, -0.044, 0)] == [
        "+12.3", "−3.0", "+0.04", "−0.04", "0.00",
    ]  # fmt: skip
