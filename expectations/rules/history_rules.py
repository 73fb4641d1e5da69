"""The rules that compare a return with the provider's returns of the months before.

They need no rows of an earlier return, only a few facts of each: how many rows of each table count
and how often each optional field is filled in, which episodes are open and when each was last in
contact. `facts` draws these from a batch that was judged; `failures` judges any number of returns
by them. The history is always that of the submissions in effect now, so that it does not matter in
which order returns came in.
"""

from __future__ import annotations

from expectations.rules.personal_data import without_nhs_number
from expectations.rules.row_rules import SHAPE
from expectations.rules.sql import literal, name
from expectations.standard import Standard, Table

DROPPED = "episodes.episode_id.dropped"
SHIFT = "contacts.volume.shift"
DROP_OFF = "<table>.<field>.drop_off"
OVERDUE = "episodes.contacts.overdue"
HISTORY_RULES = (DROPPED, SHIFT, DROP_OFF, OVERDUE)

# How many months before are looked at; with the return's own they hold any 90 days.
MONTHS_BEFORE = 3
LEAST_MEAN_CONTACTS = 20
LEAST_ROWS_OF_FIELD = 20
USUALLY_FILLED_PER_CENT = 80
RARELY_FILLED_PER_CENT = 20
DAYS_WITHOUT_CONTACT = 90

FACTS = (
    "return_no integer, fact varchar, table_name varchar, field varchar, rows_counted bigint, "
    "rows_filled bigint, row_number bigint, episode_id varchar, start_date date, is_open boolean, "
    "is_excluded boolean, last_contact date"
)


def rules_by_field(standard: Standard) -> dict[str, str]:
    """The severity of each rule of history that stands for a field of its own."""
    severity = standard.rules[DROP_OFF].severity
    return {
        DROP_OFF.replace("<table>", table.name).replace("<field>", field.name): severity
        for table in standard.tables.values()
        for field in table.fields
        if not field.required
    }


def facts(standard: Standard) -> str:
    """SQL for the facts of every return of a batch, with the columns of `FACTS`.

    Needs judged_<table> of every table, text_episodes, and columns_sent (return_no, table_name,
    field). A fact is a `table` (sent, with so many rows that are not excluded), a `field` (an
    optional one: filled in so many of them), or an `episode` (every one that was sent, excluded or
    not).
    """
    parts = [_episode_facts()]
    for table in standard.tables.values():
        parts += [_table_facts(table), _field_facts(table)]
    return "\nunion all by name\n".join(part for part in parts if part)


def _table_facts(table: Table) -> str:
    # A table that was sent without rows is there all the same.
    return f"""
select sent.return_no, 'table' as fact, {literal(table.name)} as table_name,
    coalesce(counted.rows_counted, 0) as rows_counted
from (
    select distinct return_no from columns_sent where table_name = {literal(table.name)}
        and field = {literal(table.keys[0].name)}
) as sent
left join (
    select return_no, count(*) filter (not is_excluded) as rows_counted
    from {name("judged_" + table.name)} group by return_no
) as counted using (return_no)"""


def _field_facts(table: Table) -> str:
    optional = [field for field in table.fields if not field.required]
    if not optional:
        return ""
    filled = ", ".join(f"count({name(f.name)}) as {name(f.name)}" for f in optional)
    columns = ", ".join(name(f.name) for f in optional)
    return f"""
select return_no, 'field' as fact, {literal(table.name)} as table_name, field, rows_counted,
    rows_filled
from (
    select return_no, count(*) as rows_counted, {filled}
    from {name("judged_" + table.name)} where not is_excluded group by return_no
) unpivot (rows_filled for field in ({columns}))"""


def _episode_facts() -> str:
    # As with every other rule, nothing is read from a row of another shape.
    return f"""
select episodes.return_no, 'episode' as fact, 'episodes' as table_name, episodes.row_number,
    episodes.episode_id, episodes.start_date, sent.end_date is null as is_open,
    episodes.is_excluded, contacts.last_contact
from judged_episodes as episodes
inner join (select return_no, row_number, end_date from text_episodes) as sent
    using (return_no, row_number)
left join (
    select return_no, episode_id, max(contact_date) as last_contact
    from judged_contacts where not is_excluded group by return_no, episode_id
) as contacts using (return_no, episode_id)
where episodes.episode_id is not null and (episodes.failed & {SHAPE}) = 0"""


def failures(standard: Standard) -> str:
    """SQL for what the returns in `subjects` fail: history_id, table_name, row_number, field, rule,
    severity, value, message.

    Needs subjects (history_id, judgement_id, month_end), predecessors (history_id, months_back,
    judgement_id: the submission in effect of the month so many before, where there is one), and
    history_facts (judgement_id, and the columns of `FACTS` but return_no) of all of these.
    """
    return f"""
with timed as (
    select subjects.history_id,
        date_diff('month', subjects.month_end - {DAYS_WITHOUT_CONTACT}, subjects.month_end)
            as months_of_ninety_days
    from subjects
),
own as (
    select subjects.history_id, subjects.month_end, history_facts.*
    from subjects inner join history_facts using (judgement_id)
),
before as (
    select predecessors.history_id, predecessors.months_back, history_facts.*
    from predecessors inner join history_facts using (judgement_id)
),
whole as (
    select history_id from predecessors group by history_id having count(*) = {MONTHS_BEFORE}
),
{_dropped(standard)},
{_shift(standard)},
{_drop_off(standard)},
{_overdue(standard)}
select * from dropped
union all by name select * from shift
union all by name select * from drop_off
union all by name select * from overdue
"""


def _told(standard: Standard, rule: str, found: str, expected: str = "''") -> str:
    """The columns severity, value and message of a failure of `rule`."""
    stated = standard.rules[rule]
    message = literal(stated.message)
    found = without_nhs_number(found)
    return (
        f"{literal(stated.severity)} as severity, {found} as value, replace(replace({message}, "
        f"'{{found}}', {found}), '{{expected}}', {expected}) as message"
    )


def _dropped(standard: Standard) -> str:
    return f"""dropped as (
    select before.history_id, 'episodes' as table_name, 'episode_id' as field,
        {literal(DROPPED)} as rule, {_told(standard, DROPPED, "before.episode_id")}
    from before
    inner join own as episodes_sent on before.history_id = episodes_sent.history_id
        and episodes_sent.fact = 'table' and episodes_sent.table_name = 'episodes'
    anti join own on before.history_id = own.history_id and own.fact = 'episode'
        and before.episode_id = own.episode_id
    where before.fact = 'episode' and before.months_back = 1
        and before.is_open and not before.is_excluded
)"""


def _shift(standard: Standard) -> str:
    found = "own.rows_counted::varchar"
    # In whole numbers: a mean of thirds has no exact double.
    months = MONTHS_BEFORE
    expected = (
        f"(usual.contacts + {2 * months - 1}) // {2 * months} || ' and ' "
        f"|| (usual.contacts * 2) // {months}"
    )
    return f"""usual_contacts as (
    select before.history_id, sum(before.rows_counted)::bigint as contacts
    from before inner join whole using (history_id)
    where before.fact = 'table' and before.table_name = 'contacts'
    group by before.history_id
),
shift as (
    select own.history_id, 'contacts' as table_name, {literal(SHIFT)} as rule,
        {_told(standard, SHIFT, found, expected)}
    from own inner join usual_contacts as usual using (history_id)
    where own.fact = 'table' and own.table_name = 'contacts'
        and usual.contacts >= {LEAST_MEAN_CONTACTS * months}
        and (
            own.rows_counted * {2 * months} < usual.contacts
            or own.rows_counted * {months} > usual.contacts * 2
        )
)"""


def _drop_off(standard: Standard) -> str:
    message = literal(standard.rules[DROP_OFF].message)
    found = "round(100.0 * coalesce(own_field.rows_filled, 0) / own_table.rows_counted, 1)::varchar"
    return f"""usual_filling as (
    select before.history_id, before.table_name, before.field,
        sum(before.rows_filled) as rows_filled, sum(before.rows_counted) as rows_counted
    from before inner join whole using (history_id)
    where before.fact = 'field'
    group by before.history_id, before.table_name, before.field
),
drop_off as (
    select usual.history_id, usual.table_name, usual.field,
        usual.table_name || '.' || usual.field || '.drop_off' as rule,
        {literal(standard.rules[DROP_OFF].severity)} as severity, {found} as value,
        replace(replace({message}, '{{found}}', {found}), '{{field}}', usual.field) as message
    from usual_filling as usual
    inner join own as own_table on usual.history_id = own_table.history_id
        and own_table.fact = 'table' and usual.table_name = own_table.table_name
    left join own as own_field on usual.history_id = own_field.history_id
        and own_field.fact = 'field' and usual.table_name = own_field.table_name
        and usual.field = own_field.field
    where own_table.rows_counted >= {LEAST_ROWS_OF_FIELD}
        and usual.rows_filled * 100 >= usual.rows_counted * {USUALLY_FILLED_PER_CENT}
        and coalesce(own_field.rows_filled, 0) * 100
            < own_table.rows_counted * {RARELY_FILLED_PER_CENT}
)"""


def _overdue(standard: Standard) -> str:
    # An episode that began a short while ago is not overdue for want of a contact; nor is one that
    # may have had a contact in a month of which no return is in effect.
    return f"""seen_throughout as (
    select timed.history_id from timed left join predecessors using (history_id)
    group by timed.history_id, timed.months_of_ninety_days
    having count(*) filter (months_back <= timed.months_of_ninety_days)
        = timed.months_of_ninety_days
),
last_contacts as (
    select history_id, episode_id, max(last_contact) as last_contact
    from (
        select history_id, episode_id, last_contact from own
        where fact = 'episode' and not is_excluded
        union all
        select history_id, episode_id, last_contact from before
        where fact = 'episode' and not is_excluded
    )
    group by history_id, episode_id
),
overdue as (
    select own.history_id, 'episodes' as table_name, own.row_number, 'episode_id' as field,
        {literal(OVERDUE)} as rule, {_told(standard, OVERDUE, "own.episode_id")}
    from own inner join seen_throughout using (history_id)
    inner join last_contacts using (history_id, episode_id)
    where own.fact = 'episode' and own.is_open and not own.is_excluded
        and own.month_end - coalesce(last_contacts.last_contact, own.start_date)
            > {DAYS_WITHOUT_CONTACT}
)"""
