"""What a release changes in the published figures, and why: `marts.published_revisions`.

The new figures are held against those of the release that is up, cell by cell. Both are protected;
nothing exact is read. What the last release said of a cell is told again only where the cell is
shown now and where no figure that is hidden now could be worked out from it.

The cause is told as far as the tables can tell it: the first of `revision_causes.csv` that fits.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from duckdb import DuckDBPyConnection

from expectations.rules.sql import literal, name
from orchestration.release_store import published_release
from orchestration.settings import Settings
from orchestration.state import rules_digest
from orchestration.transform import warehouse

CELL = ("indicator_id", "period_type", "period_start", "area_type", "area_code",
        "breakdown_type", "breakdown_value")  # fmt: skip
# What of the catalogue's row of an indicator says what its figures are.
DEFINITION = ("statistic", "numerator", "denominator", "multiplier", "unit", "definition",
              "numerator_words", "denominator_words")  # fmt: skip
# What is read of the last release: nothing of it but the published files.
LAST_FIGURES = {**dict.fromkeys(CELL, "varchar"), "period_start": "date", "release_id": "varchar",
                "status": "varchar", "value": "double", "returns_in_effect": "bigint"}  # fmt: skip
LAST_CATALOGUE = dict.fromkeys(("indicator_id", *DEFINITION), "varchar")
LAST_RETURNS = {"provider_code": "varchar", "period": "varchar", "received": "bigint",
                "in_effect": "bigint", "rejected": "bigint"}  # fmt: skip

REVISIONS = """
create or replace table marts.published_revisions as
with cells as (
    select
        {cell},
        last.indicator_id is null as is_new,
        now.indicator_id is null as is_gone,
        last.status as status_before,
        last.value as value_before,
        now.status as status_after,
        now.value as value_after,
        period_start + case period_type
            when 'month' then interval 1 month
            when 'quarter' then interval 3 months
            else interval 1 year
        end as period_ends,
        date_trunc('year', period_start - interval 3 months) as in_year
    from marts.published_indicators as now
    full outer join last_figures as last using ({cell})
    where (select count(*) from last_figures) > 0
),

revised as (
    select * from cells
    where status_before is distinct from status_after or value_before is distinct from value_after
),

-- What was shown and is not now is a term of sums, and each other term of those one of further
-- sums: of an indicator and year with such a figure, nothing is told again from before.
hidden_now as (
    select distinct indicator_id, in_year from revised
    where status_before = 'shown' and status_after is distinct from 'shown'
),

told as (
    select
        *,
        status_after = 'shown'
        and (indicator_id, in_year) not in (select (indicator_id, in_year) from hidden_now)
            as is_told_again
    from revised
),

redefined as (
    select indicator_id
    from marts.published_catalogue as now
    left join last_catalogue as last using (indicator_id)
    where last.indicator_id is null or {redefined}
),

newest as (
    select
        (select max(period_start) from marts.published_indicators where period_type = 'month')
            as month_now,
        (select max(period_start) from last_figures where period_type = 'month') as month_before
),

-- All rows of one period and area rest on the same returns, those of groups too.
counting_now as (
    select period_type, period_start, area_type, area_code, max(returns_in_effect) as returns
    from marts.published_indicators
    group by all
),

counting_before as (
    select period_type, period_start, area_type, area_code, max(returns_in_effect) as returns
    from last_figures
    group by all
),

-- A month that counted before and counts still, and of which one more submission was accepted.
sent_again as (
    select distinct
        areas.area_type,
        areas.area_code,
        strptime(now.period || '-01', '%Y-%m-%d')::date as month
    from marts.published_returns as now
    inner join last_returns as last using (provider_code, period)
    inner join intermediate.int_service_areas as own
        on own.area_type = 'provider' and now.provider_code = own.area_code
    inner join intermediate.int_service_areas as areas using (service_code)
    where
        now.in_effect > 0
        and last.in_effect > 0
        and now.received - now.rejected > last.received - last.rejected
),

caused as (
    select
        told.*,
        coalesce(counting_now.returns, 0) as counting_now,
        coalesce(counting_before.returns, 0) as counting_before,
        month_now > month_before and period_ends > month_before + interval 1 month as has_new_month,
        exists (
            select 1
            from sent_again
            where
                sent_again.area_type = told.area_type
                and sent_again.area_code = told.area_code
                and sent_again.month >= told.period_start
                and sent_again.month < told.period_ends
        ) as is_sent_again
    from told
    cross join newest
    left join counting_now using (period_type, period_start, area_type, area_code)
    left join counting_before using (period_type, period_start, area_type, area_code)
)

select
    {release_id} as release_id,
    (select max(release_id) from last_figures) as since_release,
    {cell},
    case when is_new then 'added' when is_gone then 'removed' else 'changed' end as kind,
    case when is_told_again then status_before end as status_before,
    case when is_told_again then value_before end as value_before,
    status_after,
    value_after,
    case
        when indicator_id in (from redefined) then 'changed_definition'
        when has_new_month then 'new_period'
        when counting_now > counting_before then 'late_return'
        when counting_now < counting_before then 'fewer_returns'
        when is_sent_again then 'resubmission'
        when {rules_changed} then 'changed_rule'
        else 'other'
    end as cause
from caused
"""


def write_revisions(settings: Settings, release_id: str) -> int:
    """Writes `marts.published_revisions` of the warehouse, against the release that is up.

    Gives the number of its rows; before the first release there are none.
    """
    last = settings.public / "data"
    with warehouse.connect(settings) as connection:
        compare(connection, last, release_id, _rules_changed(settings))
        row = connection.execute("select count(*) from marts.published_revisions").fetchone()
    assert row is not None
    return int(row[0])


def compare(
    connection: DuckDBPyConnection, last: Path, release_id: str, rules_changed: bool
) -> None:
    """Makes `marts.published_revisions` from the tables of `marts` and the published files of the
    folder `last`, which need not be there."""
    _read(connection, "last_figures", last / "indicators.parquet", LAST_FIGURES)
    _read(connection, "last_catalogue", last / "catalogue.csv", LAST_CATALOGUE)
    _read(connection, "last_returns", last / "returns.csv", LAST_RETURNS)
    connection.execute(
        REVISIONS.format(
            cell=", ".join(CELL),
            redefined=" or ".join(
                f"coalesce(now.{column}::varchar, '') <> coalesce(last.{column}, '')"
                for column in DEFINITION
            ),
            release_id=literal(release_id),
            rules_changed=str(rules_changed).lower(),
        )
    )


def _read(connection: DuckDBPyConnection, table: str, path: Path, columns: dict[str, str]) -> None:
    """A temporary table of these columns of a published file; empty where there is no file."""
    typed = ", ".join(f"{name(column)} {kind}" for column, kind in columns.items())
    connection.execute(f"create or replace temporary table {table} ({typed})")
    if path.exists():
        source = literal(str(path))
        rows = (
            f"read_parquet({source})"
            if path.suffix == ".parquet"
            else f"read_csv({source}, all_varchar = true, header = true)"
        )
        connection.execute(f"insert into {table} by name select {_listed(columns)} from {rows}")


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(name(column) for column in columns)


def _rules_changed(settings: Settings) -> bool:
    """Whether the release that is up was made by other rules; one that does not say, was not."""
    last = published_release(settings)
    return last is not None and last.rules is not None and last.rules != rules_digest()
