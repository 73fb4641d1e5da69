"""A large return, the same each time: a million contacts, one row in a hundred of them faulty.

    python -m benchmarks.make_return DIR [--rows N]

Made by DuckDB from the rows' numbers alone (no clock, no random generator), in a few seconds. The
registry that it is judged by is `seeds/registry`.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import duckdb

from expectations.rules.sql import literal
from orchestration.facts import standard

PROVIDER = "AB01"
SERVICE = "AB01-A"
MONTH = "2025-05"
ROWS = 1_000_000
MOST_EPISODES = 20_000
# One contact in so many is faulty; the kinds of fault take turns.
FAULTY_ONE_IN = 100

# A kind of fault, as the columns of a contact that it changes.
FAULTS: tuple[dict[str, str], ...] = (
    {"contact_date": "'31/06/2025'"},  # no such day
    {"contact_type": "'cafe'"},  # no such code
    {"attendance": "null"},  # missing
    {"contact_id": "'C' || lpad((i - 1)::varchar, 7, '0')"},  # the identifier of the row before
    {"episode_id": "'E' || (900000 + i % 97)"},  # no such episode
    {"duration_minutes": "'1500'"},  # more than a day
    {"contact_date": "'2025-06-03'"},  # the month after
    {"episode_id": "late_episode", "contact_date": "'2025-05-05'"},  # before the episode began
    {"bedded_down": "'Y'", "contact_type": "'clinic'"},  # bedded down in a clinic: a warning
    {"duration_minutes": "'600'"},  # ten hours: a warning
    {"duration_minutes": "'half an hour'"},  # no number
    {"purpose": "'chat'"},  # no such code, in a field that need not be filled
    {"contact_id": "'C ' || i"},  # a space in an identifier
)


def make_return(folder: Path, rows: int = ROWS) -> Path:
    """Writes a return of so many contacts to `folder`, anew, as CSV files.

    Raises ValueError where the return would be larger than one that is accepted.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    episodes = min(MOST_EPISODES, max(20, rows // 50))
    with duckdb.connect() as connection:
        for table, query in _tables(rows, episodes).items():
            path = str(folder / f"{table}.csv")
            connection.execute(f"copy ({query}) to {literal(path)} (header, delimiter ',')")
    size = sum(path.stat().st_size for path in folder.iterdir())
    most = standard().limits.received_bytes
    if size > most:
        raise ValueError(f"{rows:,} rows make {size:,} bytes; a return has at most {most:,}")
    return folder


def _tables(rows: int, episodes: int) -> dict[str, str]:
    """The query of each table."""
    return {
        "return": f"""
            select '{PROVIDER}' as provider_code, '{MONTH}' as period, 1 as submission_no,
                '1.0' as standard_version, '2025-06-03' as prepared_on""",
        "people": f"""
            select person_id, sha256(i::varchar) as link_key, 1940 + i % 65 as birth_year,
                {_one_of("gender", "i")} as gender,
                {_one_of("ethnic_category", "i")} as ethnic_category,
                {_one_of("yes_no_unknown", "i")} as gp_registered
            from ({_episodes(episodes)}) order by i""",
        "person_groups": f"""
            select person_id, {_one_of("inclusion_group", "i")} as inclusion_group
            from ({_episodes(episodes)}) order by i""",
        "episodes": f"""
            select episode_id, person_id, '{SERVICE}' as service_code,
                start_date - 7 as referral_date, start_date, end_date,
                if(end_date is not null, {_one_of("end_reason", "i")}, null) as end_reason
            from ({_episodes(episodes)}) order by i""",
        "contacts": _contacts(rows, episodes),
    }


def _episodes(episodes: int) -> str:
    """One a person. Every tenth began on 20 May, every tenth ended on 12 May, the others began in
    the year before and are open."""
    return f"""
        select i, 'E' || lpad(i::varchar, 5, '0') as episode_id,
            'P' || lpad(i::varchar, 5, '0') as person_id,
            if(i % 10 = 0, date '2025-05-20', date '2024-04-01' + (i % 365)::integer) as start_date,
            if(i % 10 = 1, date '2025-05-12', null) as end_date
        from range(1, {episodes} + 1) as numbers (i)"""


def _contacts(rows: int, episodes: int) -> str:
    clean = {
        "contact_id": "'C' || lpad(i::varchar, 7, '0')",
        "episode_id": "episode_id",
        # Any day of the month on which the episode was open.
        "contact_date": "(first_day + (b % (1 + last_day - first_day))::integer)::varchar",
        "contact_type": "contact_type",
        "attendance": _one_of("attendance", "b"),
        "purpose": f"if(c % 10 < 3, null, {_one_of('purpose', 'd')})",
        "bedded_down": "if(contact_type = 'outreach', if(d % 4 = 0, 'Y', 'N'), null)",
        "duration_minutes": "if(c % 5 = 0, null, (5 * (1 + b % 24))::varchar)",
    }
    columns = []
    for column, value in clean.items():
        faulty = [
            f"when {number} then {fault[column]}"
            for number, fault in enumerate(FAULTS)
            if column in fault
        ]
        columns.append(f"case fault {' '.join(faulty)} else {value} end as {column}")
    return f"""
        with drawn as (
            -- Products with large odd numbers: they follow no pattern that matters, and are the
            -- same on every machine.
            select i, i * 2654435761 % 4294967291 as a, i * 2246822519 % 4294967291 as b,
                i * 3266489917 % 4294967291 as c, i * 668265263 % 4294967291 as d
            from range(1, {rows} + 1) as numbers (i)
        ),
        placed as (
            select drawn.*, episodes.episode_id,
                greatest(start_date, date '2025-05-01') as first_day,
                coalesce(end_date, date '2025-05-31') as last_day,
                {_one_of("contact_type", "c")} as contact_type,
                'E' || lpad((10 * (1 + drawn.i % {episodes // 10}))::varchar, 5, '0')
                    as late_episode,
                case when drawn.i % {FAULTY_ONE_IN} = 0
                    then (drawn.i // {FAULTY_ONE_IN}) % {len(FAULTS)} end as fault
            from drawn inner join ({_episodes(episodes)}) as episodes
                on episodes.i = 1 + drawn.a % {episodes}
        )
        select {", ".join(columns)} from placed order by i"""


def _one_of(code_list: str, number: str) -> str:
    """SQL for one of a list's codes, by a number."""
    codes = ", ".join(literal(code.code) for code in standard().codes[code_list])
    return f"([{codes}])[1 + {number} % {len(standard().codes[code_list])}]"


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="Makes a large return.")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--rows", type=int, default=ROWS)
    given = arguments.parse_args()
    make_return(given.folder, given.rows)
