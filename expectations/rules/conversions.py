"""How text reads as each type of the standard, as SQL expressions.

A conversion gives NULL where the text does not read as the type; that is how `type` fails.
"""

from __future__ import annotations

from expectations.rules.sql import literal, literals
from expectations.standard import Code, Field, Standard

# A cell that a workbook could not compute begins with this noncharacter (see return-standard.md:
# an error value, and a formula without a saved value, are failures of type).
ERROR_CELL = "\ufdd0"

_ISO_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]00:00(:00(\.0+)?)?)?"
_BRITISH_DATE = r"[0-9]{2}/[0-9]{2}/[0-9]{4}"
_INTEGER = r"[+-]?[0-9]+(\.0+)?"
_DECIMAL = r"[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?"
_ID = r"[A-Za-z0-9._-]{1,64}"
_LINK_KEY = r"[0-9a-fA-F]{64}"
_MONTH = r"[0-9]{4}-[0-9]{2}"

# Exact to ten decimals, so that sums and the comparison of scores do not depend on order.
DECIMAL_TYPE = "decimal(28, 10)"

LARGEST_INTEGER = "9223372036854775807"
LARGEST_DECIMAL = "999999999999999999.9999999999"

TYPE_IN_WORDS = {
    "id": "1 to 64 letters, digits, full stops, hyphens or underscores",
    "link_key": "64 characters from 0-9 and a-f",
    "code": "a code",
    "integer": "a whole number in digits",
    "decimal": "a number in digits, without currency sign",
    "date": "a date written YYYY-MM-DD or DD/MM/YYYY",
    "month": "a month written YYYY-MM",
    "text": "text",
}

SQL_TYPE = {
    "id": "varchar",
    "link_key": "varchar",
    "code": "varchar",
    "integer": "bigint",
    "decimal": DECIMAL_TYPE,
    "date": "date",
    "month": "date",
    "text": "varchar",
}


def matches(text: str, pattern: str) -> str:
    """Whether the whole of `text` matches."""
    return f"regexp_full_match({text}, {literal(pattern)})"


def _date(text: str) -> str:
    british = f"{text}[7:10] || '-' || {text}[4:5] || '-' || {text}[1:2]"
    # Year 0000 is a date to DuckDB and to nobody else.
    # Nearly every date reads back as it was sent; the patterns are for the others, and cost double.
    usual = f"length({text}) = 10 and try_cast({text} as date)::varchar = {text}"
    return (
        f"case when {usual} then try_cast({text} as date) "
        f"when {text}[1:4] = '0000' or {text}[7:10] = '0000' then null "
        f"when {matches(text, _ISO_DATE)} then try_cast({text}[1:10] as date) "
        f"when {matches(text, _BRITISH_DATE)} then try_cast({british} as date) end"
    )


def _within(text: str, digits: str, sql_type: str, largest: str) -> str:
    """SQL for `digits` as a number. One that is too large for SQL still reads as a number, and is
    beyond the range of every field; it stands as the largest that there is."""
    return (
        f"coalesce(try_cast({digits} as {sql_type}), "
        f"if(starts_with({text}, '-'), -{largest}, {largest})::{sql_type})"
    )


def converted(field: Field, text: str) -> str:
    """SQL for the value of `text` (an SQL expression) read as the field's type, or NULL.

    A code is read without regard to a list here: see `canonical`.
    """
    match field.type:
        case "date":
            return _date(text)
        case "month":
            return (
                f"case when {matches(text, _MONTH)} and {text}[1:4] <> '0000' "
                f"then try_cast({text} || '-01' as date) "
                f"else date_trunc('month', {_date(text)})::date end"
            )
        case "integer":
            # As with dates, the usual way of writing first: it costs a third of the pattern.
            any_size = _within(text, f"split_part({text}, '.', 1)", "bigint", LARGEST_INTEGER)
            return (
                f"case when try_cast({text} as bigint)::varchar = {text} "
                f"then try_cast({text} as bigint) when {matches(text, _INTEGER)} "
                f"then {any_size} end"
            )
        case "decimal":
            any_size = _within(text, f"replace({text}, ',', '')", DECIMAL_TYPE, LARGEST_DECIMAL)
            return f"case when {matches(text, _DECIMAL)} then {any_size} end"
        case "id":
            return f"case when {matches(text, _ID)} then {text} end"
        case "link_key":
            return f"case when {matches(text, _LINK_KEY)} then lower({text}) end"
    return f"case when not starts_with({text}, {literal(ERROR_CELL)}) then {text} end"


def canonical(codes: tuple[Code, ...], text: str) -> str:
    """SQL for a code as its list spells it, compared without regard to case, or NULL."""
    lower = f"enum({literals(code.code.lower() for code in codes)})"
    return (
        f"list_extract([{literals(code.code for code in codes)}], "
        f"enum_code(try_cast(lower({text}) as {lower})) + 1)"
    )


def listed(field: Field, standard: Standard) -> tuple[Code, ...] | None:
    """The codes a field may hold, or None. A text field's list is judged by a rule of its own."""
    if field.type != "code" or field.code_list is None:
        return None
    return standard.codes[field.code_list]
