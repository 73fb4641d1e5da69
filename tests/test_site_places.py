"""The pages of areas, organisations and groups, of words, of what changed: there for each, and true
to the published files."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest

from orchestration.publish import words
from orchestration.publish.site import PublishError, ReleaseFacts, build_site
from tests.published_sample import (
    AS_AT,
    LAST_RELEASE_ID,
    PUBLISHED_AT,
    RELEASE_ID,
    sample_data,
    sample_site,
    write_published,
)

RELEASE = ReleaseFacts(RELEASE_ID, AS_AT, PUBLISHED_AT)
SECOND = ReleaseFacts(RELEASE_ID, AS_AT, PUBLISHED_AT, last_release=LAST_RELEASE_ID)
Row = dict[str, str]
Cell = tuple[str, str, str]
SIGN_OF = {sign: status for status, sign in words.SIGNS.items()}


@cache
def published(file: str) -> tuple[Row, ...]:
    with (sample_data() / f"{file}.csv").open(encoding="utf-8", newline="") as opened:
        return tuple(csv.DictReader(opened))


@cache
def catalogue() -> dict[str, Row]:
    """The catalogue by the indicators' names."""
    return {row["name"]: row for row in published("catalogue")}


@cache
def figures(area_code: str, breakdown_type: str, breakdown_value: str) -> dict[Cell, Row]:
    """Published figures by indicator, kind of period and the period as it is printed in short."""
    return {
        (
            row["indicator_id"],
            row["period_type"],
            words.period_short(row["period_type"], date.fromisoformat(row["period_start"])),
        ): row
        for row in published("indicators")
        if (row["area_code"], row["breakdown_type"], row["breakdown_value"])
        == (area_code, breakdown_type, breakdown_value)
    }


@cache
def page(address: str) -> Element:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    path = sample_site() / address / "index.html"
    return parser.parse(path.read_text(encoding="utf-8"))


def text_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def main_text(address: str) -> str:
    return text_of(next(page(address).iter("main")))


def tables(tree: Element) -> Iterator[list[Row]]:
    """The rows of each table of a page, by the words of its headings."""
    for table in tree.iter("table"):
        head, *rows = [[text_of(cell) for cell in row] for row in table.iter("tr")]
        yield [dict(zip(head, row, strict=True)) for row in rows]


def standing(address: str) -> list[Row]:
    """The rows of a page's tables of indicators and their figures."""
    found = [row for table in tables(page(address)) for row in table if "95% interval" in row]
    assert found, address
    return found


def period_type_of(label: str) -> str:
    if "/" in label:
        return "financial_year"
    return "quarter" if "–" in label else "month"


def printed(indicator: Row, value: str) -> str:
    """A value as a page prints it, by the rules of the catalogue's entry and not by the site's."""
    pattern, places = {
        "count": ("{:,}", "1"),
        "proportion": ("{}%", "0.1"),
        "rate": ("{}", "0.1"),
        "ratio": ("£{:,}", "0.01"),
    }[indicator["statistic"]]
    return pattern.format(Decimal(value).quantize(Decimal(places), ROUND_HALF_UP))


def assert_same(shown: str, figure: Row, indicator: Row, where: str) -> None:
    """What is printed is the published value, or the sign of the reason why there is none."""
    shown = shown.removesuffix(" [p] provisional")
    if figure["status"] == "shown":
        assert shown == printed(indicator, figure["value"]), where
    else:
        assert SIGN_OF[shown.split()[0]] == figure["status"], where


AREAS = [row for row in published("areas") if row["area_type"] != "system"]
GROUPS = list(words.group_labels("inclusion_group"))


def address_of(area: Row) -> str:
    folder = "organisations" if area["area_type"] == "provider" else "areas"
    return f"{folder}/{area['area_code']}"


def test_each_area_organisation_and_group_has_its_page_and_no_other() -> None:
    assert len(AREAS) == 18
    for folder, kinds in (
        ("areas", ("local_authority", "place")),
        ("organisations", ("provider",)),
    ):
        there = {path.parent.name for path in (sample_site() / folder).glob("*/index.html")}
        assert there == {row["area_code"] for row in AREAS if row["area_type"] in kinds}
    there = {path.parent.name for path in (sample_site() / "groups").glob("*/index.html")}
    assert there == set(GROUPS)
    assert not (sample_site() / "providers").exists(), "private reports have that name"


@pytest.mark.parametrize("area", AREAS, ids=lambda area: str(area["area_code"]))
def test_the_figures_of_an_area_are_the_published_ones_and_hidden_ones_stay_hidden(
    area: Row,
) -> None:
    own = figures(area["area_code"], "all", "all")
    whole = figures("QPM", "all", "all")
    rows = standing(address_of(area))
    assert {row["Indicator"] for row in rows} == set(catalogue())
    for row in rows:
        indicator = catalogue()[row["Indicator"]]
        cell = (indicator["indicator_id"], period_type_of(row["Period"]), row["Period"])
        assert_same(row["Figure"], own[cell], indicator, f"{area['area_code']} {cell}")
        assert_same(row["Northamptonshire"], whole[cell], indicator, f"system {cell}")
        if own[cell]["status"] != "shown":
            assert row["95% interval"].startswith("[")
            assert row["Compared"] == "Not compared"


@pytest.mark.parametrize("group", GROUPS)
def test_the_figures_of_a_group_are_the_published_ones_and_hidden_ones_stay_hidden(
    group: str,
) -> None:
    own, whole = figures("QPM", "inclusion_group", group), figures("QPM", "all", "all")
    for row in standing(f"groups/{group}"):
        indicator = catalogue()[row["Indicator"]]
        cell = (indicator["indicator_id"], period_type_of(row["Period"]), row["Period"])
        # A group without a row has nobody.
        nobody = (
            {"status": "shown", "value": "0"}
            if indicator["statistic"] == "count"
            else {"status": "no_cases"}
        )
        assert_same(row["Figure"], own.get(cell, nobody), indicator, f"{group} {cell}")
        assert_same(row["Everyone"], whole[cell], indicator, f"everyone {cell}")


def test_an_area_leads_with_the_finest_period_of_which_most_of_its_own_figures_are_shown() -> None:
    kinds = {row["Indicator"]: period_type_of(row["Period"]) for row in standing("areas/KEC")}
    for name, kind in kinds.items():
        own = figures("KEC", "all", "all")
        months = sorted(
            (row["period_start"], row["status"])
            for (indicator, period_type, _), row in own.items()
            if indicator == catalogue()[name]["indicator_id"] and period_type == "month"
        )
        sent = [status for _, status in months if status != "not_submitted"][-12:]
        shown = sum(status == "shown" for status in sent)
        assert (kind == "month") == (shown > len(sent) / 2), name


def test_an_organisations_page_says_which_of_its_returns_count() -> None:
    returns = [row for row in published("returns") if row["provider_code"] == "DE04"]
    counting = sum(min(int(row["in_effect"]), int(row["expected"])) for row in returns)
    said = main_text("organisations/DE04")
    assert f"Of {len(returns)} returns that have been expected of it so far, {counting}" in said
    (months,) = [table for table in tables(page("organisations/DE04")) if "Its return" in table[0]]
    assert len(months) == 12
    for row, sent in zip(
        months, sorted(returns, key=lambda one: one["period"])[::-1], strict=False
    ):
        assert (row["Its return"] == "counts") == (sent["in_effect"] == "1")
        assert row["Times sent"] == sent["received"]


def test_an_areas_page_says_which_returns_count_and_whose_are_missing() -> None:
    own = figures("E06000062", "all", "all")
    (months,) = [table for table in tables(page("areas/E06000062")) if "Missing" in table[0]]
    assert len(months) == 12
    for row in months:
        figure = own["contacts_attended", "month", row["Month"]]
        expected, counting = figure["returns_expected"], figure["returns_in_effect"]
        assert row["Returns that count"] == f"{counting} of {expected}"
        assert row["Missing"].startswith("–") == (counting == expected)


def test_pages_that_name_an_area_organisation_or_group_lead_to_its_page() -> None:
    def leads(address: str) -> set[str]:
        return {str(link.get("href")) for link in next(page(address).iter("main")).iter("a")}

    indicator = leads("indicators/mdt_coverage")
    for area in AREAS:
        assert f"../../{address_of(area)}/" in indicator
        assert f"{area['area_code']}/" in leads(address_of(area).split("/")[0])
    for group in GROUPS:
        assert f"../../groups/{group}/" in indicator
    assert {"../organisations/DE04/", "../organisations/AB01/"} <= leads("data-quality")
    assert {"areas/", "organisations/", "groups/", "words/", "whats-new/"} <= leads("")


def test_every_narrative_stands_on_the_page_of_words_once() -> None:
    # Paragraphs have nothing between them but their ends, so letters alone are compared.
    said = ["".join("".join(one.itertext()).split()) for one in page("words").iter("blockquote")]
    assert sorted(said) == sorted("".join(row["text"].split()) for row in published("narratives"))


def test_words_stand_with_their_local_authority_and_with_no_organisation_or_group() -> None:
    def quotes(address: str) -> int:
        return len(list(page(address).iter("blockquote")))

    assert quotes("areas/E06000061") == 6
    for area in AREAS:
        if area["area_type"] == "provider":
            assert quotes(address_of(area)) == 0
    assert {quotes(f"groups/{group}") for group in GROUPS} == {0}
    for note in page("areas/KEC").iter("p"):
        if note.get("class") == "note":
            assert "North Northamptonshire" in text_of(note)


def test_what_is_new_counts_every_revision_by_cause() -> None:
    (causes,) = [table for table in tables(page("whats-new")) if "Cause" in table[0]]
    kinds = {"New": "added", "Changed": "changed", "There no more": "removed"}
    counted = {
        (row["Cause"], kind): int(row[heading].replace(",", ""))
        for row in causes
        for heading, kind in kinds.items()
    }
    labels = {
        "new_period": "New month",
        "late_return": "Late return",
        "resubmission": "Sent again",
        "other": "Other figures",
    }
    expected: dict[tuple[str, str], int] = dict.fromkeys(counted, 0)
    for row in published("revisions"):
        expected[labels[row["cause"]], row["kind"]] += 1
    assert counted == expected
    assert {row["Cause"] for row in causes} == set(labels.values())
    assert f"compared with release {LAST_RELEASE_ID}" in main_text("whats-new")


def test_what_is_new_shows_changed_figures_and_nothing_from_before_of_hidden_ones() -> None:
    (shown,) = [table for table in tables(page("whats-new")) if "Before" in table[0]]
    revised = {
        (
            row["indicator_id"],
            words.period_short(row["period_type"], date.fromisoformat(row["period_start"])),
        ): row
        for row in published("revisions")
        if (row["area_type"], row["breakdown_type"], row["kind"]) == ("system", "all", "changed")
    }
    assert len(shown) == len(revised)
    hidden = 0
    for row in shown:
        indicator = catalogue()[row["Indicator"]]
        revision = revised[indicator["indicator_id"], row["Period"]]
        after = {"status": revision["status_after"], "value": revision["value_after"]}
        assert_same(row["Now"], after, indicator, str(revision))
        if revision["value_before"]:
            assert row["Before"] == printed(indicator, revision["value_before"])
        else:
            assert not re.search(r"\d", row["Before"])
        hidden += after["status"] != "shown"
        assert after["status"] == "shown" or row["Before"] == "not told again"
    assert hidden


def test_the_home_page_says_what_changed() -> None:
    system = [
        row
        for row in published("revisions")
        if (row["area_type"], row["breakdown_type"]) == ("system", "all")
    ]
    new = sum(row["kind"] == "added" for row in system)
    said = main_text("")
    assert f"Since release {LAST_RELEASE_ID}, {new} figures of the whole system are new" in said
    assert f"and {len(system) - new} that were published before are different" in said


def test_the_accessibility_statement_says_what_was_tested_and_what_was_not() -> None:
    headings = [text_of(one) for one in page("accessibility").iter("h2")]
    for said in ("What was tested", "What was not tested", "If you cannot use something"):
        assert said in headings


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Published files of two indicators."""
    folder = tmp_path_factory.mktemp("few") / "data"
    return write_published(folder, only=("contacts_attended", "mdt_coverage"))


def without_revisions(data: Path, folder: Path) -> Path:
    shutil.copytree(data, folder)
    header, *_ = (folder / "revisions.csv").read_text(encoding="utf-8").splitlines()
    (folder / "revisions.csv").write_text(header + "\n", encoding="utf-8")
    return folder


def test_a_release_that_changes_no_figure_says_so_and_is_not_called_the_first(
    few: Path, tmp_path: Path
) -> None:
    build_site(without_revisions(few, tmp_path / "data"), tmp_path / "site", SECOND)
    written = (tmp_path / "site" / "whats-new" / "index.html").read_text(encoding="utf-8")
    assert "No figure differs from the last release." in written
    assert "first release" not in written


def test_the_first_release_says_that_it_is_the_first(few: Path, tmp_path: Path) -> None:
    build_site(without_revisions(few, tmp_path / "data"), tmp_path / "site", RELEASE)
    for address in ("whats-new", "."):
        written = (tmp_path / "site" / address / "index.html").read_text(encoding="utf-8")
        assert "This is the first release" in written
        assert "Since release" not in written


@pytest.mark.parametrize(
    ("code", "reason"), [("A/B", "letters, digits"), ("..", "letters, digits"), ("kec", "address")]
)
def test_an_area_that_cannot_have_an_address_of_its_own_stops_the_build(
    few: Path, tmp_path: Path, code: str, reason: str
) -> None:
    data = shutil.copytree(few, tmp_path / "data")
    with (data / "areas.csv").open("a", encoding="utf-8") as file:
        file.write(f"place,{code},Somewhere,E06000061\n")
    with pytest.raises(PublishError, match=reason):
        build_site(data, tmp_path / "site", RELEASE)
    assert not (tmp_path / "site").exists()
