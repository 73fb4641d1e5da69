"""The tables laid out for the gate: each promise that no built-in expectation can put is a column
that is true in the rows that break it.

Here belongs what can be seen in one table's own rows. What takes two tables, or two releases, is
in `relations`. Every function leaves the frames it is given as they are, and works on whole
columns, since published_indicators may have hundreds of thousands of rows.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from expectations.gate import personal
from expectations.gate.interface import GateFacts

NUMBERS = ("numerator", "denominator", "value", "lower_ci", "upper_ci")
RETURNS = ("returns_expected", "returns_in_effect")
CELL = (
    "period_type",
    "period_start",
    "area_type",
    "area_code",
    "breakdown_type",
    "breakdown_value",
)
QUARTERS_BEGIN = (1, 4, 7, 10)
YEAR_BEGINS = 4

# Two roads to the same figure may differ in the last bits of a double, and nowhere else.
TOLERANCE = 1e-9


def numbers(values: Series) -> Series:
    """The values as doubles, gaps as NaN; what is no finite number is a gap too."""
    read = pd.to_numeric(values, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    return Series(np.where(np.isfinite(read), read, np.nan), index=values.index)


def unreadable(values: Series) -> Series:
    """True where there is something that is no finite number."""
    return _unread(values, numbers(values))


def _unread(values: Series, read: Series) -> Series:
    """True where nothing was read, though there is something."""
    return read.isna() & values.notna()


def days(values: Series) -> Series:
    """The values as dates; what cannot be read as one is a gap. Reads YYYY-MM as its first day."""
    if isinstance(values.dtype, np.dtype) and values.dtype.kind == "M":
        return values.astype("datetime64[s]")
    return values.map(
        {each: pd.to_datetime(each, errors="coerce") for each in values.dropna().unique()}
    ).astype("datetime64[s]")


def listed_like(values: Series, other: Series) -> Series:
    """The values in the categories of another column, where it has such and all are among them:
    so they are looked up by number. Otherwise as they are, whatever they are."""
    if (
        isinstance(other.dtype, pd.CategoricalDtype)
        and (values.isna() | values.isin(other.cat.categories)).all()
    ):
        return values.astype(other.dtype)
    return values.astype(object)


def absent(values: Series) -> Series:
    """True where there is nothing: a gap or an empty text."""
    return values.isna() | values.eq("")


def pairs(first: Series, second: Series) -> pd.MultiIndex:
    """Two columns side by side, to be looked up among allowed pairs."""
    return pd.MultiIndex.from_arrays([first.astype(object), second.astype(object)])


def amongst(first: Series, second: Series, allowed: Iterable[tuple[str, str]]) -> Series:
    """True where the pair of the two columns is one of those allowed."""
    options = list(allowed)
    if not options:
        return Series(False, index=first.index)
    return Series(pairs(first, second).isin(pd.MultiIndex.from_tuples(options)), index=first.index)


def least_count(facts: GateFacts) -> int:
    """The smallest count above 0 that protection can leave: the smallest shown count, rounded."""
    base = facts.rounding_base
    return max(base, base * ((2 * facts.smallest_shown_count + base) // (2 * base)))


def published(frame: DataFrame, catalogue: DataFrame, facts: GateFacts) -> DataFrame:
    """published_indicators, row by row, with its numbers as doubles, its dates as dates, and one
    true-or-false column for each promise that a row can break.

    Where an indicator, a status or a kind of period is unknown, what depends on it is not judged:
    that it is unknown is a promise broken by itself.
    """
    rows = frame.copy()
    read = {column: numbers(frame[column]) for column in (*NUMBERS, *RETURNS)}
    rows["holds_what_is_no_number"] = np.logical_or.reduce(
        [_unread(frame[column], values) for column, values in read.items()]
    )
    for column, values in read.items():
        rows[column] = values
    rows["period_start"] = days(frame["period_start"])
    _describe(rows, catalogue, facts)
    _show(rows, facts)
    _count(rows, facts)
    _derive(rows, catalogue, facts)
    return rows


def _describe(rows: DataFrame, catalogue: DataFrame, facts: GateFacts) -> None:
    """Which cell a row is about, and whether that is a cell there can be."""
    indicator = rows["indicator_id"]
    domains = catalogue.drop_duplicates("indicator_id").set_index("indicator_id")["domain"]
    domain = indicator.map(domains)
    rows["domain_is_not_the_catalogues"] = domain.notna() & rows["domain"].ne(domain)
    rows["breakdown_is_not_the_indicators"] = indicator.isin(
        list(facts.indicator_breakdowns)
    ) & ~amongst(
        indicator,
        rows["breakdown_type"],
        ((key, each) for key, several in facts.indicator_breakdowns.items() for each in several),
    )
    rows["breakdown_value_is_unknown"] = rows["breakdown_type"].isin(
        list(facts.breakdown_values)
    ) & ~amongst(
        rows["breakdown_type"],
        rows["breakdown_value"],
        ((key, each) for key, several in facts.breakdown_values.items() for each in several),
    )
    start, kind = rows["period_start"], rows["period_type"]
    rows["period_does_not_begin_there"] = start.notna() & (
        start.dt.day.ne(1)
        | kind.eq("quarter") & ~start.dt.month.isin(QUARTERS_BEGIN)
        | kind.eq("financial_year") & start.dt.month.ne(YEAR_BEGINS)
    )


def _show(rows: DataFrame, facts: GateFacts) -> None:
    """What the status says against the numbers and the returns that are there."""
    statistic = rows["indicator_id"].map(dict(facts.indicator_statistics))
    status, denominator = rows["status"], rows["denominator"]
    rows["is_shown"] = status.eq("shown")
    divided = statistic.notna() & statistic.ne("count")
    rows["shown_without_denominator"] = rows["is_shown"] & divided & denominator.isna()
    rows["count_has_denominator"] = statistic.eq("count") & denominator.notna()
    rows["base_is_too_low"] = rows["is_shown"] & divided & denominator.lt(facts.least_denominator)
    rows["low_base_is_not_low"] = status.eq("low_base") & denominator.ge(facts.least_denominator)
    rows["no_cases_has_cases"] = status.eq("no_cases") & denominator.gt(0)
    rows["not_submitted_and_returns_disagree"] = rows["returns_in_effect"].notna() & (
        status.eq("not_submitted") != rows["returns_in_effect"].eq(0)
    )
    said = rows.groupby(list(CELL[:4]), sort=False, dropna=False)[list(RETURNS)]
    differs = said.transform("min").ne(said.transform("max"))
    rows["returns_differ_within_cell"] = differs.any(axis=1) & rows[list(RETURNS)].notna().all(
        axis=1
    )


def _count(rows: DataFrame, facts: GateFacts) -> None:
    """Whether each count is protected: nothing small, everything rounded."""
    money = rows["indicator_id"].isin(facts.money_indicators)
    counts = [rows["numerator"].mask(money), rows["denominator"]]
    # The base need not divide the smallest count, so a multiple of it can still be too small.
    rows["count_is_too_small"] = np.logical_or.reduce(
        [each.lt(0) | (each.gt(0) & each.lt(least_count(facts))) for each in counts]
    )
    rows["count_is_not_rounded"] = np.logical_or.reduce(
        [each.mod(facts.rounding_base).fillna(0).ne(0) for each in counts]
    )
    pounds = rows["numerator"].where(money)
    rows["pounds_are_not_rounded"] = pounds.mod(facts.pounds_base).fillna(0).ne(0)


def _derive(rows: DataFrame, catalogue: DataFrame, facts: GateFacts) -> None:
    """Whether value and interval are those of the numerator and denominator beside them."""
    statistic = rows["indicator_id"].map(dict(facts.indicator_statistics))
    multipliers = catalogue.drop_duplicates("indicator_id").set_index("indicator_id")["multiplier"]
    multiplier = numbers(rows["indicator_id"].map(multipliers))
    numerator, denominator, value = rows["numerator"], rows["denominator"], rows["value"]
    lower, upper = rows["lower_ci"], rows["upper_ci"]
    shown, proportion = rows["is_shown"], statistic.eq("proportion")

    # A denominator of 0 is refused as too low; here it would only divide by nothing.
    divided = multiplier * numerator / denominator.where(denominator.ne(0))
    expected = numerator.where(statistic.eq("count"), divided)
    rows["value_is_not_that_of_its_numbers"] = shown & (value - expected).abs().gt(
        TOLERANCE * np.maximum(1, expected.abs())
    )
    # An admission's discharge can be sent without the admission, so that more than all are
    # concerned: then there is a value, above 100, and no interval.
    exceeds = proportion & numerator.gt(denominator)
    rows["proportion_is_out_of_range"] = (
        proportion & ~exceeds & (value.lt(-TOLERANCE) | value.gt(multiplier + TOLERANCE))
    )
    rows["interval_is_half_given"] = lower.isna() != upper.isna()
    rows["interval_is_not_around_value"] = lower.gt(value + TOLERANCE) | upper.lt(value - TOLERANCE)
    rows["interval_is_out_of_range"] = lower.lt(-TOLERANCE) | (
        proportion & upper.gt(multiplier + TOLERANCE)
    )
    given = lower.notna() | upper.notna()
    rows["interval_though_numerator_exceeds"] = exceeds & given
    rows["interval_for_a_ratio"] = statistic.eq("ratio") & given
    rows["interval_is_missing"] = (
        shown
        & statistic.isin(["count", "rate", "proportion"])
        & ~rows["indicator_id"].isin(facts.money_indicators)
        & ~exceeds
        & ~given
    )


def return_status(frame: DataFrame) -> DataFrame:
    """return_status, row by row, with its counts as doubles and a column for each promise."""
    rows = frame.copy()
    counts = ("rows_received", "rows_excluded", "warnings")
    rows["holds_what_is_no_number"] = np.logical_or.reduce(
        [unreadable(frame[column]) for column in (*counts, "submission_no")]
    )
    for column in (*counts, "submission_no"):
        rows[column] = numbers(frame[column])
    missing = rows["state"].eq("missing")
    accepted = rows["state"].isin(["in_effect", "superseded"])
    rows["missing_has_particulars"] = missing & (
        ~absent(rows["received_at"])
        | ~absent(rows["source_name"])
        | np.logical_or.reduce([rows[column].gt(0) for column in counts])
    )
    rows["came_from_nowhere"] = ~missing & (
        absent(rows["received_at"]) | absent(rows["source_name"])
    )
    rows["accepted_without_particulars"] = accepted & (
        absent(rows["period"]) | rows["submission_no"].isna()
    )
    month = rows.groupby(["provider_code", "period"], dropna=False)
    rows["is_missing"] = missing.astype(int)
    rows["is_accepted"] = accepted.astype(int)
    rows["missing_though_it_came"] = missing & (
        (month["is_missing"].transform("sum") > 1) | (month["is_accepted"].transform("sum") > 0)
    )
    rows["number_in_effect"] = rows["submission_no"].where(rows["state"].eq("in_effect"))
    latest = month["number_in_effect"].transform("max")
    # Not `submission_no >= latest`: where nothing is in effect, nothing supersedes.
    rows["superseded_by_nothing"] = rows["state"].eq("superseded") & ~rows["submission_no"].lt(
        latest
    )
    return rows


def validation_failures(frame: DataFrame, facts: GateFacts) -> DataFrame:
    """validation_failures, row by row, with a column for each promise."""
    rows = frame.copy()
    # A frame without rows has columns of no particular type, which hold no texts to look into.
    rule = rows["rule"].astype(object).astype("str")
    severity = rows["rule"].map(dict(facts.rule_severities))
    rows["severity_is_not_the_rules"] = severity.notna() & rows["severity"].ne(severity)
    rows["personal_value_is_kept"] = rule.str.endswith("personal_data") & ~absent(rows["value"])
    row_number = numbers(frame["row_number"])
    rows["row_number_is_no_row"] = unreadable(frame["row_number"]) | row_number.lt(1)
    return rows


def returns(frame: DataFrame) -> DataFrame:
    """returns, row by row, with its counts as doubles and a column for each promise."""
    rows = frame.copy()
    counts = ("expected", "received", "in_effect", "rejected")
    for column in counts:
        rows[column] = numbers(frame[column])
    rows["count_is_no_whole_number"] = np.logical_or.reduce(
        [rows[column].isna() | rows[column].lt(0) | rows[column].mod(1).ne(0) for column in counts]
    )
    rows["more_than_one_counts"] = rows["expected"].gt(1) | rows["in_effect"].gt(1)
    rows["more_counted_than_received"] = (rows["in_effect"] + rows["rejected"]).gt(rows["received"])
    rows["accepted_and_in_effect_disagree"] = rows["received"].gt(rows["rejected"]) != rows[
        "in_effect"
    ].gt(0)
    rows["day_and_in_effect_disagree"] = rows["counting_came_on"].notna() != rows["in_effect"].gt(0)
    return rows


def narratives(
    frame: DataFrame, areas: DataFrame, returns: DataFrame, facts: GateFacts
) -> DataFrame:
    """narratives, row by row, with a column for each promise that a row can break."""
    rows = frame.copy()
    # A frame without rows has columns of no particular type, which hold no texts to look into.
    words = rows["text"].astype(object).where(rows["text"].notna(), "").astype("str")
    authorities = areas.loc[areas["area_type"].eq("local_authority"), ["area_type", "area_code"]]
    rows["area_is_no_local_authority"] = ~amongst(
        rows["area_type"], rows["area_code"], authorities.itertuples(index=False, name=None)
    )
    counted = returns.loc[numbers(returns["in_effect"]).gt(0), "period"]
    rows["month_has_no_return"] = rows["period"].notna() & ~days(rows["period"]).isin(days(counted))
    rows["text_is_blank"] = words.str.strip(" \t\n").eq("")
    rows["text_is_too_long"] = words.str.len().gt(facts.narrative_longest)
    rows["holds_hidden_characters"] = personal.holds_hidden_characters(words)
    rows["holds_personal_data"] = personal.holds_personal_data(words)
    return rows


def reconciliation(frame: DataFrame) -> DataFrame:
    """The reconciled counts as doubles; `differs` where the two places do not agree."""
    rows = frame.copy()
    rows["expected"], rows["found"] = numbers(frame["expected"]), numbers(frame["found"])
    apart = (rows["expected"] - rows["found"]).abs()
    # Pounds are sums of doubles; and a gap agrees with nothing.
    rows["differs"] = ~apart.le(TOLERANCE * np.maximum(1, rows["expected"].abs()))
    return rows
