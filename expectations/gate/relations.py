"""What takes two tables, or two releases, to see: completeness, agreement and change.

As in `frames`, a broken promise is a column that is true; here a row is a cell that should be
there, a month of a provider, an indicator, an area, or one pair of numbers.
"""

from __future__ import annotations

import pandas as pd
from pandas import DataFrame, Series

from expectations.gate.frames import CELL, RETURNS, YEAR_BEGINS, absent, days, numbers
from expectations.gate.interface import GateFacts

PERIOD_AND_AREA = list(CELL[:4])


def _periods(month: Series) -> dict[str, Series]:
    """The first days of the periods that a month lies in, by period type."""
    # Financial quarters begin in the months in which calendar quarters do.
    year = month.dt.year - month.dt.month.lt(YEAR_BEGINS)
    return {
        "month": month,
        "quarter": month.dt.to_period("Q").dt.start_time,
        "financial_year": pd.to_datetime(DataFrame({"year": year, "month": YEAR_BEGINS, "day": 1})),
    }


def _returns_by_period(returns: DataFrame, facts: GateFacts) -> DataFrame:
    """The returns of each provider summed over each period: period_type, period_start, area_type
    (`provider`), area_code, returns_expected, returns_in_effect."""
    known = returns.assign(
        month=days(returns["period"]),
        returns_expected=numbers(returns["expected"]),
        returns_in_effect=numbers(returns["in_effect"]),
    ).dropna(subset=["month"])
    parts = [
        known.assign(period_type=kind, period_start=start, area_type="provider")
        .groupby(["period_type", "period_start", "area_type", "provider_code"], as_index=False)[
            list(RETURNS)
        ]
        .sum()
        for kind, start in _periods(known["month"]).items()
        if kind in facts.period_types
    ]
    found = pd.concat(parts, ignore_index=True).rename(columns={"provider_code": "area_code"})
    return found.astype({"period_start": "datetime64[s]"})


def completeness(
    rows: DataFrame, places: DataFrame, returns: DataFrame, areas: DataFrame, facts: GateFacts
) -> DataFrame:
    """Every row of breakdown `all` that should be there: indicator_id, the period and the area, and
    `is_missing`.

    Due is each indicator of the catalogue in each period and area that has any published row with
    a return expected; for each provider of whom a return was expected, in each period for which any
    return is in effect; and, where there is but one system, in that system for each of those
    periods. `rows` is published_indicators from `frames.published`, which may lack rows of groups;
    `places` is from `whole.places`.
    """
    expected = _returns_by_period(returns, facts)
    live = expected.loc[expected["returns_in_effect"].gt(0), ["period_type", "period_start"]]
    live = live.drop_duplicates()
    due = [
        places.loc[places["returns_expected"].gt(0), PERIOD_AND_AREA].dropna().drop_duplicates(),
        expected[expected["returns_expected"].gt(0)].merge(live)[PERIOD_AND_AREA],
    ]
    systems = areas.loc[areas["area_type"].eq("system"), "area_code"].unique()
    if len(systems) == 1:
        due.append(live.assign(area_type="system", area_code=systems[0]))
    cells = pd.concat(due, ignore_index=True).drop_duplicates()
    wanted = cells.merge(DataFrame({"indicator_id": list(facts.indicator_statistics)}), how="cross")
    key = ["indicator_id", *PERIOD_AND_AREA]
    there = rows.loc[rows["breakdown_type"].eq("all"), key].drop_duplicates()
    found = wanted.merge(there, on=key, how="left", indicator=True)
    found["is_missing"] = found["_merge"].eq("left_only")
    return found.drop(columns="_merge")


def with_returns(rows: DataFrame, returns: DataFrame, facts: GateFacts) -> Series:
    """True in a provider's rows whose numbers of returns are not those that `returns` sums to."""
    expected = _returns_by_period(returns, facts).set_index(PERIOD_AND_AREA)
    there = rows["area_type"].eq("provider") & rows[list(RETURNS)].notna().all(axis=1)
    mine = rows.loc[there, [*PERIOD_AND_AREA, *RETURNS]]
    theirs = expected.reindex(pd.MultiIndex.from_frame(mine[PERIOD_AND_AREA])).fillna(0)
    differs = Series(False, index=rows.index)
    differs.loc[mine.index] = (mine[list(RETURNS)].to_numpy() != theirs.to_numpy()).any(axis=1)
    return differs


def of_unknown_area(rows: DataFrame, areas: DataFrame, returns: DataFrame) -> Series:
    """True in rows whose area is neither one of `areas` nor a provider of `returns`."""
    known = pd.MultiIndex.from_frame(
        pd.concat(
            [
                areas[["area_type", "area_code"]],
                DataFrame({"area_type": "provider", "area_code": returns["provider_code"]}),
            ]
        ).astype(object)
    )
    mine = pd.MultiIndex.from_frame(rows[["area_type", "area_code"]].astype(object))
    return Series(~mine.isin(known), index=rows.index)


def measures(rows: DataFrame, catalogue: DataFrame) -> DataFrame:
    """For each row two columns about the measures its indicator rests upon.

    `measure_differs`: another row of the same cell shows another number for the same measure.
    `hidden_measure_is_shown`: the row gives a measure that, as an indicator of its own, is
    suppressed in the same cell. `rows` is published_indicators from `frames.published`.
    """
    of = catalogue.drop_duplicates("indicator_id").set_index("indicator_id")
    cell = rows.groupby(list(CELL), sort=False, dropna=False).ngroup()
    sides = [
        DataFrame({"cell": cell, "measure": rows["indicator_id"].map(of[side]), "n": rows[side]})
        for side in ("numerator", "denominator")
    ]
    given = pd.concat(sides)
    given = given[given["n"].notna() & ~absent(given["measure"])]
    # One whole number for each measure and cell: far quicker to group by than two columns.
    measure = pd.concat([given["measure"], of["numerator"]]).astype("category").cat
    codes = measure.codes.to_numpy()
    width = len(measure.categories) + 1
    given["key"] = given["cell"] * width + codes[: len(given)]
    by_key = given.groupby("key", sort=False)["n"]
    differs = by_key.transform("min").ne(by_key.transform("max"))

    own = Series(codes[len(given) :], index=of.index)
    hidden = rows["status"].eq("suppressed") & rows["indicator_id"].map(of["statistic"]).eq("count")
    hidden_keys = (cell * width + rows["indicator_id"].map(own).astype(float))[hidden]
    shown = given["key"].isin(hidden_keys)
    return DataFrame(
        {
            "measure_differs": rows.index.isin(given.index[differs]),
            "hidden_measure_is_shown": rows.index.isin(given.index[shown]),
        },
        index=rows.index,
    )


def catalogue(frame: DataFrame, facts: GateFacts) -> DataFrame:
    """Each indicator of the facts or of the published catalogue: `is_not_there_once`, where it is
    not exactly one row of the catalogue, or no indicator; `says_otherwise`, where a row gives
    another statistic, or a measure that there is not."""
    # As plain texts: of categories, those would be counted that stand in other tables alone.
    counted = frame["indicator_id"].astype(object).value_counts()
    ids = Series(
        sorted({*facts.indicator_statistics, *counted.index}, key=str), name="indicator_id"
    )
    known = ids.isin(list(facts.indicator_statistics))
    rows = frame.drop_duplicates("indicator_id").set_index("indicator_id").reindex(ids)
    statistic = ids.map(dict(facts.indicator_statistics))
    other = rows["statistic"].to_numpy() != statistic.to_numpy()
    numerator = rows["numerator"].isin(facts.measures).to_numpy()
    denominator = (
        rows["denominator"].isin(facts.measures) | absent(rows["denominator"])
    ).to_numpy()
    there = ids.isin(counted.index)
    return DataFrame(
        {
            "indicator_id": ids,
            "is_not_there_once": ~known | ids.map(counted).ne(1),
            "says_otherwise": known & there & (other | ~numerator | ~denominator),
        }
    )


def returns_and_status(returns: DataFrame, status: DataFrame) -> DataFrame:
    """Each provider and month that `returns` has or of which `return_status` has a submission that
    was accepted or is missing: `differs` where the two do not count the same."""
    count = DataFrame(
        {
            "provider_code": status["provider_code"],
            "month": days(status["period"]),
            "received": status["state"].ne("missing"),
            "in_effect": status["state"].eq("in_effect"),
            "rejected": status["state"].eq("rejected"),
            "must_be": ~status["state"].eq("rejected"),
            "missing": status["state"].eq("missing"),
        }
    ).dropna(subset=["provider_code", "month"])
    there = count.groupby(["provider_code", "month"]).sum()
    here = (
        returns.assign(month=days(returns["period"]))
        .dropna(subset=["provider_code", "month"])
        .groupby(["provider_code", "month"])[["expected", "received", "in_effect", "rejected"]]
        .sum()
        .add_suffix("_here")
    )
    # A rejected return may name a month that was never expected, of which `returns` has no row.
    both = here.join(there, how="outer")
    both = both[both["expected_here"].notna() | both["must_be"].gt(0)].fillna(0)
    differs = both["missing"].gt(both["expected_here"])
    for name in ("received", "in_effect", "rejected"):
        differs |= both[name].ne(both[f"{name}_here"])
    return both.reset_index()[["provider_code", "month"]].assign(differs=differs.to_numpy())


# From how many shown figures on it is a fault that half of them are gone.
MANY_SHOWN = 1000


def shown_then_and_now(now: DataFrame, then: DataFrame) -> DataFrame:
    """One row of two releases, given as `WholeTable.counts`: shown_now and half_of_shown_then
    (numbers of shown rows), and `newest_is_older`, where the newest period is not as new as it was.

    Where few figures were shown then, a single return put right may hide most of them, and nothing
    can be said from their number: half_of_shown_then is 0.
    """
    newest = [days(each["newest"]).max() for each in (now, then)]
    shown_now, shown_then = (
        int(each.loc[each["status"].eq("shown"), "rows"].sum()) for each in (now, then)
    )
    return DataFrame(
        {
            "shown_now": [float(shown_now)],
            "half_of_shown_then": [shown_then / 2 if shown_then >= MANY_SHOWN else 0.0],
            "newest_is_older": [bool(pd.notna(newest[1]) and not newest[0] >= newest[1])],
        }
    )


def vanished(now: DataFrame, then: DataFrame, key: list[str]) -> DataFrame:
    """Each value of the key that had a row then: the key, and `has_vanished` where it has none now.

    A row of any status will do: that a figure has become too small to show is no fault.
    """
    there = [each[key].drop_duplicates() for each in (now, then)]
    found = there[1].merge(there[0], on=key, how="left", indicator=True)
    return found[key].assign(has_vanished=found["_merge"].eq("left_only").to_numpy())
