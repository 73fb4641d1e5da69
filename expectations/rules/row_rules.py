"""The rules of one table's rows, as SQL predicates that are true where the rule fails.

A predicate may use, for a field f: f (its value, NULL where missing or not of its type; a code that
is not in its list as it was sent), `f__text` (as sent, trimmed, NULL where missing), `f__is_type`
and, for a code, `f__is_listed`. It may also use month_start, month_end and
submitting_provider of the return, sent_columns (see `was_sent`), and the columns that
`table_judgement` joins: first_row_of_key (of a key that comes more than once), episode_found,
episode_start, episode_end, person_found, service_found, service_provider, service_from, service_to.
A predicate that is NULL does not fail: so a value that is missing or not of its type is judged by
no further rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from expectations.rules.conversions import TYPE_IN_WORDS, listed, matches
from expectations.rules.personal_data import holds_personal_data, is_nhs_number_check
from expectations.rules.sql import literal, literals, name
from expectations.standard import Field, Rule, Severity, Standard, Table

# The bit of `failed` for the first rule of every table: the row's shape.
SHAPE = 1
# The dates between which a state lasts.
STARTS = {"episodes": "start_date", "stays": "start_date", "admissions": "admitted_date"}
ENDS = {"episodes": "end_date", "stays": "end_date", "admissions": "discharged_date"}


@dataclass(frozen=True)
class RowRule:
    """One rule as it stands for one field of one table.

    fails: SQL predicate. found: SQL for what was found, NULL where it must not be shown.
    expected: SQL for what was expected, in words. message: the rule's, with {found} and {expected}.
    is_quoted: whether what was found is a cell's own text, and so stands in quotation marks.
    level: `row`, or `return` where the rule speaks of the whole return and is told once a field.
    compared: for a rule that compares rows with each other, SQL that selects the return_no and
    row_number of the rows that fail, from judged_<table> of any table; `fails` is then not used.
    """

    rule: str
    level: str
    field: str | None
    severity: Severity
    fails: str
    found: str
    expected: str
    message: str
    is_quoted: bool = True
    compared: str | None = None


def row_rules(table: Table, standard: Standard) -> list[RowRule]:
    """Every rule that judges the rows of `table`.

    The first is `row.shape`: a row that fails it is judged by no other.
    """
    rules = [_shape(table, standard)]
    for field in table.fields:
        rules += _field_rules(table, field, standard)
    rules += _table_rules(table, standard)
    return rules


def was_sent(table: Table, field: str) -> str:
    """Whether the return has the column at all: a missing column is told once, not in each row."""
    position = [known.name for known in table.fields].index(field)
    return f"(sent_columns & {1 << position}) <> 0"


def _made(
    standard: Standard,
    pattern: str,
    table: Table,
    field: Field | None,
    fails: str,
    *,
    rule: str | None = None,
    found: str | None = None,
    expected: str = "''",
    compared: str | None = None,
) -> RowRule:
    """The rule `pattern` of rules.csv as it stands for a field; `rule` where its name differs."""
    stated: Rule = standard.rules[pattern]
    last = pattern.rsplit(".", 1)[1]
    return RowRule(
        rule=rule or (f"{table.name}.{field.name}.{last}" if field else f"{table.name}.row.{last}"),
        level=stated.level,
        field=field.name if field else None,
        severity=stated.severity,
        fails=fails,
        found=found or (name(f"{field.name}__text") if field else "null"),
        expected=expected,
        message=_filled(stated.message, table, field),
        is_quoted=found is None,
        compared=compared,
    )


def _filled(message: str, table: Table, field: Field | None) -> str:
    message = message.replace("{table}", table.name)
    if field:
        message = message.replace("{field}", field.name).replace("{description}", field.description)
    return message


def _shape(table: Table, standard: Standard) -> RowRule:
    return _made(
        standard,
        "<table>.row.shape",
        table,
        None,
        "not is_well_formed",
        found="cell_count || if(cell_count = 1, ' cell', ' cells')",
        expected="header_count || if(header_count = 1, ' cell', ' cells')",
    )


def _field_rules(table: Table, field: Field, standard: Standard) -> Iterator[RowRule]:
    text = name(f"{field.name}__text")
    codes = listed(field, standard)
    is_type = name(f"{field.name}__is_type")
    if field.required:
        yield _made(
            standard,
            "<table>.<field>.required",
            table,
            field,
            f"{text} is null and {was_sent(table, field.name)}",
        )
    yield _made(
        standard,
        "<table>.<field>.type",
        table,
        field,
        f"{text} is not null and not {is_type}",
        expected=literal(TYPE_IN_WORDS[field.type]),
    )
    if codes is not None:
        yield _made(
            standard,
            "<table>.<field>.code",
            table,
            field,
            f"{is_type} and not {name(f'{field.name}__is_listed')}",
            expected=literal(", ".join(code.code for code in codes)),
        )
    if field.minimum is not None or field.maximum is not None:
        yield _range(table, field, standard)
    if field.references:
        yield _reference(table, field, standard)
    if field.key and field.name == table.keys[0].name:
        yield _made(standard, "<table>.<key>.key", table, field, "row_number > first_row_of_key")


def _range(table: Table, field: Field, standard: Standard) -> RowRule:
    value = name(field.name)
    if field.type == "text":
        fails = f"length({value}) > {field.maximum}"
        found = f"length({value}) || ' characters'"
        expected = f"at most {field.maximum} characters"
        return _made(
            standard,
            "<table>.<field>.range",
            table,
            field,
            fails,
            found=found,
            expected=literal(expected),
        )
    least, most = field.minimum, field.maximum
    bounds = [f"{value} < {least}"] if least is not None else []
    bounds += [f"{value} > {most}"] if most is not None else []
    words = " and ".join(
        [f"at least {least}"] * (least is not None) + [f"at most {most}"] * (most is not None)
    )
    return _made(
        standard,
        "<table>.<field>.range",
        table,
        field,
        " or ".join(bounds),
        expected=literal(words),
    )


def _reference(table: Table, field: Field, standard: Standard) -> RowRule:
    value = name(field.name)
    target, _, _ = str(field.references).partition(".")
    found = {"people": "person_found", "episodes": "episode_found", "services": "service_found"}
    where = "the registered services" if target == "services" else f"the rows of {target}"
    return _made(
        standard,
        "<table>.<field>.reference",
        table,
        field,
        f"{value} is not null and not {found[target]}",
        expected=literal(where),
    )


def _table_rules(table: Table, standard: Standard) -> Iterator[RowRule]:
    """The rules about dates, and those that rules.csv states for one table alone."""
    if table.kind == "event":
        yield from _event_dates(table, standard)
    if table.name in STARTS:
        yield from _state_dates(table, standard)
    if table.has("service_code"):
        service = table.field("service_code")
        yield _made(
            standard,
            f"{table.name}.service_code.provider",
            table,
            service,
            "service_found and (service_provider <> submitting_provider "
            "or service_from > month_end or service_to < month_start)",
        )
    identifiers = [f for f in table.fields if f.type == "id"]
    for field in identifiers:
        # The rule is stated for people.person_id and holds for every identifier.
        yield _made(
            standard,
            "people.person_id.personal_data",
            table,
            field,
            f"{matches(name(field.name), '[0-9]{10}')} and {is_nhs_number_check(name(field.name))}",
            rule="people.person_id.personal_data",
            found="null",
        )
    if table.name in _OWN_RULES:
        yield from _OWN_RULES[table.name](table, standard)


def _event_dates(table: Table, standard: Standard) -> Iterator[RowRule]:
    for field in table.fields:
        if field.type != "date":
            continue
        value = name(field.name)
        yield _made(
            standard,
            "<table>.<date>.in_period",
            table,
            field,
            f"{value} < month_start or {value} > month_end",
        )
        if table.has("episode_id"):
            yield _made(
                standard,
                "<table>.<date>.in_episode",
                table,
                field,
                f"{value} < episode_start or {value} > episode_end",
            )


def _state_dates(table: Table, standard: Standard) -> Iterator[RowRule]:
    start, end = table.field(STARTS[table.name]), table.field(ENDS[table.name])
    first, last = name(start.name), name(end.name)
    yield _made(standard, "<table>.<start>.in_period", table, start, f"{first} > month_end")
    yield _made(standard, "<table>.<end>.in_order", table, end, f"{last} < {first}")
    yield _made(
        standard,
        "<table>.<end>.in_period",
        table,
        end,
        f"{last} < month_start or {last} > month_end",
    )


def _people(table: Table, standard: Standard) -> Iterator[RowRule]:
    year = "year(month_start)"
    groups = [code.code for code in standard.codes["inclusion_group"]]
    yield _made(
        standard,
        "people.birth_year.plausible",
        table,
        table.field("birth_year"),
        f"birth_year > {year} or birth_year < {year} - 115",
        expected=f"({year} - 115) || ' to ' || {year}",
    )
    yield _made(
        standard,
        "people.link_key.shared",
        table,
        table.field("link_key"),
        "false",
        found="null",
        compared="select return_no, row_number from judged_people "
        "where not is_excluded and link_key is not null "
        "qualify row_number() over (partition by return_no, link_key order by row_number) > 1",
    )
    yield _made(
        standard,
        "people.person_groups.present",
        table,
        table.field("person_id"),
        "false",
        rule="people.person_groups.present",
        compared="select judged_people.return_no, judged_people.row_number from judged_people "
        "inner join returns_in_hand using (return_no) "
        "left join (select distinct return_no, person_id from judged_person_groups "
        f"where inclusion_group in ({literals(groups)}) and (failed & {SHAPE}) = 0) as grouped "
        "using (return_no, person_id) where returns_in_hand.has_groups "
        f"and judged_people.person_id is not null and (judged_people.failed & {SHAPE}) = 0 "
        "and grouped.person_id is null",
    )


def _episodes(table: Table, standard: Standard) -> Iterator[RowRule]:
    yield _made(
        standard,
        "episodes.referral_date.in_order",
        table,
        table.field("referral_date"),
        "referral_date > start_date",
    )
    # A value that is there but does not read as its type has its own failure already.
    yield _made(
        standard,
        "episodes.end_reason.given_with",
        table,
        table.field("end_reason"),
        "(end_date is not null and end_reason__text is null "
        f"and {was_sent(table, 'end_reason')}) "
        "or (end_date__text is null and end_reason is not null)",
    )


def _contacts(table: Table, standard: Standard) -> Iterator[RowRule]:
    yield _made(
        standard,
        "contacts.bedded_down.given_with",
        table,
        table.field("bedded_down"),
        "bedded_down = 'Y' and contact_type <> 'outreach'",
    )
    yield _made(
        standard,
        "contacts.duration_minutes.plausible",
        table,
        table.field("duration_minutes"),
        "duration_minutes > 480",
        found="duration_minutes__text",
    )


def _admissions(table: Table, standard: Standard) -> Iterator[RowRule]:
    yield _made(
        standard,
        "admissions.discharge_destination.given_with",
        table,
        table.field("discharge_destination"),
        "discharged_date is not null and discharge_destination__text is null "
        f"and {was_sent(table, 'discharge_destination')}",
    )


def _assessments(table: Table, standard: Standard) -> Iterator[RowRule]:
    by_measure = standard.assessment_measures.values()
    below_or_above = " or ".join(
        f"(measure = {literal(m.measure)} and (score < {m.minimum} or score > {m.maximum}))"
        for m in by_measure
    )
    words = " ".join(
        f"when {literal(m.measure)} then {literal(f'{m.minimum} to {m.maximum} for {m.measure}')}"
        for m in by_measure
    )
    yield _made(
        standard,
        "assessments.score.range",
        table,
        table.field("score"),
        below_or_above,
        expected=f"case measure {words} end",
    )


def _stays(table: Table, standard: Standard) -> Iterator[RowRule]:
    # An open stay goes on; the later row of the file is told, once.
    yield _made(
        standard,
        "stays.start_date.overlap",
        table,
        table.field("start_date"),
        "false",
        compared="with lived as (select judged_stays.return_no, judged_stays.row_number, "
        "judged_episodes.person_id, judged_stays.start_date, "
        "coalesce(judged_stays.end_date, date '9999-12-31') as end_date from judged_stays "
        "inner join judged_episodes using (return_no, episode_id) "
        "where not judged_stays.is_excluded and not judged_episodes.is_excluded) "
        "select distinct later.return_no, later.row_number from lived as later "
        "inner join lived as earlier on later.return_no = earlier.return_no "
        "and later.person_id = earlier.person_id and later.row_number > earlier.row_number "
        "and least(later.end_date, earlier.end_date) "
        "- greatest(later.start_date, earlier.start_date) >= 1",
    )


def _narratives(table: Table, standard: Standard) -> Iterator[RowRule]:
    yield _made(
        standard,
        "narratives.text.personal_data",
        table,
        table.field("text"),
        holds_personal_data("text"),
        found="null",
    )


_OWN_RULES: dict[str, Callable[[Table, Standard], Iterator[RowRule]]] = {
    "people": _people,
    "episodes": _episodes,
    "contacts": _contacts,
    "admissions": _admissions,
    "assessments": _assessments,
    "stays": _stays,
    "narratives": _narratives,
}
