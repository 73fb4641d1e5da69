"""Great Expectations on a pandas frame, on the rules of contacts that it has an expectation for:
see `benchmarks.frames`."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import great_expectations as gx
import great_expectations.expectations as gxe

from benchmarks.frames import (
    CODED,
    DATE,
    IDENTIFIER,
    MONTH_END,
    MONTH_START,
    NUMBER,
    REQUIRED,
    codes,
    read_contacts,
    read_episode_ids,
)
from benchmarks.measure import Findings, run

# It counts every row of a key that is repeated, the first as well, where we count the later ones.
COUNTED_OTHERWISE = "contacts.contact_id.key"


def judge(folder: Path) -> Findings:
    """Judges the contacts of the return in `folder`."""
    contacts = read_contacts(folder)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    batch = (
        context.data_sources.add_pandas("frames")
        .add_dataframe_asset("contacts")
        .add_batch_definition_whole_dataframe("all")
    )
    suite = context.suites.add(gx.ExpectationSuite("contacts"))
    for expectation in _expectations(folder):
        suite.add_expectation(expectation)
    definition = gx.ValidationDefinition(name="contacts", data=batch, suite=suite)
    result = context.validation_definitions.add(definition).run(
        batch_parameters={"dataframe": contacts},
        # Each failing row by its number, as the others give it.
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": []},
    )
    counts = {
        str(one.expectation_config.meta["rule"]): int(one.result["unexpected_count"])
        for one in result.results
        if not one.success
    }
    counts.pop(COUNTED_OTHERWISE, None)
    return Findings(counts)


def _expectations(folder: Path) -> Iterator[gxe.Expectation]:
    def rule(name: str) -> dict[str, str]:
        return {"rule": f"contacts.{name}"}

    for column in REQUIRED:
        yield gxe.ExpectColumnValuesToNotBeNull(column=column, meta=rule(f"{column}.required"))
    patterns = {
        "contact_id": IDENTIFIER,
        "episode_id": IDENTIFIER,
        "contact_date": DATE,
        "duration_minutes": NUMBER,
    }
    for column, pattern in patterns.items():
        yield gxe.ExpectColumnValuesToMatchRegex(
            column=column, regex=pattern, meta=rule(f"{column}.type")
        )
    yield gxe.ExpectColumnValuesToBeUnique(column="contact_id", meta=rule("contact_id.key"))
    for column in CODED:
        yield gxe.ExpectColumnValuesToBeInSet(
            column=column, value_set=codes(column), meta=rule(f"{column}.code")
        )
    yield gxe.ExpectColumnValuesToBeInSet(
        column="episode_id",
        value_set=read_episode_ids(folder),
        meta=rule("episode_id.reference"),
    )
    yield gxe.ExpectColumnValuesToBeBetween(
        column="day",
        min_value=MONTH_START,
        max_value=MONTH_END,
        meta=rule("contact_date.in_period"),
    )
    yield gxe.ExpectColumnValuesToBeBetween(
        column="minutes", min_value=0, max_value=1440, meta=rule("duration_minutes.range")
    )


if __name__ == "__main__":
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.disable(logging.WARNING)
    run(judge)
