"""Every check of an installation, and what they find in words."""

from __future__ import annotations

import json
from dataclasses import asdict

from orchestration.doctor.findings import Check, Finding
from orchestration.doctor.installation import (
    dagster_home_can_be_used,
    packages_match_lock,
    settings_can_be_used,
    time_zones_are_there,
)
from orchestration.doctor.places import (
    disk_is_large_enough,
    file_system_can_do_it,
    folders_can_be_used,
    inboxes_are_readable_and_private,
    lock_is_free,
    private_places_are_private,
    registry_can_be_used,
)
from orchestration.doctor.releases import (
    clock_is_right,
    lake_is_undamaged,
    last_refresh_was_lately,
    release_is_whole,
    warehouse_is_of_the_release,
)
from orchestration.settings import Settings

# In the order in which one would mend what they find.
CHECKS: tuple[Check, ...] = (
    settings_can_be_used,
    packages_match_lock,
    time_zones_are_there,
    folders_can_be_used,
    registry_can_be_used,
    inboxes_are_readable_and_private,
    private_places_are_private,
    disk_is_large_enough,
    file_system_can_do_it,
    lock_is_free,
    dagster_home_can_be_used,
    lake_is_undamaged,
    release_is_whole,
    warehouse_is_of_the_release,
    last_refresh_was_lately,
    clock_is_right,
)


def examine(settings: Settings, checks: tuple[Check, ...] = CHECKS) -> list[Finding]:
    """What the checks find, in their order. One that cannot look says so, and the others go on."""
    found: list[Finding] = []
    for check in checks:
        try:
            found += check(settings)
        except OSError as error:
            subject = str(error.filename or check.__name__)
            reason = error.strerror or str(error)
            found.append(
                Finding(subject, f"could not be looked at: {reason}", "let this user read it")
            )
    return found


def as_text(findings: list[Finding]) -> str:
    """One line for each finding, what is wrong first, then how many things are wrong."""
    lines = [
        f"{'Wrong' if one.is_wrong else 'Note'}: {one.subject}: {one.found}. To do: {one.to_do}."
        for one in sorted(findings, key=lambda one: not one.is_wrong)
    ]
    wrong = sum(one.is_wrong for one in findings)
    last = f"{wrong} wrong, by {len(CHECKS)} checks." if wrong else "Nothing is wrong."
    return "\n".join([*lines, last, ""])


def as_json(findings: list[Finding]) -> str:
    """The findings as JSON, for a monitoring program."""
    wrong = sum(one.is_wrong for one in findings)
    told = {"wrong": wrong, "findings": [asdict(one) for one in findings]}
    return json.dumps(told, indent=1) + "\n"


FORMATS = {"text": as_text, "json": as_json}
