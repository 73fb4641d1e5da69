"""Believable published tables, made up, for the tests of the site and for looking at it.

The catalogue and the registry are the project's own, the figures are invented: they rise and fall
with the seasons, protect small counts as `disclosure.md` says and have every status, so that a page
meets what it will meet in earnest. The same call gives the same figures.
"""

from __future__ import annotations

import atexit
import csv
import shutil
import tempfile
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import duckdb

from orchestration.publish.data_files import published_columns, write_data_package
from orchestration.publish.feed import ReleaseNote
from orchestration.publish.revisions import compare
from orchestration.publish.site import ReleaseFacts, build_site
from tests.compiled_models import CHANGES, COMPARED, FUNNELS, Models

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
RELEASE_ID = "2026-04-08-1"
LAST_RELEASE_ID = "2026-03-08-1"
AS_AT = date(2026, 4, 8)
# What the project's own models make of the figures, and what is made up beside them.
DERIVED = ("comparisons", "funnels", "funnel_limits", "changes", "change_verdicts")
GOALS = ("targets", "inequalities", "coverage")
PUBLISHED_AT = "8 April 2026, 02:14 UTC"
HISTORY = (
    ReleaseNote(RELEASE_ID, AS_AT, datetime(2026, 4, 8, 2, 14, tzinfo=UTC)),
    ReleaseNote("2026-03-09-1", date(2026, 3, 9), datetime(2026, 3, 9, 2, 3, tzinfo=UTC)),
)

# A provider is as big as its services; a place as the services in it (codes as in the registry).
MADE = """
create table ind as
select indicator_id, domain, statistic, denominator, multiplier, row_number() over () as no,
    -- Cases a month in the whole system: some indicators are thin everywhere, most are not.
    case indicator_id
        when 'contacts_attended' then 4200 when 'people_supported' then 1450
        when 'unit_cost' then 4200 * 34 when 'step_down_after_discharge' then 3
        when 'rough_sleeping_to_temporary' then 9 when 'healthy_living_sessions' then 260
        when 'personal_budget_use' then 2.5 when 'mental_health_admissions' then 19
        when 'handovers_made' then 540
        else 12 + hash(indicator_id || 'n') % 160 end as cases,
    case when statistic = 'count' then null
        when indicator_id = 'unit_cost' then 4200
        when denominator = 'people_on_caseload' then 1650
        when denominator = 'discharges' then 46
        when indicator_id = 'rough_sleeping_to_temporary' then 55
        else 1.6 * (12 + hash(indicator_id || 'n') % 160) + 8 end as base
from read_csv('{seeds}/catalogue/indicators.csv', all_varchar = true);

create table prov as
select * from read_csv('{seeds}/registry/providers.csv', all_varchar = true);
create table serv as
select *, 0.3 + (hash(service_code) % 100) / 60.0 as size
from read_csv('{seeds}/registry/services.csv', all_varchar = true);
create table area as
select area_type, area_code, area_name, parent_code
from read_csv('{seeds}/registry/areas.csv', all_varchar = true)
union all
select 'provider', provider_code, provider_name, null from prov
order by all;

create table mon as
select unnest(generate_series(date '2024-04-01', date '{last_month}', interval 1 month))::date as m;
create table period as
select 'month' as period_type, m as period_start, m from mon
union all select 'quarter', date_trunc('quarter', m)::date, m from mon
union all select 'financial_year',
    (date_trunc('year', m - interval 3 month) + interval 3 month)::date, m from mon;

create table ret as
select provider_code, provider_name, strftime(m, '%Y-%m') as period, m, 1 as expected,
    case when fate < 4 then 0 when fate < 8 then 2 else 1 end as received,
    case when fate < 6 then 0 else 1 end as in_effect,
    case when fate between 4 and 7 then 1 else 0 end as rejected,
    case when fate >= 6 then (m + interval 1 month + interval (fate % 9) day)::date end
        as counting_came_on
from (
    select prov.*, m,
        case when provider_code = 'GR07' and m < date '2024-07-01' then 0
            when strftime(m, '%Y-%m') = '2025-12' and provider_code = 'DE04' then 5
            else hash(provider_code || m::varchar) % 90 end as fate
    from prov, mon
    where strftime(m, '%Y-%m') >= active_from
        and (active_to is null or strftime(m, '%Y-%m') <= active_to)
);

-- Which providers make up an area, and with what share of their work.
create table part as
with places as (
    select area_code as place_code, parent_code as la_code from area where area_type = 'place'
),
work as (
    select provider_code, place_code, la_code, sum(size) as size
    from serv join places using (place_code) group by all
)
select 'system' as area_type, (select area_code from area where area_type = 'system') as area_code,
    provider_code, sum(size) as size from work group by all
union all select 'local_authority', la_code, provider_code, sum(size) from work group by all
union all select 'place', place_code, provider_code, sum(size) from work group by all
union all select 'provider', provider_code, provider_code, sum(size) from work group by all;

create table grp (breakdown_type varchar, breakdown_value varchar, share double);
insert into grp values ('all', 'all', 1),
    ('inclusion_group', 'homeless', 0.38), ('inclusion_group', 'substance', 0.27),
    ('inclusion_group', 'migrant', 0.11), ('inclusion_group', 'grt', 0.07),
    ('inclusion_group', 'justice', 0.16), ('inclusion_group', 'modern_slavery', 0.01),
    ('inclusion_group', 'sex_work', 0.04), ('inclusion_group', 'other', 0.09),
    ('gender', '1', 0.6), ('gender', '2', 0.37), ('gender', '9', 0.004), ('gender', 'X', 0.02),
    ('age_band', '0-17', 0.03), ('age_band', '18-24', 0.14), ('age_band', '25-34', 0.25),
    ('age_band', '35-49', 0.35), ('age_band', '50-64', 0.18), ('age_band', '65+', 0.05),
    ('ethnic_group', 'white', 0.78), ('ethnic_group', 'mixed', 0.05),
    ('ethnic_group', 'asian', 0.06), ('ethnic_group', 'black', 0.07),
    ('ethnic_group', 'other', 0.02), ('ethnic_group', 'unknown', 0.02),
    ('tier', '0', 0.08), ('tier', '1', 0.27), ('tier', '2', 0.4), ('tier', '3', 0.25);

create table expectation as
select period_type, period_start, area_type, area_code,
    count(*) as returns_expected, sum(in_effect) as returns_in_effect,
    sum(part.size * in_effect
        * (1 + 0.12 * sin(month(period.m) / 2.0) + epoch(period.m) / 4e9 - 0.4)
    ) / (select sum(size) from serv) as weight,
    sum(part.size * in_effect) / count(distinct period.m) / (select sum(size) from serv) as people
from period
join ret using (m) join part using (provider_code)
group by all;

create view exact as
select ind.*, e.*, grp.*,
    1 + ((hash(indicator_id || period_type || period_start::varchar || area_code
        || breakdown_type || breakdown_value) % 1000)::int - 500) / 4200.0 as luck,
    -- Befrienders and community links have nobody in hospital.
    (area_code in ('IR09', 'LO12') and ind.denominator is not distinct from 'discharges') as idle,
    case when idle then 0 else round(cases * share * weight * luck) end as n,
    -- People are the same people in the next month, so a year has few more of them than a month.
    round(case when idle then 0 else 1 end * base * share * luck * case
        when denominator = 'people_on_caseload' then people * (case period_type
            when 'month' then 1 when 'quarter' then 1.3 else 1.9 end)
        else weight end) as d
from ind, expectation e, grp
where grp.breakdown_type in ('all', 'tier') or ind.indicator_id <> 'unit_cost';

create view guarded as
select *,
    case when indicator_id = 'unit_cost' then round(m, -2)
        when m between 1 and 4 then null else 5 * round(m / 5) end as pn,
    case when d between 1 and 4 then null else 5 * round(d / 5) end as pd,
    statistic = 'proportion' and d - m between 1 and 4 as hidden_rest
from (select *, least(n, case when statistic = 'proportion' then d else n end) as m from exact);

create table told (domain varchar, kind varchar, ago integer, area_code varchar, said varchar);
insert into told
select d.domain, ['user_interview', 'staff_interview', 'case_story'][1 + n % 3], n,
    ['E06000061', 'E06000062'][1 + (n * 7 + length(d.domain)) % 2],
    ['Nobody had asked me what I wanted before. It is better than it was.',
     'What made the difference was one worker who kept turning up.',
     'After many moves this person had stopped opening letters.' || chr(10) || chr(10)
        || 'A room with a lock on the door changed everything.'][1 + n % 3]
from (select distinct domain from ind where domain <> 'employment') as d,
    (select unnest(range(3 + 9)) as n) where d.domain <> 'choice' or n < 3;
create table narratives as
select '{release}' as release_id, row_number() over (order by md5(said), domain, ago) as narrative,
    domain, kind, strftime(date '{last_month}' - to_months(ago), '%Y-%m') as period,
    'local_authority' as area_type, area_code, said as text from told;

create table published as
with judged as (
    select *, case
        when returns_in_effect = 0 then 'not_submitted'
        when statistic = 'count' then case when pn is null then 'suppressed' else 'shown' end
        when d = 0 then 'no_cases'
        when pd is null or pd < 20 then 'low_base'
        when pn is null or hidden_rest then 'suppressed'
        else 'shown' end as status
    from guarded
    where breakdown_type = 'all' or n <> 0 or d <> 0
),
valued as (
    select *,
        case when status = 'shown' then pn end as numerator_,
        case when status <> 'not_submitted' and statistic <> 'count' and pd >= 20
            and not hidden_rest then pd end as denominator_,
        case when status = 'shown' then case statistic when 'count' then pn
            else multiplier::int * pn / pd end end as value
    from judged
)
select '{release}' as release_id, indicator_id, domain, period_type, period_start, area_type,
    area_code, breakdown_type, breakdown_value,
    numerator_::bigint as numerator, denominator_::bigint as denominator, value,
    case when value is null or statistic = 'ratio' then null
        when statistic = 'proportion' then 100 * (2 * pn + 3.841 - 1.96 * sqrt(
            greatest(3.841 + 4 * pn * (1 - pn / pd), 0))) / (2 * (pd + 3.841))
        when pn = 0 then 0
        else (pn * (1 - 1 / (9 * pn) - 1.96 / (3 * sqrt(pn))) ** 3)
            * case statistic when 'rate' then 100 / pd else 1 end end as lower_ci,
    case when value is null or statistic = 'ratio' then null
        when statistic = 'proportion' then 100 * (2 * pn + 3.841 + 1.96 * sqrt(
            greatest(3.841 + 4 * pn * (1 - pn / pd), 0))) / (2 * (pd + 3.841))
        else ((pn + 1) * (1 - 1 / (9 * (pn + 1)) + 1.96 / (3 * sqrt(pn + 1))) ** 3)
            * case statistic when 'rate' then 100 / pd else 1 end end as upper_ci,
    status,
    (period_type <> 'month' and (returns_in_effect < returns_expected or case period_type
        when 'quarter' then period_start + interval 3 month
        else period_start + interval 1 year end > date '{as_at}'))
        or (indicator_id = 'readmission_30d' and case period_type
            when 'month' then period_start + interval 1 month
            when 'quarter' then period_start + interval 3 month
            else period_start + interval 1 year end > date '{as_at}' - interval 30 day)
        as is_provisional,
    returns_expected::int as returns_expected, returns_in_effect::int as returns_in_effect
from valued
order by no, period_type, period_start, area_type, area_code, breakdown_type, breakdown_value;
"""

# Targets, gaps and coverage: believable, by rougher rules than those of the models.
JUDGEMENTS = """
-- Intervals are narrower than they should be, so that some gaps are more than chance.
create table inequalities as
select g.indicator_id, g.period_type, g.period_start, g.area_type, g.area_code, g.breakdown_type,
    g.breakdown_value, g.value as group_value, s.value as whole_value,
    g.value - s.value as absolute_gap,
    absolute_gap - 0.3 * (g.value - g.lower_ci) as gap_lower,
    absolute_gap + 0.3 * (g.upper_ci - g.value) as gap_upper,
    gap_lower <= 0 and gap_upper >= 0 as gap_holds_zero, g.value / nullif(s.value, 0) as ratio,
    ratio * (1 - 1.2 * (g.value - g.lower_ci) / nullif(g.value, 0)) as ratio_lower,
    ratio * (1 + 1.2 * (g.upper_ci - g.value) / nullif(g.value, 0)) as ratio_upper,
    null::double as gap_year_before,
    ['widening', 'narrowing', 'no_clear_change', 'cannot_be_told'][
        1 + (hash(g.indicator_id || g.breakdown_value) % 4)::int] as gap_change,
    'The gap in words.' as sentence
from published as g
join published as s using (indicator_id, period_type, period_start, area_type, area_code)
join ind using (indicator_id)
where g.breakdown_type <> 'all' and s.breakdown_type = 'all' and ind.statistic <> 'count'
    and g.value is not null and s.value is not null and area_type in ('system', 'local_authority');

create table coverage as
select indicator_id, period_type, period_start, area_type, area_code, returns_expected,
    returns_in_effect, returns_expected - returns_in_effect as returns_missing,
    'DE04' as providers_missing, value, value * 1.02 as value_if_as_before, value * 0.02 as shift,
    false as is_rough, if(value is null, 'figure_not_shown', 'told') as finding,
    returns_missing || ' of ' || returns_expected
        || if(returns_expected = 1, ' return', ' returns')
        || if(returns_missing = 1, ' is', ' are') || ' missing: one organisation. '
        || if(value is null,
            'How far the figure could move cannot be told, since it is not shown.',
            'Were the missing months like the three before, the figure would be 2 in 100 higher.')
    as sentence
from published
where breakdown_type = 'all' and area_type <> 'provider' and returns_in_effect < returns_expected;

create table targets as
select (1 + row_number() over (order by indicator_id, area_code))::int as line, p.indicator_id,
    p.area_type, p.area_code, p.period_type, p.period_start as baseline_period_start,
    p.value as baseline_value, date '2025-04-01' as current_period_start, n.value as current_value,
    n.lower_ci, n.upper_ci, n.is_provisional, n.returns_expected, n.returns_in_effect,
    round(p.value * (0.95 + 0.05 * (hash(p.indicator_id || p.area_code) % 5))) as target_value,
    date '2027-03-31' as due_date,
    p.value + (target_value - p.value) / 2 as expected_now,
    case when (n.value >= target_value) = (p.indicator_id <> 'unit_cost') then 'met'
        when n.lower_ci is null then 'cannot_be_told'
        when n.value >= expected_now then 'on_track'
        when n.upper_ci >= expected_now then 'at_risk' else 'off_track' end as judgement,
    upper(judgement[1]) || replace(judgement[2:], '_', ' ') || ': by a straight line.' as sentence
from published as p
join published as n using (indicator_id, area_type, area_code, breakdown_type, period_type)
where p.breakdown_type = 'all' and p.area_type in ('system', 'local_authority')
    and p.period_type = 'financial_year' and p.period_start = '2024-04-01'
    and n.period_start = '2025-04-01' and p.value is not null
    and p.indicator_id in ('mdt_coverage', 'smoking_reduction', 'paid_employment', 'unit_cost')
union all
select 40, 'mdt_coverage', 'system', 'QPM', 'financial_year', null, null, null, null, null, null,
    null, null, null, null, null, null, 'refused',
    'A target needs a day by which it is to be reached (time-bound). Line 40 has no due_date.';
"""


def write_published(
    folder: Path,
    as_at: date = AS_AT,
    rename_provider: dict[str, str] | None = None,
    change: str = "",
    only: tuple[str, ...] = (),
) -> Path:
    """Write the published files of a made-up release into `folder` and return it.

    `rename_provider` gives providers other names, for the tests of hostile or real ones; `change`
    is SQL that is run on the tables `published` and `narratives` before they are written; `only`
    keeps these indicators.
    """
    folder.mkdir(parents=True, exist_ok=True)
    last = date(as_at.year - (as_at.month == 1), (as_at.month - 2) % 12 + 1, 1)
    with duckdb.connect() as connection:
        connection.execute(
            MADE.replace("{seeds}", str(SEEDS))
            .replace("{last_month}", last.isoformat())
            .replace("{as_at}", as_at.isoformat())
            .replace("{release}", RELEASE_ID)
        )
        for code, name in (rename_provider or {}).items():
            for table, column in (("ret", "provider"), ("area", "area")):
                connection.execute(
                    f"update {table} set {column}_name = $1 where {column}_code = $2", [name, code]
                )
        if only:
            connection.execute("delete from published where indicator_id not in $1", [list(only)])
        if change:
            connection.execute(change)
        connection.execute(f"copy published to '{folder / 'indicators.csv'}' (header)")
        connection.execute(f"copy published to '{folder / 'indicators.parquet'}'")
        connection.execute(JUDGEMENTS)
        for table in GOALS:
            columns = ", ".join(column["column"] for column in published_columns()[table])
            connection.execute(
                f"copy (select {columns} from {table}) to '{folder / table}.csv' (header)"
            )
        _write_revisions(connection, folder)
        connection.execute(f"copy narratives to '{folder / 'narratives.csv'}' (header)")
        connection.execute(f"copy area to '{folder / 'areas.csv'}' (header)")
        _write_derived(connection, folder, as_at)
        connection.execute(
            "copy (select provider_code, provider_name, period, expected, received, in_effect, "
            "rejected, counting_came_on from ret order by all) "
            f"to '{folder / 'returns.csv'}' (header)"
        )
    with (SEEDS / "catalogue" / "indicators.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    with (folder / "catalogue.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *(r for r in rows if not only or r[0] in only)])
    write_data_package(folder, RELEASE_ID)
    return folder


def _write_derived(connection: duckdb.DuckDBPyConnection, folder: Path, as_at: date) -> None:
    """What the project's own models make of the made-up figures: comparisons, funnels, changes."""

    def rows(sql: str) -> list[dict[str, object]]:
        found = connection.execute(sql)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    models = Models()
    models.fill(
        "seeds.indicators",
        rows(f"from read_csv('{SEEDS}/catalogue/indicators.csv', all_varchar = true)"),
    )
    models.fill("marts.published_indicators", rows("from published where breakdown_type = 'all'"))
    models.fill(
        "intermediate.int_service_areas",
        rows(
            "select service_code, place.area_type, place.area_code from serv, area as place "
            "where place.area_code in (serv.place_code, serv.provider_code) "
            "or place.area_code = (select parent_code from area where area_code = serv.place_code) "
            "or place.area_type = 'system'"
        ),
    )
    models.fill("staging.stg_intake__refresh", [{"release_id": RELEASE_ID, "as_at": as_at}])
    models.run(*COMPARED, *FUNNELS, *CHANGES)
    for file in DERIVED:
        models.write(f"published_{file}", folder / f"{file}.csv")


def _write_revisions(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """What the release changes against a last one that lacked the newest month and some returns."""
    connection.execute(
        f"""
        create schema marts; create schema intermediate;
        create view marts.published_indicators as from published;
        create view marts.published_returns as from ret;
        create view marts.published_catalogue as
            from read_csv('{SEEDS}/catalogue/indicators.csv', all_varchar = true);
        create view intermediate.int_service_areas as
        select service_code, area_type, area_code from serv join part using (provider_code);
        create table last_release as
        select * replace (
            '{LAST_RELEASE_ID}' as release_id,
            if(was_other and status = 'suppressed', 'shown', status) as status,
            if(was_other and status in ('shown', 'suppressed'), coalesce(value, 10) * 0.9, value)
                as value,
            if(area_code in ('QPM', 'BR02', 'NOR') and period_start = '2025-12-01',
                greatest(returns_in_effect - 1, 0), returns_in_effect)
                as returns_in_effect
        )
        from (
            select *, area_code in ('QPM', 'BR02', 'NOR')
                and (breakdown_type = 'all' or hash(indicator_id || breakdown_value) % 9 = 0)
                and period_type <> 'financial_year' and period_start >= '2025-12-01' as was_other
            from published
        )
        where period_start < (select max(m) from mon) or period_type <> 'month'
        """
    )
    with tempfile.TemporaryDirectory() as last:
        connection.execute(
            f"copy (select * exclude (was_other) from last_release) to '{last}/indicators.parquet'"
        )
        connection.execute(f"copy marts.published_catalogue to '{last}/catalogue.csv'")
        connection.execute(
            "copy (select * replace (received - (provider_code = 'BR02' and received > 0)::int "
            f"as received) from ret) to '{last}/returns.csv'"
        )
        compare(connection, Path(last), RELEASE_ID, rules_changed=False)
    columns = ", ".join(column["column"] for column in published_columns()["revisions"])
    connection.execute(
        f"copy (select {columns} from marts.published_revisions order by all) "
        f"to '{folder / 'revisions'}.csv' (header)"
    )


@cache
def _scratch() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="published-sample-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def sample_data() -> Path:
    """The sample's published files, written once for each run of the tests; not to be changed."""
    return write_published(_scratch() / "data")


@cache
def sample_site() -> Path:
    """The site of the sample, built once for each run of the tests; not to be changed."""
    release = ReleaseFacts(RELEASE_ID, AS_AT, PUBLISHED_AT, HISTORY, LAST_RELEASE_ID)
    build_site(sample_data(), _scratch() / "site", release)
    return _scratch() / "site"


if __name__ == "__main__":
    import sys

    print(write_published(Path(sys.argv[1])))
