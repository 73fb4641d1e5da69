"""The pages of a report, from `site/provider_report`: every value is text, whatever is in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from expectations.rules.return_rules import SHARE_TABLES
from expectations.standard import Standard
from orchestration.facts import Catalogue, Indicator
from orchestration.publish.words import long_date, number
from orchestration.reports.failing import (
    Failing,
    Shifts,
    Since,
    ranked,
    since,
    submission_before,
)
from orchestration.reports.headline import Headline, headline, joined, of_provider, rows
from orchestration.reports.months import (
    STATES,
    last_months,
    local,
    month_label,
    months,
    worst_share,
)
from orchestration.reports.own_numbers import own_numbers
from orchestration.reports.records import Cell, Change, FailureGroup, ProviderRecord, Submission
from orchestration.reports.severities import DOES, SEVERITY
from orchestration.settings import PROJECT

TEMPLATES = PROJECT / "site" / "provider_report"
STYLE = "report.css"
# The site's own look, then what a report adds to it, in one file beside the pages.
THEME = PROJECT / "site" / "theme"
STYLES = (THEME / "nhsuk.css", THEME / "site.css", TEMPLATES / STYLE)
LICENCE = THEME / "nhsuk.LICENCE.txt"
SHOWN_CHARACTERS, LONGEST_MESSAGE = 200, 1500
# More kinds of failure than this are listed without their rows: the first are mended first.
KINDS_IN_FULL = 30
# So many have their rows in sight; those of the others are unfolded.
SHOWN_OPEN = 4
# Control characters, which HTML cannot hold, and those that turn the direction of writing.
BACKTICKS = re.compile("`([^`]{1,64})`")
NOT_SHOWN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]"
)


@dataclass(frozen=True)
class FileBack:
    """The provider's own file with the failing cells marked. href: from the submission's page."""

    name: str
    href: str


@dataclass(frozen=True)
class About:
    """All that a page says of one submission."""

    sent: Submission
    failing: tuple[Failing, ...]
    words: Headline
    since: Since | None
    file_back: FileBack | None


def about(
    sent: Submission,
    record: ProviderRecord,
    groups: dict[str, tuple[FailureGroup, ...]],
    changes: Sequence[Change],
    file_back: FileBack | None,
    standard: Standard,
    shifts: Shifts,
) -> About:
    """What is to be said of a submission. `groups` holds its failures and those of the one before
    it, by judgement_id; `changes`, what changed between the two."""
    failing = ranked(groups[sent.judgement_id], sent, standard, shifts)
    before = submission_before(sent, record.submissions)
    changed = None
    if before is not None:
        both = (*groups[sent.judgement_id], *groups[before.judgement_id])
        changed = since(sent, before, changes, {group.rule for group in both})
    words = headline(sent, failing, record, standard)
    return About(sent, tuple(failing), words, changed, file_back)


class Pages:
    """Makes the pages of reports; compiled once for all providers."""

    def __init__(self, standard: Standard, catalogue: Catalogue, as_at: date) -> None:
        self.standard, self.catalogue, self.as_at = standard, catalogue, as_at
        self.jinja = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.jinja.filters |= {
            "shown": shown,
            "prose": prose,
            "n": lambda value: number(value, 0),
            "rows": rows,
            "per_cent": per_cent,
            "day": _day,
            "moment": _moment,
            "month": month_label,
            "indicators": self._indicators,
        }
        self.jinja.globals |= {
            "severities": [(SEVERITY[s], DOES[s]) for s in SEVERITY],
            "limits": standard.limits,
            "share_tables": joined(SHARE_TABLES),
            "kinds_in_full": KINDS_IN_FULL,
            "shown_open": SHOWN_OPEN,
            "states": STATES,
            "bar": bar,
            "breakdowns": catalogue.breakdowns,
            "indicators_in_all": len(catalogue.indicators),
            "until": month_label(last_months(as_at)[0]),
        }

    def _indicators(self, shifted: Sequence[Indicator]) -> str:
        """Which indicators, in the fewest words."""
        every = self.catalogue.indicators
        if len(shifted) == len(every):
            return f"all {len(every)} indicators"
        names = [indicator.name for indicator in shifted]
        if len(names) > len(every) * 2 // 3:
            but = [i.name for i in every.values() if i not in shifted]
            return f"{len(names)} of {len(every)} indicators: all but {joined(but)}"
        return f"{len(names)} of {len(every)} indicators: {joined(names)}"

    def submission(self, record: ProviderRecord, told: About) -> str:
        """The page of one submission."""
        return self.jinja.get_template("submission.html").render(
            record=record, about=told, home="../../", here=""
        )

    def submissions(self, record: ProviderRecord) -> str:
        """The page that lists every submission."""
        return self.jinja.get_template("submissions.html").render(
            record=record, sent=record.submissions[::-1], home="../"
        )

    def index(self, record: ProviderRecord, told: About | None, cells: Sequence[Cell]) -> str:
        """The report's first page, about the submission that was received last."""
        twelve = months(record, self.as_at)
        counting = [one.month for one in record.submissions if one.state == "in_effect"]
        latest = max((month for month in counting if month is not None), default=None)
        needs_mending = told is not None and any(
            one.group.severity in ("reject", "error") for one in told.failing
        )
        longest = max((month.days or 0 for month in twelve), default=0)
        most = max((month.left_out or 0 for month in twelve), default=0)
        limit = self.standard.limits.excluded_share_per_cent / 100
        return self.jinja.get_template("index.html").render(
            record=record,
            about=told,
            words=of_provider(
                record, told.words if told else None, needs_mending, twelve, self.as_at
            ),
            twelve=[month for month in twelve if month.state != "none"],
            worst={
                month.start: worst_share(month.sent, SHARE_TABLES) for month in twelve if month.sent
            },
            limit=limit,
            most_left_out=max(most, limit * 1.5),
            most_days=max(longest, 31),
            own=own_numbers(latest, cells, self.catalogue),
            home="",
            here=f"submissions/{told.sent.folder}/" if told else "",
        )

    def write_style(self, folder: Path) -> None:
        """Puts the style beside the pages, with the licence of the part that is not ours."""
        licence, *styles = (path.read_text(encoding="utf-8") for path in (LICENCE, *STYLES))
        (folder / STYLE).write_text("\n".join([f"/*!\n{licence}*/", *styles]), encoding="utf-8")


def shown(value: object, longest: int = SHOWN_CHARACTERS) -> str:
    """A value as it can be shown: no control characters, and no longer than a reader reads."""
    text = NOT_SHOWN.sub("\ufffd", str(value))
    return text if len(text) <= longest else text[:longest] + "…"


def prose(text: str) -> Markup:
    """A sentence; what stands between backticks in it is a name of the standard."""
    return Markup(BACKTICKS.sub(r"<code>\1</code>", str(escape(shown(text, LONGEST_MESSAGE)))))


def bar(value: float, most: float, limit: float | None) -> Markup:
    """A lying bar as SVG, of which `most` is the full width, with a dashed line at `limit`. The
    number stands beside it, so that nothing is lost where it is not seen."""
    width = round(100 * min(value / most, 1), 1) if most else 0
    line = ""
    if limit is not None:
        at = round(100 * limit / most, 1)
        line = (
            f'<path d="M{at} 0V14" stroke="#942514" stroke-width="2" stroke-dasharray="4 2" '
            'vector-effect="non-scaling-stroke"/>'
        )
    return Markup(
        '<svg class="bar" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true">'
        '<path d="M0 13.5H100" stroke="#aeb7bd" vector-effect="non-scaling-stroke"/>'
        f'<rect width="{width:g}" height="11" y="2" fill="#005eb8"/>{line}</svg>'
    )


def per_cent(share: float) -> str:
    """`4.2%`; a share that is not nothing is not shown as nothing."""
    return "under 0.1%" if 0 < share < 0.0005 else number(share * 100, 1) + "%"


def _day(moment: datetime) -> str:
    return long_date(local(moment).date())


def _moment(moment: datetime) -> str:
    return f"{_day(moment)} at {local(moment):%H:%M}"
