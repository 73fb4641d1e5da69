"""The rules about a return as a whole, on the little that is known of each.

Each function takes what is known of one return and gives its failures; none of them looks at rows.
The one rule that compares returns with each other is `repeated_submissions`.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from expectations.rules.personal_data import hide_nhs_number
from expectations.standard import MANIFEST, Provider, Registry, Severity, Standard, Table

# The tables whose share of excluded rows can reject a return (return.rows.excluded_share).
SHARE_TABLES = ("people", "episodes", "contacts")


@dataclass(frozen=True)
class Failure:
    """One rule that a return, or one of its rows, fails: a row of `validation_failures`."""

    rule: str
    severity: Severity
    message: str
    table_name: str | None = None
    row_number: int | None = None
    field: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class SentTable:
    """A table as it was sent: its name, and its columns' names, both as the standard spells them,
    beside the column's heading as it was written. header_place: where the header was found, in
    words, as `line 1 of people.csv`."""

    name: str
    source: str
    columns: tuple[tuple[str, str], ...]
    header_place: str = ""


@dataclass(frozen=True)
class Manifest:
    """The one row of the manifest: its values where they read as their type."""

    provider_code: str | None
    period: date | None
    submission_no: int | None
    standard_version: str | None


def failure(
    standard: Standard,
    rule: str,
    *,
    found: str | None = None,
    expected: str = "",
    table: str | None = None,
    field: str | None = None,
) -> Failure:
    """The failure of a return-level rule, with its message filled in."""
    stated = standard.rules[rule]
    found = None if found is None else hide_nhs_number(found)
    field = None if field is None else hide_nhs_number(field)
    message = stated.message
    for slot, text in (
        ("{found}", found or "nothing"),
        ("{expected}", expected),
        ("{table}", table or ""),
        ("{field}", field or ""),
    ):
        message = message.replace(slot, text)
    return Failure(rule, stated.severity, message, table_name=table, field=field, value=found)


def shape_failures(standard: Standard, sent: Iterable[SentTable]) -> list[Failure]:
    """Which tables and columns are missing, and which are not the standard's."""
    failures = []
    by_name = {table.name: table for table in sent}
    for table in standard.tables.values():
        if table.name not in by_name:
            if table.mandatory:
                failures.append(failure(standard, "return.table.present", table=table.name))
            continue
        sent_as = by_name[table.name]
        there = {column for column, _ in sent_as.columns}
        missing = [field for field in table.fields if field.required and field.name not in there]
        instead = _no_header(table, sent_as) if missing else ""
        for field in missing:
            found = failure(standard, "return.column.present", table=table.name, field=field.name)
            failures.append(replace(found, message=f"{found.message}{instead}"))
            instead = ""  # said once
    for sent_table in by_name.values():
        if sent_table.name not in standard.tables:
            failures.append(
                failure(
                    standard,
                    "return.table.known",
                    found=sent_table.source,
                    table=sent_table.name,
                )
            )
            continue
        failures += _unknown_columns(standard, sent_table)
    return failures


def _no_header(table: Table, sent: SentTable) -> str:
    """A sentence for a table whose first row is hardly a header (a title above it, say), or ``."""
    known = {field.name for field in table.fields}
    if sum(column in known for column, _ in sent.columns) > 1:
        return ""
    headings = [heading for _, heading in sent.columns if heading]
    place = sent.header_place[:1].upper() + sent.header_place[1:]
    if any(_looks_like_data(heading) for heading in headings):
        return (
            f" {place} was read as the header, because it is the first row that is not blank, and "
            "it looks like a row of data. Put the names of the columns above it."
        )
    shown = [heading if len(heading) <= 40 else heading[:40] + "..." for heading in headings[:5]]
    held = ", ".join(f'"{heading}"' for heading in shown)
    if len(headings) > len(shown):
        held += f" and {len(headings) - len(shown)} more"
    return (
        f" {place} was read as the header, because it is the first row that is not blank, and it "
        f"holds {held}. Put the names of the columns there, and nothing above them."
    )


def _looks_like_data(heading: str) -> bool:
    """Whether a cell holds digits and no letters, as a date or a number does."""
    return any(map(str.isdecimal, heading)) and not any(map(str.isalpha, heading))


def _unknown_columns(standard: Standard, sent: SentTable) -> list[Failure]:
    known = {field.name for field in standard.tables[sent.name].fields}
    failures, seen = [], set()
    for column, heading in sent.columns:
        if column not in known or column in seen:
            failures.append(
                failure(
                    standard,
                    "return.column.known",
                    found=heading or "without a name",
                    table=sent.name,
                    field=heading or None,
                )
            )
        seen.add(column)
    return failures


def manifest_failures(standard: Standard, rows: int, excluded: int) -> list[Failure]:
    """Whether the manifest holds exactly one row, and that one without an error."""
    if rows == 1 and not excluded:
        return []
    found = f"found {rows} rows" if rows != 1 else "the row found has errors"
    return [failure(standard, "return.manifest.single", found=found, table=MANIFEST)]


def provider_of(registry: Registry, code: str | None) -> Provider | None:
    """The registered provider of that code, compared without regard to case."""
    if code is None:
        return None
    by_lower = {known.lower(): provider for known, provider in registry.providers.items()}
    return by_lower.get(code.lower())


def identity_failures(
    standard: Standard, registry: Registry, manifest: Manifest, inbox: str | None, as_at: date
) -> list[Failure]:
    """Whether the provider, the month and the version of a usable manifest are right. Which inbox
    it was put in is not judged where that is None."""
    failures = []
    provider = provider_of(registry, manifest.provider_code)
    period = manifest.period
    if manifest.provider_code is not None:
        if provider is None or (period is not None and not _was_active(provider, period)):
            failures.append(_about(standard, "provider_code.known", manifest.provider_code))
        if inbox is not None and manifest.provider_code.lower() != inbox.lower():
            failures.append(_about(standard, "provider_code.inbox", manifest.provider_code, inbox))
    if period is not None and (
        not has_ended(period, as_at) or (provider is not None and period < provider.active_from)
    ):
        failures.append(_about(standard, "period.open", month_name(period)))
    versions = [code.code for code in standard.codes["standard_version"]]
    version = manifest.standard_version
    if version is not None and not _reads_as_one_of(version, versions):
        failures.append(
            _about(standard, "standard_version.supported", version, ", ".join(versions))
        )
    return failures


def _about(standard: Standard, rule: str, found: str, expected: str = "") -> Failure:
    field = {"period.open": "period"}.get(rule, rule.split(".", maxsplit=1)[0])
    return failure(
        standard, f"return.{rule}", found=found, expected=expected, table=MANIFEST, field=field
    )


def _was_active(provider: Provider, month: date) -> bool:
    return provider.active_from <= month and (
        provider.active_to is None or month <= provider.active_to
    )


def _reads_as_one_of(version: str, versions: Iterable[str]) -> bool:
    """Spreadsheets write version 1.0 as 1; the two are one version."""
    return bool({version, f"{version}.0"} & set(versions))


def month_name(month: date) -> str:
    """A month as the standard writes it, YYYY-MM, in any century."""
    return month.isoformat()[:7]


def month_end(month: date) -> date:
    """The last day of the month that begins on `month`."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def has_ended(month: date, as_at: date) -> bool:
    """A month has ended by a day when its last day lies before that day."""
    return month_end(month) < as_at


def share_failures(standard: Standard, rows: Mapping[str, tuple[int, int]]) -> list[Failure]:
    """Whether too many rows of a table are excluded; `rows` gives (received, excluded) by table."""
    limits = standard.limits
    failures = []
    for table in SHARE_TABLES:
        received, excluded = rows.get(table, (0, 0))
        if (
            received >= limits.excluded_share_least_rows
            and excluded * 100 > received * limits.excluded_share_per_cent
        ):
            failures.append(
                failure(
                    standard,
                    "return.rows.excluded_share",
                    found=f"{100 * excluded / received:.1f}",
                    expected=str(limits.excluded_share_per_cent),
                    table=table,
                )
            )
    return failures


@dataclass(frozen=True)
class Submission:
    """What tells a readable submission from another: `content` is a digest of what was received."""

    return_id: str
    provider_code: str
    period: date
    submission_no: int
    content: str
    received_at: datetime
    source_name: str


def repeated_submissions(submissions: Iterable[Submission]) -> set[str]:
    """The return_id of each submission whose number an earlier one, of other content, has taken.

    The first received stands: by the time of the file, then by its name.
    """
    taken: dict[tuple[str, date, int], str] = {}
    repeated = set()
    for submission in sorted(submissions, key=lambda s: (s.received_at, s.source_name)):
        key = (submission.provider_code, submission.period, submission.submission_no)
        if taken.setdefault(key, submission.content) != submission.content:
            repeated.add(submission.return_id)
    return repeated
