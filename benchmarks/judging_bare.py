"""The yardstick: what an analyst in a hurry would write in DuckDB to judge one table of contacts.

It reads the return's files and judges contacts by every rule that the judge has for that table (but
`row.shape`): rows with typed values, which of them are excluded, and each failure with its row,
field, rule and value. Everything is written out by hand for this one table and this one month, and
in the way that proved fastest. It has none of what the judge does besides: no other table is
judged, nothing is told in words, and a file must be comma-separated UTF-8 with this header.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.measure import Findings, run

READ = """
create table return_sent as from read_csv('{folder}/return.csv', all_varchar = true);
create table people_sent as from read_csv('{folder}/people.csv', all_varchar = true);
create table person_groups_sent as from read_csv('{folder}/person_groups.csv', all_varchar = true);
create table episodes as
select
    trim(episode_id) as episode_id,
    try_cast(start_date as date) as start_date,
    try_cast(end_date as date) as end_date
from read_csv('{folder}/episodes.csv', all_varchar = true);
create table contacts_sent as
select
    row_number() over () + 1 as row_number,
    nullif(trim(contact_id), '') as contact_id,
    nullif(trim(episode_id), '') as episode_id,
    nullif(trim(contact_date), '') as contact_date,
    nullif(trim(contact_type), '') as contact_type,
    nullif(trim(attendance), '') as attendance,
    nullif(trim(purpose), '') as purpose,
    nullif(trim(bedded_down), '') as bedded_down,
    nullif(trim(duration_minutes), '') as duration_minutes
from read_csv(
    '{folder}/contacts.csv', auto_detect = false, header = true, delim = ',', quote = '"',
    columns = {{
        'contact_id': 'varchar', 'episode_id': 'varchar', 'contact_date': 'varchar',
        'contact_type': 'varchar', 'attendance': 'varchar', 'purpose': 'varchar',
        'bedded_down': 'varchar', 'duration_minutes': 'varchar'
    }}
);
"""

# Only the first row of a key stands. Few keys come twice, so it is quicker to look for those first.
REPEATED = """
create table repeated as
select row_number
from (
    select row_number, row_number() over (partition by contact_id order by row_number) as occurrence
    from contacts_sent
    where contact_id in (
        select contact_id from contacts_sent
        where regexp_full_match(contact_id, '[A-Za-z0-9._-]{1,64}')
        group by contact_id having count(*) > 1
    )
)
where occurrence > 1;
"""

JUDGE = """
-- Ten digits whose last is the check digit of the others.
create macro is_nhs_number(text) as
    regexp_full_match(text, '[0-9]{10}')
    and (11 - list_sum([try_cast(text[n] as integer) * (11 - n) for n in range(1, 10)]) % 11) % 11
        = try_cast(text[10] as integer);
create table contacts as
with typed as (
    select
        sent.row_number,
        if(regexp_full_match(sent.contact_id, '[A-Za-z0-9._-]{1,64}'), sent.contact_id, null)
            as contact_id,
        if(regexp_full_match(sent.episode_id, '[A-Za-z0-9._-]{1,64}'), sent.episode_id, null)
            as episode_id,
        case
            when length(contact_date) = 10
                and try_cast(contact_date as date)::varchar = contact_date
                then try_cast(contact_date as date)
            when regexp_full_match(
                contact_date, '[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]00:00(:00(\\.0+)?)?)?'
            ) then try_cast(contact_date[1:10] as date)
            when regexp_full_match(contact_date, '[0-9]{2}/[0-9]{2}/[0-9]{4}')
                then try_strptime(contact_date, '%d/%m/%Y')::date
        end as contact_date,
        lower(contact_type) as contact_type,
        lower(attendance) as attendance,
        lower(purpose) as purpose,
        upper(bedded_down) as bedded_down,
        case
            when try_cast(duration_minutes as bigint)::varchar = duration_minutes
                then try_cast(duration_minutes as bigint)
            when regexp_full_match(duration_minutes, '[+-]?[0-9]+(\\.0+)?')
                then try_cast(split_part(duration_minutes, '.', 1) as bigint)
        end as duration_minutes,
        sent.contact_id is null as no_contact_id,
        sent.episode_id is null as no_episode_id,
        contact_date is null as no_contact_date,
        duration_minutes is not null as has_duration
    from contacts_sent as sent
),
judged as (
    select
        typed.*,
        (case when no_contact_id then 1 else 0 end
        | case when not no_contact_id and typed.contact_id is null then 2 else 0 end
        | case when no_episode_id then 4 else 0 end
        | case when not no_episode_id and typed.episode_id is null then 8 else 0 end
        | case when typed.episode_id is not null and episodes.episode_id is null then 16 else 0 end
        | case when no_contact_date then 32 else 0 end
        | case when not no_contact_date and contact_date is null then 64 else 0 end
        | case when contact_type is null then 128 else 0 end
        | case when contact_type not in (
            'outreach', 'inreach', 'clinic', 'mobile_unit', 'one_stop', 'group', 'peer', 'home',
            'phone', 'digital'
        ) then 256 else 0 end
        | case when attendance is null then 512 else 0 end
        | case when attendance not in (
            'attended', 'did_not_attend', 'cancelled_service', 'cancelled_person'
        ) then 1024 else 0 end
        | case when purpose not in (
            'assessment', 'healthy_living', 'exercise', 'physical_health', 'mental_health',
            'substance', 'housing', 'employment', 'benefits', 'social', 'other'
        ) then 2048 else 0 end
        | case when bedded_down not in ('Y', 'N') then 4096 else 0 end
        | case when has_duration and duration_minutes is null then 8192 else 0 end
        | case when duration_minutes not between 0 and 1440 then 16384 else 0 end
        | case when contact_date not between date '2025-05-01' and date '2025-05-31'
            then 32768 else 0 end
        | case when contact_date < episodes.start_date or contact_date > episodes.end_date
            then 65536 else 0 end
        | case when bedded_down = 'Y' and contact_type <> 'outreach' then 131072 else 0 end
        | case when duration_minutes > 480 then 262144 else 0 end
        | case when is_nhs_number(typed.contact_id) then 524288 else 0 end
        | case when is_nhs_number(typed.episode_id) then 1048576 else 0 end
        | case when repeated.row_number is not null then 2097152 else 0 end) as failed
    from typed
    left join episodes on typed.episode_id = episodes.episode_id
    left join repeated on typed.row_number = repeated.row_number
)
select
    row_number, contact_id, episode_id, contact_date, contact_type, attendance, purpose,
    bedded_down, duration_minutes, failed,
    -- All but the two warnings.
    (failed & ~(131072 | 262144)) <> 0 as is_excluded
from judged;
"""

FAILURES = """
create table failures as
with rules (bit, rule, field) as (
    values
        (1, 'contacts.contact_id.required', 'contact_id'),
        (2, 'contacts.contact_id.type', 'contact_id'),
        (4, 'contacts.episode_id.required', 'episode_id'),
        (8, 'contacts.episode_id.type', 'episode_id'),
        (16, 'contacts.episode_id.reference', 'episode_id'),
        (32, 'contacts.contact_date.required', 'contact_date'),
        (64, 'contacts.contact_date.type', 'contact_date'),
        (128, 'contacts.contact_type.required', 'contact_type'),
        (256, 'contacts.contact_type.code', 'contact_type'),
        (512, 'contacts.attendance.required', 'attendance'),
        (1024, 'contacts.attendance.code', 'attendance'),
        (2048, 'contacts.purpose.code', 'purpose'),
        (4096, 'contacts.bedded_down.code', 'bedded_down'),
        (8192, 'contacts.duration_minutes.type', 'duration_minutes'),
        (16384, 'contacts.duration_minutes.range', 'duration_minutes'),
        (32768, 'contacts.contact_date.in_period', 'contact_date'),
        (65536, 'contacts.contact_date.in_episode', 'contact_date'),
        (131072, 'contacts.bedded_down.given_with', 'bedded_down'),
        (262144, 'contacts.duration_minutes.plausible', 'duration_minutes'),
        (524288, 'people.person_id.personal_data', 'contact_id'),
        (1048576, 'people.person_id.personal_data', 'episode_id'),
        (2097152, 'contacts.contact_id.key', 'contact_id')
)
select
    contacts.row_number,
    rules.field,
    rules.rule,
    case rules.field
        when 'contact_id' then sent.contact_id
        when 'episode_id' then sent.episode_id
        when 'contact_date' then sent.contact_date
        when 'contact_type' then sent.contact_type
        when 'attendance' then sent.attendance
        when 'purpose' then sent.purpose
        when 'bedded_down' then sent.bedded_down
        when 'duration_minutes' then sent.duration_minutes
    end as value
from (select row_number, failed from contacts where failed <> 0) as contacts
inner join contacts_sent as sent using (row_number)
inner join rules on (contacts.failed & rules.bit) <> 0;
"""


def judge(folder: Path) -> Findings:
    """Judges the contacts of the return in `folder`."""
    with duckdb.connect() as connection:
        connection.execute(READ.format(folder=str(folder).replace("'", "''")))
        connection.execute(REPEATED)
        connection.execute(JUDGE)
        connection.execute(FAILURES)
        failures = connection.execute(
            "select rule, count(*) from failures group by rule"
        ).fetchall()
        (kept,) = connection.execute(
            "select count(*) from contacts where not is_excluded"
        ).fetchone() or (0,)
    return Findings(dict(failures), kept)


if __name__ == "__main__":
    run(judge)
