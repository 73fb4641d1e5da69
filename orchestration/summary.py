"""What a refresh did, in a few lines for the person who finds it in the morning."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from orchestration.refresh import Outcome, RefreshReport
from orchestration.settings import Settings


def summary(settings: Settings, report: RefreshReport, seconds: float) -> Iterator[str]:
    """The lines: what happened, the returns, what was set aside, what is hidden, what of the
    registry's targets and breaks was refused, where to look, where time went."""
    if not report.has_news:
        yield f"Nothing new: release {report.release_id} stays up at {settings.public}."
        return
    match report.outcome:
        case Outcome.DONE:
            yield f"Published release {report.release_id}, told as at {settings.as_at}."
        case Outcome.REFUSED:
            yield "The gate refused: nothing was published, and the last release stands."
        case _:
            yield "Failed: nothing was published, and the last release stands."
    for reason in report.reasons:
        yield f"  {reason}"
    yield from _returns(settings, report.release_id)
    for refused in report.refused_goals:
        yield f"Registry: {refused}"
    yield f"Where to look: the site {settings.public}, the gate's report {settings.gate}."
    times = ", ".join(
        f"{step} {time:.0f} s" for step, time in report.seconds.items() if time >= 0.5
    )
    yield f"Time: {seconds:.0f} s ({times})."


def _returns(settings: Settings, release_id: str | None) -> Iterator[str]:
    """How many returns stand where, and what of them was set aside; counts only."""
    try:
        with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
            computed = connection.execute(
                "select release_id from intake.refresh where release_id = ("
                "select any_value(release_id) from marts.published_indicators)"
            ).fetchone()
            if computed != (release_id,):
                raise duckdb.Error("the tables are those of an earlier night")
            states = dict(
                connection.execute(
                    "select state, count(*) from marts.return_status group by state"
                ).fetchall()
            )
            audit = connection.execute(
                "select coalesce(sum(hidden_counts), 0), coalesce(sum(suppressed_further), 0), "
                "coalesce(sum(told_before), 0) from marts.disclosure_audit"
            ).fetchone()
            excluded = connection.execute(
                "select coalesce(sum(rows_excluded), 0) from marts.return_status "
                "where state = 'in_effect'"
            ).fetchone()
    except duckdb.Error:
        yield "Returns: how they stand cannot be told, because computing did not get so far."
        return
    yield (
        f"Returns: {states.get('in_effect', 0)} count, {states.get('superseded', 0)} were replaced "
        f"by a later submission, {states.get('missing', 0)} never came."
    )
    yield (
        f"Set aside: {states.get('rejected', 0)} returns were rejected whole, and "
        f"{excluded[0] if excluded else 0} rows of returns that count were excluded."
    )
    hidden, further, told_before = audit or (0, 0, 0)
    yield (
        f"Hidden: {hidden} small counts, and {further} more, from which those could have been "
        "worked out."
    )
    if told_before:
        yield (
            f"  {told_before} of the small counts might be worked out from earlier releases: see "
            "'Hidden counts that could be worked out' in docs/for-operators.md."
        )
