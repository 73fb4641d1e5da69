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
