"""Contacts as a data frame, for the judges that work on data frames.

What pandera and Great Expectations are asked for here is what they have a check of their own for,
seven kinds of the judge's rules: required, type, code, range, key, reference, in_period. Left out
are the dates of episodes, NHS numbers and the two warnings. What is no day or number is found by a
pattern and read by pandas, as a user of either would; days are taken as YYYY-MM-DD alone.
"""

from __future__ import annotations

from pathlib import Path

import pandas

from orchestration.facts import standard

MONTH_START, MONTH_END = pandas.Timestamp("2025-05-01"), pandas.Timestamp("2025-05-31")
REQUIRED = ("contact_id", "episode_id", "contact_date", "contact_type", "attendance")
CODED = ("contact_type", "attendance", "purpose", "bedded_down")
IDENTIFIER = r"^[A-Za-z0-9._-]{1,64}$"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
NUMBER = r"^[0-9]+$"


def read_contacts(folder: Path) -> pandas.DataFrame:
    """Contacts as text, with day and minutes read from it, missing where they do not read."""
    contacts = pandas.read_csv(
        folder / "contacts.csv", dtype="str", keep_default_na=False, na_values=[""]
    )
    contacts["day"] = pandas.to_datetime(
        contacts["contact_date"], format="%Y-%m-%d", errors="coerce"
    )
    contacts["minutes"] = pandas.to_numeric(contacts["duration_minutes"], errors="coerce")
    return contacts


def read_episode_ids(folder: Path) -> list[str]:
    """The identifiers of the return's episodes."""
    episodes = pandas.read_csv(folder / "episodes.csv", dtype="str", usecols=["episode_id"])
    return list(episodes["episode_id"])


def codes(column: str) -> list[str]:
    """The codes that a column of contacts may hold."""
    field = standard().tables["contacts"].field(column)
    return [code.code for code in standard().codes[str(field.code_list)]]
