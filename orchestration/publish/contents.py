"""What a site consists of: domains, indicators, areas and pages, read from the published tables.

The facts here are what pages may name in placeholders. Numbers are not among them: those come from
a page's own queries, where a reader of the page's source can see how they were asked for.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from orchestration import facts
from orchestration.publish import verdicts, words
from orchestration.publish.calls import COLUMN_TAKES, Takes
from orchestration.publish.components import COMPONENTS
from orchestration.publish.errors import PublishError
from orchestration.publish.feed import ReleaseNote
from orchestration.publish.queries import Published

DEMONSTRATION = "(demonstration)"
KIB = 1024
NARRATIVES_ON_A_PAGE = 6
OLDER_NARRATIVES = 25  # how many stand together behind one heading of the page of all words
MOST_ROWS = 200  # of a table that can be as long as all the figures of the system
RECENT = 12  # months of returns that are shown one by one


@dataclass(frozen=True)
class ReleaseFacts:
    """What the site says of the release it shows; `published_at` is printed as it stands.

    `history` are the releases that the feed tells of, this one among them; none, no feed.
    `last_release` is the one that was up before, where there was one.
    """

    release_id: str
    as_at: date
    published_at: str
    history: tuple[ReleaseNote, ...] = ()
    last_release: str = ""


@dataclass(frozen=True)
class Indicator:
    """An indicator as the published catalogue describes it."""

    indicator_id: str
    domain: str
    domain_label: str
    name: str
    statistic: str
    unit: str
    better: str
    outcomes_table_entry: str
    definition: str
    why_it_matters: str
    numerator_words: str
    denominator_words: str
    caveats: str
    sources: tuple[str, ...]
    owner: str
    next_review: str
    multiplier: str

    @property
    def entry(self) -> words.Entry:
        return words.Entry(
            self.statistic, self.unit, self.better, self.numerator_words, self.denominator_words
        )

    @property
    def fmt(self) -> str:
        """The name of the format in which its values are printed."""
        return self.entry.format

    @property
    def unit_after(self) -> str:
        """The words after a printed value, such as `of people on the caseload`."""
        return words.unit_after(self.statistic, self.unit)

    @property
    def page(self) -> str:
        return f"indicators/{self.indicator_id}.md"

    @property
    def breakdowns(self) -> dict[str, str]:
        """The ways its cells are divided, apart from not at all, with their labels."""
        catalogue = facts.catalogue()
        known = catalogue.indicators.get(self.indicator_id)
        codes = catalogue.breakdowns_of(known) if known else tuple(catalogue.breakdowns)
        return {code: catalogue.breakdowns[code] for code in codes if code != "all"}

    @property
    def next_review_words(self) -> str:
        """The month of the next review in words; what stands there, if it is not a month."""
        try:
            return words.FORMATS["month"](self.next_review)
        except ValueError:
            return self.next_review

    @property
    def better_words(self) -> str:
        return words.BETTER[self.better]


@dataclass(frozen=True)
class Domain:
    """A domain of the outcomes table with its indicators in the catalogue's order."""

    code: str
    label: str
    indicators: tuple[Indicator, ...]

    @property
    def page(self) -> str:
        return f"domains/{self.code}.md"


@dataclass(frozen=True)
class Area:
    """A local authority, a place or an organisation, as a page is made of each; `parent` is the
    code of the area that it is part of, empty for an organisation."""

    area_type: str
    code: str
    name: str
    parent: str

    @property
    def page(self) -> str:
        return words.area_page(self.area_type, self.code)


@dataclass(frozen=True)
class Group:
    """An inclusion health group, as the standard names it."""

    code: str
    label: str

    @property
    def page(self) -> str:
        return words.group_page(words.INCLUSION_GROUP, self.code)


@dataclass(frozen=True)
class Lead:
    """The period type that leads an indicator's page, and the period that its headline is of;
    `status` is that period's, and `later` periods are over for which nobody has sent anything."""

    period_type: str
    period_start: date
    later: int
    status: str

    @property
    def label(self) -> str:
        return words.period_label(self.period_type, self.period_start)

    @property
    def type_label(self) -> str:
        return words.period_type_label(self.period_type).lower()

    @property
    def step(self) -> str:
        """The SQL interval from one such period to the next."""
        return {"month": "1 month", "quarter": "3 months", "financial_year": "1 year"}[
            self.period_type
        ]


@dataclass(frozen=True)
class DownloadColumn:
    """A column of a published file, as the data package describes it."""

    name: str
    description: str


@dataclass(frozen=True)
class Download:
    """A published file, as the data package describes it, with its size as a reader meets it."""

    path: str
    title: str
    description: str
    size: str
    columns: tuple[DownloadColumn, ...]


@dataclass(frozen=True)
class Status:
    """A status as pages explain it; `code` is how the downloads say it."""

    code: str
    sign: str
    label: str
    meaning: str


@dataclass(frozen=True)
class Month:
    """A month of returns: `2026-03`, and as a narrow column's heading."""

    code: str

    @property
    def short(self) -> str:
        year, month = (int(part) for part in self.code.split("-"))
        return words.period_short("month", date(year, month, 1))


@dataclass(frozen=True)
class Contents:
    """Everything that pages may name, apart from what their queries give."""

    release: ReleaseFacts
    domains: tuple[Domain, ...]
    areas: dict[str, str]
    system_code: str
    system_name: str
    local_authorities: tuple[Area, ...]
    places: tuple[Area, ...]
    organisations: tuple[Area, ...]
    groups: tuple[Group, ...]
    demonstration: bool
    downloads: tuple[Download, ...]
    licence: str
    months: tuple[Month, ...]
    narrative_counts: dict[str, int]
    target_counts: dict[str, int]

    @property
    def indicators(self) -> dict[str, Indicator]:
        return {i.indicator_id: i for domain in self.domains for i in domain.indicators}


@dataclass(frozen=True)
class Page:
    """A page to be made: the file it comes from, what its placeholders stand for, and its place."""

    source: Path
    src_uri: str
    values: dict[str, Any]
    title: str | None = None
    description: str | None = None
    domain: Domain | None = None
    indicator: Indicator | None = None
    # What lies between home and the page: words, and the page that they lead to.
    crumbs: tuple[tuple[str, str], ...] = ()


def file_size(size: int) -> str:
    """A file's size for a reader: `12 KB`, `1.4 MB`."""
    if size < KIB * KIB:
        return f"{words.number(max(size / KIB, 1), 0)} KB"
    return f"{words.number(size / KIB / KIB, 1)} MB"


def _downloads(data: Path) -> tuple[tuple[Download, ...], str]:
    """The files of `data`, those of the data package first, and the name of its licence."""
    path = data / "datapackage.json"
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
        described = {resource["path"]: resource for resource in package["resources"]}
        files = sorted(path for path in data.iterdir() if path.is_file())
        names = [*described, *(p.name for p in files if p.name not in described)]
        downloads = tuple(
            Download(
                path=name,
                title=described.get(name, {}).get("title", ""),
                description=described.get(name, {}).get("description", ""),
                size=file_size((data / name).stat().st_size),
                columns=tuple(
                    DownloadColumn(column["name"], column.get("description", ""))
                    for column in described.get(name, {}).get("schema", {}).get("fields", [])
                ),
            )
            for name in names
        )
        licences = [one.get("title", one.get("name", "")) for one in package.get("licenses", [])]
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise PublishError(f"cannot be read as a data package: {error}", page=str(path)) from error
    return downloads, ", ".join(licences)


def read_contents(published: Published, data: Path, release: ReleaseFacts) -> Contents:
    """What the published tables of the folder `data` hold; PublishError where they contradict."""
    labels = facts.catalogue().domains
    by_domain: dict[str, list[Indicator]] = {code: [] for code in labels}
    in_order = "select * from catalogue order by indicator_order(indicator_id), indicator_id"
    for row in published.rows(in_order).records():
        if row["domain"] not in by_domain:
            raise PublishError(f"there is no domain {row['domain']!r}", page="catalogue.csv")
        by_domain[row["domain"]].append(
            Indicator(
                domain_label=labels[row["domain"]],
                sources=tuple(part.strip() for part in (row["sources"] or "").split(";")),
                **{
                    name: row[name] or ""
                    for name in Indicator.__dataclass_fields__
                    if name not in ("domain_label", "sources")
                },
            )
        )
    systems = published.rows(
        "select area_code, area_name from areas where area_type = 'system'"
    ).rows
    if len(systems) != 1:
        raise PublishError(f"expected one system, found {len(systems)}", page="areas.csv")
    areas = published.rows("select area_code, area_name from areas").rows
    own = _areas_with_pages(published)
    made_up = published.rows(
        f"select 1 from returns where contains(provider_name, '{DEMONSTRATION}') "
        f"union all select 1 from areas where contains(area_name, '{DEMONSTRATION}')"
    )
    months = published.rows("select distinct period from returns order by period")
    narratives = published.rows("select domain, count(*) from narratives group by domain")
    targets = published.rows(
        "select indicator_id, count(*) from targets where judgement <> 'refused' group by all"
    )
    downloads, licence = _downloads(data)
    return Contents(
        release=release,
        domains=tuple(
            Domain(code, label, tuple(by_domain[code])) for code, label in labels.items()
        ),
        areas=dict(areas),
        system_code=systems[0][0],
        system_name=systems[0][1],
        local_authorities=own["local_authority"],
        places=own["place"],
        organisations=own["provider"],
        groups=tuple(
            Group(code, label) for code, label in words.group_labels(words.INCLUSION_GROUP).items()
        ),
        demonstration=bool(made_up.rows),
        downloads=downloads,
        licence=licence,
        months=tuple(Month(row[0]) for row in months.rows),
        narrative_counts=dict(narratives.rows),
        target_counts=dict(targets.rows),
    )


@dataclass(frozen=True)
class TakenAttribute:
    """An attribute of a component, for the page that explains them: `words` say what it may be."""

    name: str
    required: bool
    words: str


def _taken(takes: dict[str, Takes]) -> list[TakenAttribute]:
    return [TakenAttribute(name, one.required, one.words) for name, one in takes.items()]


def _areas_with_pages(published: Published) -> dict[str, tuple[Area, ...]]:
    """The areas that have a page of their own, by their kind and in the order of their names.

    Raises PublishError where two would have the same address, or one an address that no file has.
    """
    found: dict[str, list[Area]] = {kind: [] for kind in words.AREA_FOLDERS}
    addresses: set[str] = set()
    for kind, code, name, parent in published.rows(
        "select area_type, area_code, area_name, parent_code from areas "
        "where area_type <> 'system' order by area_name, area_code"
    ).rows:
        area = Area(kind, code, name, parent or "")
        if not re.fullmatch(r"[A-Za-z0-9_-]+", code):
            raise PublishError(
                f"area_code {code!r} may hold letters, digits, - and _ only", page="areas.csv"
            )
        # Not every file system tells small letters from capitals.
        if area.page.lower() in addresses:
            raise PublishError(f"two areas have the address of {area.page}", page="areas.csv")
        addresses.add(area.page.lower())
        found[kind].append(area)
    return {kind: tuple(areas) for kind, areas in found.items()}


def common_values(contents: Contents) -> dict[str, Any]:
    """The placeholders that every page has."""
    catalogue = facts.catalogue()
    return {
        "release": contents.release,
        "as_at": words.long_date(contents.release.as_at),
        "domains": contents.domains,
        "system_name": contents.system_name,
        "system_code": contents.system_code,
        "local_authorities": contents.local_authorities,
        "places": contents.places,
        "organisations": contents.organisations,
        "groups": contents.groups,
        "last_release": contents.release.last_release,
        "downloads": contents.downloads,
        "licence": contents.licence,
        "policy": facts.load_disclosure_policy(),
        "change": facts.load_change_policy(),
        "statuses": [
            Status(code, words.SIGNS[code], label, words.status_meaning(code))
            for code, label in catalogue.statuses.items()
            if code != words.SHOWN
        ],
        "status_labels": {
            code: label for code, label in catalogue.statuses.items() if code != words.SHOWN
        },
        "narrative_counts": contents.narrative_counts,
        "target_counts": contents.target_counts,
        "verdict_words": {kind: list(verdicts.words_of(kind).values()) for kind in verdicts.SIGNS},
        "narratives_on_a_page": NARRATIVES_ON_A_PAGE,
        "older_narratives": OLDER_NARRATIVES,
        "most_rows": MOST_ROWS,
        "recent_months": contents.months[-RECENT:],
        "indicator_count": len(contents.indicators),
        "provisional": Status(
            "is_provisional", words.PROVISIONAL_SIGN, "Provisional", words.PROVISIONAL_MEANING
        ),
        "breakdowns": {
            code: label for code, label in catalogue.breakdowns.items() if code != "all"
        },
        "period_types": catalogue.period_types,
        "area_types": catalogue.area_types,
        "components": {name: _taken(component.takes) for name, component in COMPONENTS.items()}
        | {"Column": _taken(COLUMN_TAKES)},
        "formats": list(words.FORMATS),
    }


def plan_pages(contents: Contents, leads: dict[str, Lead], source: Path) -> list[Page]:
    """Every page of the site: those that lie in `pages/`, and those made from the templates."""
    common = common_values(contents)
    folder = source / "pages"
    pages = [
        Page(path, path.relative_to(folder).as_posix(), common)
        for path in sorted(folder.rglob("*.md"))
    ]
    for domain in contents.domains:
        pages.append(
            Page(
                source / "templates" / "domain.md",
                domain.page,
                {**common, "domain": domain},
                domain.label,
                f"How {contents.system_name} stands on {domain.label.lower()}.",
                domain,
            )
        )
        pages += [
            Page(
                source / "templates" / "indicator.md",
                indicator.page,
                {
                    **common,
                    "domain": domain,
                    "indicator": indicator,
                    "lead": leads.get(indicator.indicator_id),
                },
                indicator.name,
                indicator.definition,
                domain,
                indicator,
            )
            for indicator in domain.indicators
        ]
    return pages + _area_pages(contents, common, source) + _group_pages(contents, common, source)


def _area_pages(contents: Contents, common: dict[str, Any], source: Path) -> list[Page]:
    """A page for each local authority, place and organisation."""
    authorities = {area.code: area for area in contents.local_authorities}
    pages = []
    for area in (*contents.local_authorities, *contents.places, *contents.organisations):
        is_organisation = area.area_type == "provider"
        crumbs = [("Organisations", "organisations/index.md")]
        if not is_organisation:
            crumbs = [("Areas", "areas/index.md")]
        parent = authorities.get(area.parent)
        if parent is not None:
            crumbs.append((parent.name, parent.page))
        pages.append(
            Page(
                source / "templates" / ("provider.md" if is_organisation else "place.md"),
                area.page,
                {
                    **common,
                    "area": area,
                    "parent": parent,
                    "parts": [place for place in contents.places if place.parent == area.code],
                },
                area.name,
                f"How {area.name} stands on each indicator.",
                crumbs=tuple(crumbs),
            )
        )
    return pages


def _group_pages(contents: Contents, common: dict[str, Any], source: Path) -> list[Page]:
    """A page for each inclusion health group."""
    return [
        Page(
            source / "templates" / "group.md",
            group.page,
            {**common, "group": group},
            group.label,
            f"How services are doing for one group: {group.label}.",
            crumbs=(("Inclusion health groups", "groups/index.md"),),
        )
        for group in contents.groups
    ]
