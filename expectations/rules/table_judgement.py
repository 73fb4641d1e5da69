"""One table, all its rules, one scan.

The SQL made here reads `text_<table>` (what was sent) and makes `judged_<table>`: the rows with
their typed values, `failed` (a bit for each rule that the row fails) and `is_excluded` (a rule of
severity error is among them). The failures themselves are then drawn from the few rows that have
any, and what was sent there.
"""

from __future__ import annotations

from dataclasses import dataclass

from expectations.rules.conversions import ERROR_CELL, SQL_TYPE, canonical, converted, listed
from expectations.rules.personal_data import without_nhs_number
from expectations.rules.row_rules import RowRule, row_rules
from expectations.rules.sql import literal, name
from expectations.standard import Field, Standard, Table

# `failed` is a 64-bit integer, and its sign bit is left alone.
MOST_RULES = 62
SHOWN_CHARACTERS = 200
MARKS = '"'


@dataclass(frozen=True)
class TableJudgement:
    """The SQL that judges one table: `judge`, row by row, or, where no return has a row of it,
    `without_rows`; then, once all tables are judged, `compare`, the rules that compare rows; then
    `failures`, what is to be told."""

    table: Table
    rules: tuple[RowRule, ...]
    judge: str
    without_rows: str
    compare: tuple[str, ...]
    failures: str


def table_judgement(table: Table, standard: Standard) -> TableJudgement:
    """SQL to judge `table`.

    `judge` needs text_<table> (return_no, row_number, cell_count, header_count, sent_columns,
    is_well_formed and a varchar column for each field, NULL where absent or empty), returns_in_hand
    (return_no, submitting_provider, month_start, month_end, has_people, has_episodes, has_groups),
    registered_services, and judged_people and judged_episodes where the table refers to them.
    `failures` selects return_no, table_name, row_number, field, rule, severity, value, message from
    judged_<table> and text_<table>.
    """
    rules = tuple(row_rules(table, standard))
    if len(rules) > MOST_RULES:
        raise ValueError(f"{table.name} has {len(rules)} rules; `failed` has {MOST_RULES} bits")
    return TableJudgement(
        table=table,
        rules=rules,
        judge=_judge(table, rules, standard),
        without_rows=_without_rows(table),
        compare=tuple(
            f"update {name('judged_' + table.name)} as judged "
            f"set failed = failed | {1 << position} "
            f"from ({rule.compared}) as told where judged.return_no = told.return_no "
            "and judged.row_number = told.row_number"
            for position, rule in enumerate(rules)
            if rule.compared
        ),
        failures=_failures(table, rules),
    )


def _judge(table: Table, rules: tuple[RowRule, ...], standard: Standard) -> str:
    typed = ",\n        ".join(_typed(field, standard) for field in table.fields)
    bits = "\n        | ".join(
        f"(case when {_guarded(rule, position)} then {1 << position} else 0 end)::bigint"
        for position, rule in enumerate(rules)
        if rule.compared is None
    )
    errors = sum(1 << i for i, rule in enumerate(rules) if rule.severity == "error")
    kept = ", ".join(_kept(field) for field in table.fields)
    columns, joins = _lookups(table)
    same_key = "".join(
        f" and {_compared('typed.' + name(f.name), f)} = repeated.{name(f.name)}"
        for f in table.keys
    )
    return f"""
create or replace table {name("judged_" + table.name)} as
with repeated as (
    {_repeated(table, standard)}
),
sent as (
    select
        return_no, row_number, cell_count, header_count, sent_columns, is_well_formed,
        {_as_text(table)}
    from {name("text_" + table.name)}
),
typed as (
    select
        sent.*,
        {typed}
    from sent
),
placed as (
    select
        typed.*,
        returns_in_hand.submitting_provider,
        returns_in_hand.month_start,
        returns_in_hand.month_end{columns},
        repeated.first_row as first_row_of_key
    from typed
    inner join returns_in_hand using (return_no){joins}
    left join repeated on typed.return_no = repeated.return_no{same_key}
),
ruled as (
    select
        *,
        {bits} as failed
    from placed
)
select
    return_no, row_number, month_start, {kept},
    failed,
    (failed & {errors}) <> 0 as is_excluded
from ruled
"""


def _without_rows(table: Table) -> str:
    """As `_judge` makes it: a table of a few columns is made in no time, that SQL takes 0.1 s to
    plan."""
    columns = ", ".join(f"{name(f.name)} {SQL_TYPE[f.type]}" for f in table.fields)
    return (
        f"create or replace table {name('judged_' + table.name)} (return_no integer, "
        f"row_number bigint, month_start date, {columns}, failed bigint, is_excluded boolean)"
    )


def _as_text(table: Table) -> str:
    """The columns of text_<table>, by the names that rules know them by."""
    return ", ".join(f"{name(f.name)} as {name(f.name + '__text')}" for f in table.fields)


def _guarded(rule: RowRule, position: int) -> str:
    """The first rule is the row's shape; only a row of the right shape is judged by another."""
    return f"({rule.fails})" if position == 0 else f"is_well_formed and ({rule.fails})"


def _typed(field: Field, standard: Standard) -> str:
    text = name(f"{field.name}__text")
    is_type = f"({converted(field, text)}) is not null"
    codes = listed(field, standard)
    listed_as = ""
    if codes is not None:
        is_listed = name(f"{field.name}__is_listed")
        listed_as = f"({canonical(codes, text)}) is not null as {is_listed},\n        "
    return (
        f"{is_type} as {name(field.name + '__is_type')},\n        {listed_as}"
        f"{_value(field, text, standard)} as {name(field.name)}"
    )


def _value(field: Field, text: str, standard: Standard) -> str:
    """SQL for the value of a field; a code that is not in its list is kept as it was sent."""
    value = converted(field, text)
    codes = listed(field, standard)
    return value if codes is None else f"coalesce({canonical(codes, text)}, {value})"


def _kept(field: Field) -> str:
    """The register is the list of the codes of services: its spelling is the one that is kept."""
    if field.references == "services.service_code":
        return f"coalesce(registered_code, {name(field.name)}) as {name(field.name)}"
    return name(field.name)


def _repeated(table: Table, standard: Standard) -> str:
    """SQL for the keys that come more than once, each with the first row that has it. Hardly any
    do: to look for them first costs a fifth of numbering all the rows by their key."""
    keys = [(_compared(_value(f, name(f.name), standard), f), name(f.name)) for f in table.keys]
    values = ", ".join(f"{value} as {key}" for value, key in keys)
    names = ", ".join(key for _, key in keys)
    whole = " and ".join(f"{key} is not null" for _, key in keys)
    return f"""
    select return_no, {names}, min(row_number) as first_row
    from (
        select return_no, row_number, {values} from {name("text_" + table.name)}
        where is_well_formed
    ) as keyed
    where {whole}
    group by return_no, {names}
    having count(*) > 1
    """.strip()


def _compared(value: str, field: Field) -> str:
    """The part of a key as it is compared: codes without regard to case."""
    return f"lower({value})" if field.type == "code" else value


def _lookups(table: Table) -> tuple[str, str]:
    """The columns that rules need of other tables, and the joins that bring them."""
    columns, joins = "", ""
    if table.has("person_id") and table.name != "people":
        columns += (
            ",\n        coalesce(person.is_person, not returns_in_hand.has_people) as person_found"
        )
        joins += """
    left join (
        select return_no, person_id, true as is_person from judged_people where not is_excluded
    ) as person on typed.return_no = person.return_no and typed.person_id = person.person_id"""
    if table.has("episode_id") and table.name != "episodes":
        columns += (
            ",\n        coalesce(episode.is_episode, not returns_in_hand.has_episodes)"
            " as episode_found"
            ",\n        episode.start_date as episode_start, episode.end_date as episode_end"
        )
        joins += """
    left join (
        select return_no, episode_id, start_date, end_date, true as is_episode
        from judged_episodes where not is_excluded
    ) as episode on typed.return_no = episode.return_no and typed.episode_id = episode.episode_id"""
    if table.has("service_code"):
        columns += (
            ",\n        service.service_code as registered_code"
            ",\n        service.lower_code is not null as service_found"
            ",\n        service.provider_code as service_provider"
            ",\n        service.open_from as service_from, service.open_to as service_to"
        )
        joins += """
    left join registered_services as service
        on lower(typed.service_code) = service.lower_code"""
    return columns, joins


def _failures(table: Table, rules: tuple[RowRule, ...]) -> str:
    """The failures of judged_<table>, each row of it with each rule that it fails."""
    stated = ",\n        ".join(
        f"({1 << position}, {position}, {literal(rule.rule)}, {literal(rule.level)}, "
        f"{literal(rule.field) if rule.field else 'null'}, {literal(rule.severity)}, "
        f"{literal(rule.message)}, {literal(MARKS if rule.is_quoted else '')})"
        for position, rule in enumerate(rules)
    )
    found = " ".join(f"when {i} then {rule.found}" for i, rule in enumerate(rules))
    expected = " ".join(f"when {i} then {rule.expected}" for i, rule in enumerate(rules))
    shown = f"if(length(found) > {SHOWN_CHARACTERS}, found[1:{SHOWN_CHARACTERS}] || '...', found)"
    found = f"ltrim((case rules.position {found} end)::varchar, {literal(ERROR_CELL)})"
    return f"""
with rules (bit, position, rule, level, field, severity, message, marks) as (
    values
        {stated}
),
sent as (
    select return_no, row_number, cell_count, header_count, {_as_text(table)}
    from {name("text_" + table.name)}
),
failing as (
    select * from {name("judged_" + table.name)} inner join sent using (return_no, row_number)
    where failed <> 0
),
told as (
    select
        failing.return_no,
        if(rules.level = 'row', failing.row_number, null) as row_number,
        rules.field,
        rules.rule,
        rules.severity,
        {found} as found,
        (case rules.position {expected} end)::varchar as expected,
        rules.message,
        rules.marks
    from failing
    inner join rules on (failing.failed & rules.bit) <> 0
),
fit_to_tell as (
    select * replace ({without_nhs_number("found")} as found) from told
)
select distinct
    return_no,
    {literal(table.name)} as table_name,
    row_number,
    field,
    rule,
    severity,
    {shown} as value,
    replace(
        replace(message, '{{found}}', coalesce(marks || {shown} || marks, 'nothing')),
        '{{expected}}', coalesce(expected, '')
    ) as message
from fit_to_tell
"""
