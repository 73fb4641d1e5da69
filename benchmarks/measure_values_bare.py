"""The bare script that the models are measured by: what an analyst would write by hand in DuckDB to
get the same `measure_values` from the same lake, with neither dbt nor macros nor tests.

    python -m benchmarks.measure_values_bare LAKE REGISTRY OUT.duckdb [--as-at YYYY-MM-DD]

It reads the Parquet files of the lake, the commissioner's registry and the facts in `seeds/`, and
leaves the table `measure_values` in OUT.duckdb. Prints the seconds of each step as JSON.

How it goes about it: every event is first reduced to one row for each measure, month, service and
person, with how many there were. Where units can be added up (contacts, admissions, pounds), those
are summed by service and by what the person is, and the services then by area. Nearly everybody
comes through one service in a period, so persons can be added up the same way; the few who come
through several stand once in each area. Short numbers stand for persons, services and periods.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from datetime import date
from pathlib import Path

import duckdb

from benchmarks.sizes import AS_AT
from expectations.rules.sql import literal
from orchestration.facts import SEEDS

# Measures of events that are added up: (measure, table, condition).
EVENTS = (
    ("attended_contacts", "contacts", "attendance = 'attended'"),
    (
        "healthy_living_sessions",
        "contacts",
        "attendance = 'attended' and purpose = 'healthy_living'",
    ),
    ("crisis_events", "outcomes", "outcome in ('crisis', 'relapse')"),
    ("handovers_made", "handovers", "true"),
    ("handovers_answered", "handovers", "result in ('accepted', 'declined')"),
    ("handovers_accepted", "handovers", "result = 'accepted'"),
)
# Persons who have an event of a kind: (measure, outcomes).
OUTCOMES = {
    "people_exercise": ("exercise_started",),
    "people_relationships": ("relationship_improved", "relationship_new"),
    "people_support_networks": ("support_network_joined",),
    "people_supporting_others": ("supporting_others",),
    "people_training": ("training_started",),
    "people_interviewed": ("interview",),
    "people_employed": ("employment_started",),
    "people_employed_or_interviewed": ("employment_started", "interview"),
    "people_personal_budgets": ("personal_budget", "direct_payment"),
    "people_choosing": ("chose_provider", "chose_activity"),
}
# Scores followed up: by the end of the measure's name, the score, whom it is about, and when it
# counts as improved.
FOLLOWED_UP = {
    "pss10": ("pss10", "true", "latest < baseline"),
    "bmi": ("bmi", "baseline >= 25", "latest < baseline"),
    "weight": ("weight_kg", "true", "latest * 100 <= baseline * 95"),
    "smoking": ("cigarettes_per_day", "baseline > 0", "latest < baseline"),
    "substance": ("substance_days", "baseline > 0", "latest < baseline"),
    "rses": ("rses", "true", "latest > baseline"),
    "brcs": ("brcs", "true", "latest > baseline"),
}
OTHERS = (
    "people_supported", "people_on_caseload", "people_mdt_reviewed", "people_sleeping_rough",
    "rough_sleepers_housed_temporarily", "people_permanently_housed", "episodes_open",
    "episodes_ended", "admissions", "mental_health_admissions", "discharges", "readmissions_30d",
    "step_down_discharges", "cost_gbp",
)  # fmt: skip
MEASURES = (
    *(measure for measure, _, _ in EVENTS),
    *OUTCOMES,
    *(f"{kind}_{end}" for end in FOLLOWED_UP for kind in ("followed_up", "improved")),
    *OTHERS,
)
EVENT_TABLES = {
    "contacts": ("contact_date", "attendance, purpose"),
    "outcomes": ("outcome_date", "outcome"),
    "handovers": ("handover_date", "result"),
    "case_reviews": ("review_date", "multidisciplinary"),
}


def lake_rows(lake: Path, table: str) -> str:
    """SQL for all rows of a table of the lake, however they are divided into files."""
    files = literal(str(lake / table / "**" / "*.parquet"))
    return f"read_parquet({files}, hive_partitioning = false)"


def seed(path: str) -> str:
    """SQL for a file of facts, its columns as text."""
    return f"read_csv({literal(str(SEEDS / path))}, header = true, all_varchar = true)"


def steps(lake: Path, registry: Path, as_at: date) -> list[tuple[str, str]]:
    """The statements, each with the name of the step that it belongs to."""
    return [
        ("returns", _returns(lake, as_at)),
        ("registry", _registry(registry)),
        ("people", _people(lake)),
        ("episodes", _episodes(lake)),
        ("stays", _stays(lake)),
        ("admissions", _admissions(lake)),
        ("events", _events(lake)),
        ("assessments", _assessments(lake)),
        ("costs", _costs(lake)),
        ("counts", COUNTS),
        ("persons", PERSONS),
        ("values", VALUES),
    ]


def _returns(lake: Path, as_at: date) -> str:
    return f"""
create temp table in_effect as
select judgement_id, provider_code, period as month
from {lake_rows(lake, "return")}
qualify row_number() over (
    partition by provider_code, period order by submission_no desc, judgement_id
) = 1;

create temp table periods as
select cast(row_number() over () as smallint) as period, * from (
select distinct period_type, period_start, cast(period_end as date) as period_end from (
    select 'month' as period_type, month as period_start, last_day(month) as period_end
    from in_effect
    union all
    select 'quarter', cast(date_trunc('quarter', month) as date) as start,
        start + interval 3 month - interval 1 day
    from in_effect
    union all
    select 'financial_year',
        cast(date_trunc('year', month - interval 3 month) + interval 3 month as date) as start,
        start + interval 12 month - interval 1 day
    from in_effect
)
where period_start <= {literal(as_at.isoformat())}::date);

create temp table month_periods as
select months.month, periods.period
from (
    -- every month of a period, whether or not a return covers it
    select distinct unnest(generate_series(period_start, period_end, interval 1 month))::date
        as month
    from periods
) as months
inner join periods on months.month between periods.period_start and periods.period_end;
"""


def _registry(registry: Path) -> str:
    services, areas = (
        f"read_csv({literal(str(registry / f'{one}.csv'))}, header = true, all_varchar = true)"
        for one in ("services", "areas")
    )
    return f"""
create temp table services as
select cast(row_number() over () as integer) as service, services.service_code, services.tier,
    services.provider_code, services.place_code,
    place.parent_code as local_authority_code, local_authority.parent_code as system_code
from {services} as services
inner join {areas} as place on services.place_code = place.area_code
inner join {areas} as local_authority on place.parent_code = local_authority.area_code;

create temp table areas as
select cast(row_number() over () as integer) as area, * from (
    select distinct unnest(['system', 'local_authority', 'place', 'provider']) as area_type,
        unnest([system_code, local_authority_code, place_code, provider_code]) as area_code
    from services
);
create temp table service_areas as
select service, tier, area from services inner join areas
    on areas.area_code = case areas.area_type
        when 'system' then system_code when 'local_authority' then local_authority_code
        when 'place' then place_code else provider_code
    end;

create type measure as enum ({", ".join(map(literal, MEASURES))});
create temp table wanted as
select cast(measure_id as measure) as measure_id,
    unnest(string_split(breakdowns, ';')) as breakdown_type
from {seed("catalogue/measures.csv")};
"""


def _people(lake: Path) -> str:
    return f"""
create temp table people as
select provider_code, person_id, month, judgement_id,
    coalesce(link_key, provider_code || '|' || person_id) as person_key,
    birth_year, gender, ethnic_category
from {lake_rows(lake, "people")} as people inner join in_effect using (judgement_id)
qualify row_number() over (partition by provider_code, person_id order by month desc) = 1;

-- A short number stands for each person from here on.
create temp table persons as
select cast(row_number() over () as integer) as person, * from (
    select person_key, birth_year, gender, ethnic_group
    from people inner join {seed("catalogue/ethnic_groups.csv")} using (ethnic_category)
    qualify row_number() over (
        partition by person_key order by month desc, provider_code, person_id
    ) = 1
);

create temp table known as
select people.provider_code, people.person_id, people.judgement_id, persons.person
from people inner join persons using (person_key);

create temp table person_groups as
select distinct known.person, groups.inclusion_group
from {lake_rows(lake, "person_groups")} as groups
inner join known using (judgement_id, person_id);

-- What somebody is in a period: the age band depends on the year in which the period begins.
create temp table described as
select cast(dense_rank() over (order by gender, ethnic_group, age_band) as smallint) as what, *
from (
    select period, kinds.birth_year, kinds.gender, kinds.ethnic_group,
        coalesce(min(bands.age_band), 'unknown') as age_band
    from periods
    cross join (select distinct birth_year, gender, ethnic_group from persons) as kinds
    left join {seed("catalogue/age_bands.csv")} as bands
        on year(period_start) - kinds.birth_year
            between coalesce(bands.from_age::int, -999) and coalesce(bands.to_age::int, 999)
    group by all
);

create temp table kinds as
select cast(row_number() over () as smallint) as kind, * from (
    select distinct birth_year, gender, ethnic_group from persons
);
create temp table person_kinds as
select person, kind from persons inner join kinds
    on persons.birth_year is not distinct from kinds.birth_year
        and persons.gender = kinds.gender and persons.ethnic_group = kinds.ethnic_group;
create temp table kind_in_period as
select kind, period, what from described inner join kinds
    on described.birth_year is not distinct from kinds.birth_year
        and described.gender = kinds.gender and described.ethnic_group = kinds.ethnic_group;
create temp table whats as select distinct what, gender, ethnic_group, age_band from described;
"""


def _episodes(lake: Path) -> str:
    return f"""
create temp table episodes as
select episodes.provider_code, episode_id, known.person, service, start_date, end_date,
    coalesce(end_date, last_day(month)) as last_open_day
from (
    select episodes.*, provider_code, month
    from {lake_rows(lake, "episodes")} as episodes inner join in_effect using (judgement_id)
    qualify row_number() over (partition by provider_code, episode_id order by month desc) = 1
) as episodes
inner join known using (provider_code, person_id)
left join services using (service_code);

-- What is added up: so many units of a measure of a person, through a service, in a period.
create temp table added (
    measure_id measure, period smallint, service integer, person integer, units bigint
);
-- Who is counted, once in each area.
create temp table counted (
    measure_id measure, period smallint, service integer, person integer
);

create temp table open_episodes as
select period, service, person, count(*) as units
from episodes inner join periods
    on start_date <= period_end and last_open_day >= period_start
group by all;
insert into added select 'episodes_open', * from open_episodes;
insert into counted by name
select 'people_on_caseload' as measure_id, * exclude (units) from open_episodes;
drop table open_episodes;
insert into added
select 'episodes_ended', period, service, person, count(*)
from episodes inner join periods on end_date between period_start and period_end
group by all;
"""


def _stays(lake: Path) -> str:
    return f"""
create temp table stays as
select provider_code, stay_id, episodes.person, episodes.service, accommodation, supported,
    start_date, last_day
from (
    select provider_code, stay_id, episode_id, accommodation, supported, stays.start_date,
        coalesce(stays.end_date, last_day(month)) as last_day
    from {lake_rows(lake, "stays")} as stays inner join in_effect using (judgement_id)
    qualify row_number() over (partition by provider_code, stay_id order by month desc) = 1
) inner join (
    select provider_code, episode_id, person, service from episodes
) as episodes using (provider_code, episode_id);

create temp table rough_sleeping as
select period, period_start, period_end, service, person, min(start_date) as first_start
from stays inner join periods on start_date <= period_end and last_day >= period_start
where accommodation = 'rough_sleeping'
group by all;
insert into counted
select 'people_sleeping_rough', period, service, person
from rough_sleeping;

insert into counted
with first_starts as (
    select period, period_start, period_end, person, min(first_start) as first_start
    from rough_sleeping group by all
),
housed as (
    select distinct period, person
    from first_starts inner join stays using (person)
    where supported = 'Y' and accommodation in ('night_shelter', 'hostel', 'temporary')
        and start_date between greatest(period_start, first_start) and period_end
)
select 'rough_sleepers_housed_temporarily', period, service, person
from rough_sleeping semi join housed using (period, person);

insert into counted
select distinct 'people_permanently_housed', period, service, person
from stays inner join periods on start_date between period_start and period_end
where supported = 'Y' and accommodation in ('settled_social', 'settled_private', 'site_pitch');
"""


def _admissions(lake: Path) -> str:
    return f"""
create temp table admissions as
select provider_code, admission_id, person, service, admitted_date, discharged_date, method,
    reason, discharge_destination
from (
    select admissions.*, provider_code
    from {lake_rows(lake, "admissions")} as admissions inner join in_effect using (judgement_id)
    qualify row_number() over (partition by provider_code, admission_id order by month desc) = 1
) inner join (
    select provider_code, episode_id, person, service from episodes
) using (provider_code, episode_id);

create temp table discharges as
select *,
    exists (
        select 1 from admissions as later
        where later.person = one.person and later.method = 'emergency'
            and later.admitted_date between one.discharged_date and one.discharged_date + 30
            and one.admitted_date <= later.admitted_date
            and (one.admission_id <> later.admission_id or one.provider_code <> later.provider_code)
    ) as is_readmitted,
    coalesce(discharge_destination, '') = 'step_down' or exists (
        select 1 from stays
        where stays.person = one.person and stays.accommodation = 'step_down'
            and stays.start_date between one.discharged_date and one.discharged_date + 3
    ) as is_stepped_down
from admissions as one
where discharged_date is not null and coalesce(discharge_destination, '') <> 'died';

insert into added
select measure_id, period, service, person, count(*)
from (
    select 'admissions' as measure_id, service, person, admitted_date as day from admissions
    union all
    select 'mental_health_admissions', service, person, admitted_date from admissions
    where reason = 'mental_health'
    union all
    select 'discharges', service, person, discharged_date from discharges
    union all
    select 'readmissions_30d', service, person, discharged_date from discharges
    where is_readmitted
    union all
    select 'step_down_discharges', service, person, discharged_date from discharges
    where is_stepped_down
) inner join periods on day between period_start and period_end
group by all;
"""


def _events(lake: Path) -> str:
    """Events by month first, then by quarter and year: so the rows are read once."""
    parts = []
    for table, (day, columns) in EVENT_TABLES.items():
        sums = {measure: condition for measure, of_table, condition in EVENTS if of_table == table}
        if table == "outcomes":
            for measure, outcomes in OUTCOMES.items():
                sums[measure] = f"outcome in ({', '.join(map(literal, outcomes))})"
        if table == "contacts":
            sums["people_supported"] = "attendance = 'attended'"
        if table == "case_reviews":
            sums["people_mdt_reviewed"] = "multidisciplinary = 'Y'"
        numbers = ", ".join(
            f"count(*) filter ({condition}) as {measure}" for measure, condition in sums.items()
        )
        parts.append(f"""
create temp table monthly as
select cast(date_trunc('month', {day}) as date) as month, service, person, {numbers}
from (
    select provider_code, episode_id, {day}, {columns}
    from {lake_rows(lake, table)} as events inner join in_effect using (judgement_id)
) inner join episodes using (provider_code, episode_id)
group by all;
""")
        for measure in sums:
            is_added = any(measure == one for one, _, _ in EVENTS)
            into, units = ("added", f", sum({measure})") if is_added else ("counted", "")
            parts.append(f"""
insert into {into}
select '{measure}', period, service, person{units}
from monthly inner join month_periods using (month)
where {measure} > 0
group by all;
""")
        parts.append("drop table monthly;")
    return "\n".join(parts)


def _assessments(lake: Path) -> str:
    measures = "\nunion all\n".join(
        f"""
select '{kind}_{end}', period, service, person
from paired where measure = '{score}' and {who}{f" and {improved}" if kind == "improved" else ""}"""
        for end, (score, who, improved) in FOLLOWED_UP.items()
        for kind in ("followed_up", "improved")
    )
    return f"""
create temp table assessments as
select provider_code, month, episode_id, episodes.person, service, assessment_id,
    assessment_date, measure, score
from (
    select provider_code, month, episode_id, assessment_id, assessment_date, measure, score
    from {lake_rows(lake, "assessments")} as assessments inner join in_effect using (judgement_id)
) inner join (
    select provider_code, episode_id, person, service from episodes
) as episodes using (provider_code, episode_id);

create temp table paired as
with baselines as (
    select provider_code, episode_id, measure,
        arg_min(
            {{'score': score, 'month': month, 'id': assessment_id}},
            {{'day': assessment_date, 'id': assessment_id}}
        ) as first
    from assessments group by all
),
latest as (
    select period, person, measure,
        arg_max(
            {{'score': score, 'month': assessments.month, 'id': assessment_id,
                'provider_code': provider_code, 'episode_id': episode_id,
                'service': service}},
            {{'day': assessment_date, 'provider_code': provider_code, 'id': assessment_id}}
        ) as last
    from assessments inner join month_periods
        on cast(date_trunc('month', assessment_date) as date) = month_periods.month
    group by all
)
select period, person, latest.measure, last.service as service,
    first.score as baseline, last.score as latest
from latest inner join baselines
    on last.provider_code = baselines.provider_code and last.episode_id = baselines.episode_id
        and latest.measure = baselines.measure
where not (last.month = first.month and last.id = first.id);

insert into counted {measures};
"""


def _costs(lake: Path) -> str:
    return f"""
create temp table costs as
select period, service, sum(amount_gbp) as amount
from {lake_rows(lake, "costs")} as costs inner join in_effect using (judgement_id)
inner join month_periods using (month)
inner join services using (service_code)
group by all;
"""


CELL = "measure_id, period, area"
CUBE = """
select measure_id, period, service, gender, ethnic_group, age_band, units from (
    select measure_id, period, service, what, {units} as units
    from {rows} inner join person_kinds using (person)
    inner join kind_in_period using (period, kind)
    group by all
) inner join whats using (what)
"""
BY_GROUP = """
select {cell}, 'inclusion_group', inclusion_group, sum(units)
from (
    select measure_id, period, service, inclusion_group, {units} as units
    from {rows} inner join person_groups using (person)
    group by all
) inner join service_areas using (service)
group by all;
"""
# By service and by what the person is, and from there by area: far fewer rows than persons.
BY_AREA = f"""
select {CELL},
    case grouping(gender, age_band, ethnic_group, tier)
        when 15 then 'all' when 7 then 'gender' when 11 then 'age_band'
        when 13 then 'ethnic_group' when 14 then 'tier'
    end as breakdown_type,
    case grouping(gender, age_band, ethnic_group, tier)
        when 15 then 'all' when 7 then gender when 11 then age_band
        when 13 then ethnic_group when 14 then tier
    end as breakdown_value,
    sum(units) as units
from {{cube}} inner join service_areas using (service)
group by grouping sets (
    ({CELL}), ({CELL}, gender), ({CELL}, age_band), ({CELL}, ethnic_group), ({CELL}, tier)
);
"""

COUNTS = f"""
create temp table cube as {CUBE.format(rows="added", units="sum(units)")};

create temp table counts (
    measure_id measure, period smallint, area integer,
    breakdown_type varchar, breakdown_value varchar, units double
);
insert into counts {BY_AREA.format(cube="cube")}
insert into counts {BY_GROUP.format(cell=CELL, rows="added", units="sum(units)")}
insert into counts
select 'cost_gbp', period, area,
    case grouping(tier) when 1 then 'all' else 'tier' end, coalesce(tier, 'all'), sum(amount)
from costs inner join service_areas using (service)
group by grouping sets ((period, area), (period, area, tier));
"""

# Who comes through one service in a period is added up by service; who comes through several is
# told apart area by area.
PERSONS = f"""
create temp table of_several as
select person from episodes group by person having min(service) <> max(service);

create temp table through_several as
select measure_id, period, person from counted semi join of_several using (person)
group by all having min(service) <> max(service);

create temp table through_one as
select * from counted anti join through_several using (measure_id, period, person);

create temp table person_cube as {CUBE.format(rows="through_one", units="count(*)")};

create temp table several as
select distinct {CELL}, tier, person
from counted semi join through_several using (measure_id, period, person)
inner join service_areas using (service);

create temp table several_once as
select {CELL}, person, gender, age_band, ethnic_group
from (select distinct {CELL}, person from several)
inner join person_kinds using (person)
inner join kind_in_period using (period, kind)
inner join whats using (what);

insert into counts {BY_AREA.format(cube="person_cube")}
insert into counts {BY_GROUP.format(cell=CELL, rows="through_one", units="count(*)")}
insert into counts
select {CELL},
    case grouping(gender, age_band, ethnic_group)
        when 7 then 'all' when 3 then 'gender' when 5 then 'age_band' when 6 then 'ethnic_group'
    end,
    case grouping(gender, age_band, ethnic_group)
        when 7 then 'all' when 3 then gender when 5 then age_band when 6 then ethnic_group
    end,
    count(*)
from several_once
group by grouping sets (({CELL}), ({CELL}, gender), ({CELL}, age_band), ({CELL}, ethnic_group));
insert into counts select {CELL}, 'tier', tier, count(*) from several group by all;
insert into counts
select {CELL}, 'inclusion_group', inclusion_group, count(*)
from several_once inner join person_groups using (person)
group by all;
"""

VALUES = f"""
create or replace table measure_values as
select cast(measure_id as varchar) as measure_id, period_type, period_start, area_type, area_code,
    breakdown_type, breakdown_value, units as value
from (
    select {CELL}, breakdown_type, breakdown_value, sum(units) as units from counts group by all
) inner join periods using (period) inner join areas using (area)
semi join wanted using (measure_id, breakdown_type);
"""


def compute(lake: Path, registry: Path, out: Path, as_at: date) -> dict[str, float]:
    """Computes `measure_values` into the database `out`; gives the seconds of each step."""
    out.unlink(missing_ok=True)
    seconds = {}
    with duckdb.connect(str(out)) as connection:
        limit = os.environ.get("OUTCOMES_DUCKDB_MEMORY")
        if limit:
            connection.execute(f"set memory_limit = {literal(limit)}")
        spill = os.environ.get("OUTCOMES_DUCKDB_TEMP")
        if spill:
            connection.execute(f"set temp_directory = {literal(spill)}")
        connection.execute("set preserve_insertion_order = false")
        for step, statements in steps(lake, registry, as_at):
            before = time.perf_counter()
            connection.execute(statements)
            seconds[step] = round(time.perf_counter() - before, 3)
    return seconds


def main() -> None:
    """Computes what the command line names, and prints the seconds of each step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("lake", type=Path)
    parser.add_argument("registry", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--as-at", type=date.fromisoformat, default=AS_AT)
    given = parser.parse_args()
    print(json.dumps(compute(given.lake, given.registry, given.out, given.as_at)))


if __name__ == "__main__":
    main()
