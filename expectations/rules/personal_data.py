"""What in a text can tell who a person is, as SQL, and how it is kept out of what is told."""

from __future__ import annotations

import re

from expectations.rules.sql import literal


def is_nhs_number_check(digits: str) -> str:
    """Whether ten digits end in the NHS number's check digit (NHS Data Dictionary, modulus 11)."""
    weighted = " + ".join(
        f"try_cast({digits}[{place}:{place}] as integer) * {11 - place}" for place in range(1, 10)
    )
    # 11 less the remainder; 11 counts as 0, and 10 is never given out.
    return f"(11 - ({weighted}) % 11) % 11 = try_cast({digits}[10:10] as integer)"


# Characters that are there and are not seen, as the first and the last of each range: controls but
# for tabs and line breaks, soft hyphens, zero-width characters, marks that turn the direction of
# writing, tags and variation selectors. They can hide words, or make others of them (Unicode
# Technical Report 36, "Unicode Security Considerations"); and the private use area, of which the
# site's own marks are. `dbt_project/macros/texts.sql` has the same.
HIDDEN_RANGES = (
    (0x01, 0x08), (0x0B, 0x0C), (0x0E, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F),
    (0x61C, 0x61C), (0x115F, 0x1160), (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E),
    (0x2060, 0x206F), (0x3164, 0x3164), (0xE000, 0xE03F), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE01EF),
)  # fmt: skip
# The same as a class of an expression: of DuckDB's (RE2), and of Python's.
HIDDEN_CHARACTERS_SQL = "[" + "".join(rf"\x{{{a:X}}}-\x{{{b:X}}}" for a, b in HIDDEN_RANGES) + "]"
HIDDEN_CHARACTERS_PYTHON = "[" + "".join(rf"\U{a:08x}-\U{b:08x}" for a, b in HIDDEN_RANGES) + "]"

# What stands in the place of an NHS number wherever it is told what was found.
HIDDEN_NHS_NUMBER = "(an NHS number)"
_LIKE_NHS_NUMBER = "[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}"


def without_nhs_number(text: str) -> str:
    """SQL for `text` as it may be told: not the text itself where it is a valid NHS number."""
    digits = f"replace(replace({text}, ' ', ''), '-', '')"
    return (
        f"case when regexp_full_match({text}, {literal(_LIKE_NHS_NUMBER)}) "
        f"and {is_nhs_number_check(digits)} then {literal(HIDDEN_NHS_NUMBER)} else {text} end"
    )


def hide_nhs_number(text: str) -> str:
    """`without_nhs_number` of a text in Python."""
    if not re.fullmatch(_LIKE_NHS_NUMBER, text):
        return text
    digits = [int(digit) for digit in text if digit.isdecimal()]
    weighted = sum(digit * (10 - place) for place, digit in enumerate(digits[:9]))
    return HIDDEN_NHS_NUMBER if (11 - weighted % 11) % 11 == digits[9] else text


def holds_personal_data(text: str) -> str:
    """Whether free text holds an NHS number, telephone number, e-mail, postcode or full date."""
    # As it is read: what is not seen parts nothing.
    text = f"regexp_replace({text}, '{HIDDEN_CHARACTERS_SQL}', '', 'g')"
    # One space for each run of spaces and dashes of any kind; then each character between digits
    # doubled, so that two numbers beside each other do not share the one that parts them.
    spaced = rf"regexp_replace({text}, '[\s\x{{00A0}}\x{{2000}}-\x{{2015}}\x{{202F}}-]+', ' ', 'g')"
    parted = rf"regexp_replace({spaced}, '([^0-9])', '\1\1', 'g')"
    candidates = (
        rf"regexp_extract_all({parted}, "
        r"'(?:^|[^0-9])([0-9]{3} {0,2}[0-9]{3} {0,2}[0-9]{4})(?:$|[^0-9])', 1)"
    )
    telephone = r"(^|[^0-9+])(\+44[ .]*(\(0\))?|\(?0)[ ().]*([0-9][ ().]*){8,9}[0-9]($|[^0-9])"
    nhs = (
        f"len(list_filter(list_transform({candidates}, "
        "lambda n: regexp_replace(n, '[^0-9]', '', 'g')), "
        f"lambda n: {is_nhs_number_check('n')})) > 0"
    )
    months = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
    patterns = (
        r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}",
        r"(?i)(^|[^A-Z0-9])([A-Z]{1,2}[0-9][A-Z0-9]?|GIR) ?[0-9][ABD-HJLNP-UW-Z]{2}($|[^A-Z0-9])",
        r"(^|[^0-9])[0-9]{1,2}[/.-][0-9]{1,2}[/.-]([0-9]{4}|[0-9]{2})($|[^0-9])",
        r"(^|[^0-9])[0-9]{4}[/.-][0-9]{1,2}[/.-][0-9]{1,2}($|[^0-9])",
        rf"(?i)(^|[^0-9])[0-9]{{1,2}}(st|nd|rd|th)?( of)?[ -]+({months})[a-z]*\.?,?[ -]+[0-9]{{4}}",
        rf"(?i)({months})[a-z]*\.? [0-9]{{1,2}}(st|nd|rd|th)?,? [0-9]{{4}}",
    )
    return " or ".join(
        [nhs, f"regexp_matches({spaced}, {literal(telephone)})"]
        + [f"regexp_matches({text}, {literal(pattern)})" for pattern in patterns]
    )
