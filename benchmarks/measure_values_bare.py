"""The bare script that the models are measured by: what an analyst would write by hand in DuckDB to
get the same `measure_values` from the same lake, with neither dbt nor macros nor tests.

    python -m benchmarks.measure_values_bare LAKE REGISTRY OUT.duckdb [--as-at YYYY-MM-DD]

It reads the Parquet files of the lake, the commissioner's registry and the facts in `seeds/`, and
leaves the table `measure_values` in OUT.duckdb. Prints the seconds of each step as JSON.

How it goes about it: every event is first reduced to one row for each measure, month, service and
person, with how many there were. Where units can be added up (contacts, admissions, pounds), those
are summed by service and by what the person is, and the services then by area. Where persons are
counted, each stands once in each area.
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
where period_start <= {literal(as_at.isoformat())}::date;
"""


def _registry(registry: Path) -> str:
    services, areas = (
        f"read_csv({literal(str(registry / f'{one}.csv'))}, header = true, all_varchar = true)"
        for one in ("services", "areas")
    )
    return f"""
create temp table services as
select services.service_code, services.tier, services.provider_code, services.place_code,
    place.parent_code as local_authority_code, local_authority.parent_code as system_code
from {services} as services
inner join {areas} as place on services.place_code = place.area_code
inner join {areas} as local_authority on place.parent_code = local_authority.area_code;

create temp table service_areas as
select service_code, tier, 'system' as area_type, system_code as area_code from services
union all
select service_code, tier, 'local_authority', local_authority_code from services
union all
select service_code, tier, 'place', place_code from services
union all
select service_code, tier, 'provider', provider_code from services;

create temp table wanted as
select measure_id, aggregation, unnest(string_split(breakdowns, ';')) as breakdown_type
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
select row_number() over () as person, * from (
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

-- The age band depends on the year in which a period begins, and on the year of birth.
create temp table age_bands as
select years.year, births.birth_year, coalesce(min(bands.age_band), 'unknown') as age_band
from (select distinct year(period_start) as year from periods) as years
cross join (select distinct birth_year from persons) as births
left join {seed("catalogue/age_bands.csv")} as bands
    on years.year - births.birth_year
        between coalesce(bands.from_age::int, -999) and coalesce(bands.to_age::int, 999)
group by all;
"""


def _episodes(lake: Path) -> str:
    return f"""
create temp table episodes as
select provider_code, episode_id, known.person, service_code, start_date, end_date,
    coalesce(end_date, last_day(month)) as last_open_day
from (
    select episodes.*, provider_code, month
    from {lake_rows(lake, "episodes")} as episodes inner join in_effect using (judgement_id)
    qualify row_number() over (partition by provider_code, episode_id order by month desc) = 1
) inner join known using (provider_code, person_id);

-- What is added up: so many units of a measure of a person, through a service, in a period.
create temp table added (
    measure_id varchar, period_type varchar, period_start date, service_code varchar,
    person bigint, units bigint
);
-- Who is counted, once in each area.
create temp table counted (
    measure_id varchar, period_type varchar, period_start date, service_code varchar,
    person bigint
);

create temp table open_episodes as
select period_type, period_start, service_code, person, count(*) as units
from episodes inner join periods
    on start_date <= period_end and last_open_day >= period_start
group by all;
insert into added select 'episodes_open', * from open_episodes;
insert into counted by name
select 'people_on_caseload' as measure_id, * exclude (units) from open_episodes;
drop table open_episodes;
insert into added
select 'episodes_ended', period_type, period_start, service_code, person, count(*)
from episodes inner join periods on end_date between period_start and period_end
group by all;
"""


def _stays(lake: Path) -> str:
    return f"""
create temp table stays as
select provider_code, stay_id, episodes.person, episodes.service_code, accommodation, supported,
    start_date, last_day
from (
    select provider_code, stay_id, episode_id, accommodation, supported, stays.start_date,
        coalesce(stays.end_date, last_day(month)) as last_day
    from {lake_rows(lake, "stays")} as stays inner join in_effect using (judgement_id)
    qualify row_number() over (partition by provider_code, stay_id order by month desc) = 1
) inner join (
    select provider_code, episode_id, person, service_code from episodes
) as episodes using (provider_code, episode_id);

create temp table rough_sleeping as
select period_type, period_start, period_end, service_code, person, min(start_date) as first_start
from stays inner join periods on start_date <= period_end and last_day >= period_start
where accommodation = 'rough_sleeping'
group by all;
insert into counted
select 'people_sleeping_rough', period_type, period_start, service_code, person
from rough_sleeping;

insert into counted
with first_starts as (
    select period_type, period_start, period_end, person, min(first_start) as first_start
    from rough_sleeping group by all
),
housed as (
    select distinct period_type, period_start, person
    from first_starts inner join stays using (person)
    where supported = 'Y' and accommodation in ('night_shelter', 'hostel', 'temporary')
        and start_date between greatest(period_start, first_start) and period_end
)
select 'rough_sleepers_housed_temporarily', period_type, period_start, service_code, person
from rough_sleeping semi join housed using (period_type, period_start, person);

insert into counted
select distinct 'people_permanently_housed', period_type, period_start, service_code, person
from stays inner join periods on start_date between period_start and period_end
where supported = 'Y' and accommodation in ('settled_social', 'settled_private', 'site_pitch');
"""


def _admissions(lake: Path) -> str:
    return f"""
create temp table admissions as
select provider_code, admission_id, person, service_code, admitted_date, discharged_date, method,
    reason, discharge_destination
from (
    select admissions.*, provider_code
    from {lake_rows(lake, "admissions")} as admissions inner join in_effect using (judgement_id)
    qualify row_number() over (partition by provider_code, admission_id order by month desc) = 1
) inner join (
    select provider_code, episode_id, person, service_code from episodes
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
select measure_id, period_type, period_start, service_code, person, count(*)
from (
    select 'admissions' as measure_id, service_code, person, admitted_date as day from admissions
    union all
    select 'mental_health_admissions', service_code, person, admitted_date from admissions
    where reason = 'mental_health'
    union all
    select 'discharges', service_code, person, discharged_date from discharges
    union all
    select 'readmissions_30d', service_code, person, discharged_date from discharges
    where is_readmitted
    union all
    select 'step_down_discharges', service_code, person, discharged_date from discharges
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
select cast(date_trunc('month', {day}) as date) as month, service_code, person, {numbers}
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
select '{measure}', period_type, period_start, service_code, person{units}
from monthly inner join month_periods using (month)
where {measure} > 0
group by all;
""")
        parts.append("drop table monthly;")
    months = """
create temp table month_periods as
select months.period_start as month, periods.period_type, periods.period_start
from (
    -- every month of a period, whether or not a return covers it
    select distinct unnest(
        generate_series(period_start, period_end, interval 1 month)
    )::date as period_start from periods
) as months
inner join periods on months.period_start between periods.period_start and periods.period_end;
"""
    return months + "\n".join(parts)


def _assessments(lake: Path) -> str:
    measures = "\nunion all\n".join(
        f"""
select '{kind}_{end}', period_type, period_start, service_code, person
from paired where measure = '{score}' and {who}{f" and {improved}" if kind == "improved" else ""}"""
        for end, (score, who, improved) in FOLLOWED_UP.items()
        for kind in ("followed_up", "improved")
    )
    return f"""
create temp table assessments as
select provider_code, month, episode_id, episodes.person, service_code, assessment_id,
    assessment_date, measure, score
from (
    select provider_code, month, episode_id, assessment_id, assessment_date, measure, score
    from {lake_rows(lake, "assessments")} as assessments inner join in_effect using (judgement_id)
) inner join (
    select provider_code, episode_id, person, service_code from episodes
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
    select period_type, period_start, person, measure,
        arg_max(
            {{'score': score, 'month': assessments.month, 'id': assessment_id,
                'provider_code': provider_code, 'episode_id': episode_id,
                'service_code': service_code}},
            {{'day': assessment_date, 'provider_code': provider_code, 'id': assessment_id}}
        ) as last
    from assessments inner join month_periods
        on cast(date_trunc('month', assessment_date) as date) = month_periods.month
    group by all
)
select period_type, period_start, person, latest.measure, last.service_code as service_code,
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
select period_type, period_start, service_code, sum(amount_gbp) as amount
from {lake_rows(lake, "costs")} as costs inner join in_effect using (judgement_id)
inner join month_periods using (month)
group by all;
"""


CELL = "measure_id, period_type, period_start, area_type, area_code"

# By service and by what the person is, and from there by area: far fewer rows than persons.
COUNTS = f"""
create temp table cube as
select measure_id, period_type, period_start, service_code, gender, ethnic_group, age_band,
    cast(sum(units) as bigint) as units
from added inner join persons using (person)
inner join age_bands
    on year(period_start) = age_bands.year
        and persons.birth_year is not distinct from age_bands.birth_year
group by all;

create temp table counts as
select {CELL},
    case grouping(gender, age_band, ethnic_group, tier)
        when 7 + 8 then 'all' when 7 then 'gender' when 11 then 'age_band'
        when 13 then 'ethnic_group' when 14 then 'tier'
    end as breakdown_type,
    case grouping(gender, age_band, ethnic_group, tier)
        when 7 + 8 then 'all' when 7 then gender when 11 then age_band
        when 13 then ethnic_group when 14 then tier
    end as breakdown_value,
    cast(sum(units) as double) as value
from cube inner join service_areas using (service_code)
group by grouping sets (
    ({CELL}), ({CELL}, gender), ({CELL}, age_band), ({CELL}, ethnic_group), ({CELL}, tier)
);

insert into counts
select {CELL}, 'inclusion_group', inclusion_group, cast(sum(units) as double)
from (
    select measure_id, period_type, period_start, service_code, inclusion_group,
        sum(units) as units
    from added inner join person_groups using (person)
    group by all
) inner join service_areas using (service_code)
group by all;

insert into counts
select 'cost_gbp', period_type, period_start, area_type, area_code,
    case grouping(tier) when 1 then 'all' else 'tier' end, coalesce(tier, 'all'),
    cast(sum(amount) as double)
from costs inner join service_areas using (service_code)
group by grouping sets (
    (period_type, period_start, area_type, area_code),
    (period_type, period_start, area_type, area_code, tier)
);
"""

# Nearly everybody comes through one service in a period: these can be added up by service. The few
# who come through several are told apart area by area.
PERSONS = f"""
create temp table person_services as
select measure_id, period_type, period_start, person, any_value(service_code) as service_code,
    count(distinct service_code) as services
from counted group by all;

create temp table person_cube as
select measure_id, period_type, period_start, service_code, gender, ethnic_group, age_band,
    count(*) as units
from person_services inner join persons using (person)
inner join age_bands
    on year(period_start) = age_bands.year
        and persons.birth_year is not distinct from age_bands.birth_year
where services = 1
group by all;

create temp table several as
select distinct {CELL}, tier, person
from counted semi join (select * from person_services where services > 1) as of_several
    using (measure_id, period_type, period_start, person)
inner join service_areas using (service_code);

create temp table several_once as select distinct {CELL}, person from several;

create temp table person_counts as
select {CELL}, breakdown_type, breakdown_value, units from (
    select {CELL},
        case grouping(gender, age_band, ethnic_group, tier)
            when 7 + 8 then 'all' when 7 then 'gender' when 11 then 'age_band'
            when 13 then 'ethnic_group' when 14 then 'tier'
        end as breakdown_type,
        case grouping(gender, age_band, ethnic_group, tier)
            when 7 + 8 then 'all' when 7 then gender when 11 then age_band
            when 13 then ethnic_group when 14 then tier
        end as breakdown_value,
        sum(units) as units
    from person_cube inner join service_areas using (service_code)
    group by grouping sets (
        ({CELL}), ({CELL}, gender), ({CELL}, age_band), ({CELL}, ethnic_group), ({CELL}, tier)
    )
);

insert into person_counts
select {CELL}, 'inclusion_group', inclusion_group, sum(units) from (
    select measure_id, period_type, period_start, service_code, inclusion_group, count(*) as units
    from person_services inner join person_groups using (person)
    where services = 1
    group by all
) inner join service_areas using (service_code)
group by all;

insert into person_counts
select {CELL},
    case grouping(gender, age_band, ethnic_group)
        when 7 then 'all' when 3 then 'gender' when 5 then 'age_band' when 6 then 'ethnic_group'
    end as breakdown_type,
    case grouping(gender, age_band, ethnic_group)
        when 7 then 'all' when 3 then gender when 5 then age_band when 6 then ethnic_group
    end as breakdown_value,
    count(*)
from several_once inner join persons using (person)
inner join age_bands
    on year(period_start) = age_bands.year
        and persons.birth_year is not distinct from age_bands.birth_year
group by grouping sets (({CELL}), ({CELL}, gender), ({CELL}, age_band), ({CELL}, ethnic_group));

insert into person_counts select {CELL}, 'tier', tier, count(*) from several group by all;

insert into person_counts
select {CELL}, 'inclusion_group', inclusion_group, count(*)
from several_once inner join person_groups using (person)
group by all;
"""

VALUES = f"""
create or replace table measure_values as
select {CELL}, breakdown_type, breakdown_value, value
from (
    select * from counts
    union all
    select {CELL}, breakdown_type, breakdown_value, cast(sum(units) as double)
    from person_counts group by all
) semi join wanted using (measure_id, breakdown_type);
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
