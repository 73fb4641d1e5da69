"""The site as built: whole, well formed, true to the published files, and safe with any names."""

from __future__ import annotations

import csv
import gzip
import random
import re
import shutil
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element

import duckdb
import html5lib
import pytest

from orchestration.publish.links import broken_links
from orchestration.publish.site import SITE, PublishError, ReleaseFacts, build_site
from tests.published_sample import (
    AS_AT,
    PUBLISHED_AT,
    RELEASE_ID,
    sample_data,
    sample_site,
    write_published,
)

RELEASE = ReleaseFacts(RELEASE_ID, AS_AT, PUBLISHED_AT)
FEW = ("contacts_attended", "unit_cost", "mdt_coverage")
NASTY = """<script>alert(1)</script> <b>Bold</b> & "Sons" *star* {{ x }} | [y](javascript:z)"""
FIGURE = {
    "count": ("{:,}", "1"),
    "proportion": ("{}%", "0.1"),
    "rate": ("{}", "0.1"),
    "ratio": ("£{:,}", "0.01"),
}


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


@cache
def parsed(path: Path) -> Element:
    """A page's tree; raises html5lib's error where the page is not right HTML."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(path.read_text(encoding="utf-8"))


def text_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def page_text(site: Path, page: str) -> str:
    return text_of(parsed(site / page / "index.html"))


@pytest.fixture(scope="module")
def site() -> Path:
    return sample_site()


@pytest.fixture(scope="module")
def odd_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small site of the middle of a quarter, with nasty names, one of them the system's own, and
    one indicator for which nobody sent anything."""
    folder = tmp_path_factory.mktemp("odd")
    as_at = date(2026, 2, 10)
    data = write_published(
        folder / "data",
        as_at=as_at,
        rename_provider={
            "AB01": NASTY,
            "QPM": NASTY,
            **{code: f"Provider {code}" for code in ("BR02", "CA03", "DE04", "ES05", "FI06")},
            **{code: f"Provider {code}" for code in ("GR07", "HA08", "IR09", "JU10", "KI11")},
            "LO12": "Provider LO12",
        },
        only=FEW,
        change="update published set numerator = null, denominator = null, value = null, "
        "lower_ci = null, upper_ci = null, returns_in_effect = 0, status = 'not_submitted' "
        "where indicator_id = 'mdt_coverage'",
    )
    build_site(data, folder / "site", ReleaseFacts("odd", as_at, NASTY))
    yield folder / "site"
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Published files of a few indicators."""
    return write_published(tmp_path_factory.mktemp("few") / "data", only=FEW)


def test_every_page_is_there(site: Path) -> None:
    assert len(list((site / "indicators").glob("*/index.html"))) == 32
    assert len(list((site / "domains").glob("*/index.html"))) == 8
    for page in (
        "",
        "areas",
        "organisations",
        "groups",
        "words",
        "whats-new",
        "accessibility",
        "inequalities",
        "targets",
        "data-quality",
        "method",
        "downloads",
        "glossary",
        "indicators",
    ):
        assert (site / page / "index.html").is_file()


def test_every_page_is_right_html_with_landmarks_and_one_heading_of_the_first_rank(
    site: Path,
) -> None:
    for path in pages(site):
        tree = parsed(path)
        assert tree.get("lang") == "en-GB"
        assert len(list(tree.iter("h1"))) == 1, path
        assert len(list(tree.iter("main"))) == 1
        assert text_of(next(tree.iter("title"))).endswith("Inclusion Outcomes")
        assert next(tree.iter("a")).get("href") == "#main"
        ranks = [int(e.tag[1]) for e in tree.iter() if re.fullmatch("h[1-6]", str(e.tag))]
        assert all(after <= before + 1 for before, after in pairwise(ranks))
        named = [nav.get("aria-label") or nav.get("aria-labelledby") for nav in tree.iter("nav")]
        assert all(named)
        assert len(set(named)) == len(named)


def test_every_link_and_fragment_resolves_and_no_id_repeats(site: Path) -> None:
    assert broken_links(site) == []


def test_a_broken_link_a_repeated_id_and_another_host_are_found(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "index.html").write_text("<p id=here>")
    (tmp_path / "index.html").write_text(
        '<p id=a><p id=a><a href="other/#here"><a href="other/#gone"><a href="gone/">'
        '<a href="/other/"><img src="https://example.org/x.png"><a href="https://example.org">'
    )
    assert len(broken_links(tmp_path)) == 5


def test_no_page_reaches_another_host(site: Path) -> None:
    for path in pages(site):
        written = path.read_text(encoding="utf-8")
        assert "javascript:" not in written
        assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", written)
    for style in site.glob("*.css"):
        assert "url(" not in style.read_text(encoding="utf-8")


def test_pages_are_light(site: Path) -> None:
    style = sum(len(gzip.compress(path.read_bytes())) for path in site.glob("*.css"))
    assert style < 10_000
    for path in pages(site):
        assert len(gzip.compress(path.read_bytes())) + style < 25_000, path


def test_every_chart_has_a_title_a_description_and_its_numbers_as_a_table(site: Path) -> None:
    charts = 0
    for path in pages(site):
        for figure in parsed(path).iter("figure"):
            drawings = list(figure.iter("{http://www.w3.org/2000/svg}svg")) or list(
                figure.iter("svg")
            )
            for drawing in drawings:
                charts += 1
                named = (drawing.get("aria-labelledby") or "").split()
                ids = {e.get("id"): text_of(e) for e in drawing if e.get("id")}
                assert drawing.get("role") == "img"
                assert [bool(ids[one]) for one in named] == [True, True]
            assert list(figure.iter("table")), path
    assert charts >= 2 * 64


def test_every_wide_thing_scrolls_in_a_named_container_that_the_keyboard_reaches(
    site: Path,
) -> None:
    for path in pages(site):
        tree = parsed(path)
        inside = [
            table
            for e in tree.iter("div")
            if e.get("class") == "scroll"
            for table in e.iter("table")
        ]
        assert len(inside) == len(list(tree.iter("table"))), path
        for element in tree.iter("div"):
            if element.get("class") == "scroll":
                assert element.get("tabindex") == "0"
                assert element.get("aria-labelledby")


def test_the_data_lies_beside_the_pages_as_it_was_given(site: Path) -> None:
    for path in sample_data().iterdir():
        assert (site / "data" / path.name).read_bytes() == path.read_bytes()
    assert len(list((site / "data" / "indicators").glob("*.csv"))) == 32


def table_below(tree: Element, title: str) -> dict[str, list[str]]:
    """The rows of the table of that title, by the words of their first cell."""
    ids = [e.get("id") for e in tree.iter("p") if title in text_of(e) and e.get("id")]
    table = next(t for t in tree.iter("table") if t.get("aria-labelledby") in ids)
    rows = [[text_of(cell) for cell in row] for row in table.iter("tr")]
    return {row[0]: row[1:] for row in rows[1:]}


def printed(statistic: str, value: str) -> str:
    pattern, places = FIGURE[statistic]
    return pattern.format(Decimal(value).quantize(Decimal(places), ROUND_HALF_UP))


# How the latest period of each kind stands in the titles of tables.
LEADS = {"month": "March 2026", "quarter": "January to March 2026",
         "financial_year": "April 2025 to March 2026"}  # fmt: skip


def test_the_numbers_on_the_pages_are_those_of_the_published_file(site: Path) -> None:
    with (sample_data() / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        statistics = {row["indicator_id"]: row["statistic"] for row in csv.DictReader(file)}
    with (sample_data() / "areas.csv").open(encoding="utf-8", newline="") as file:
        names = {row["area_code"]: row["area_name"] for row in csv.DictReader(file)}
    source = sample_data() / "indicators.csv"
    with duckdb.connect() as connection:
        cells = connection.execute(
            "select indicator_id, period_type, area_code, value, status "
            f"from read_csv('{source}', all_varchar = true) "
            "where area_type = 'provider' and breakdown_type = 'all' "
            "and (period_type, period_start) in "
            "(('month', '2026-03-01'), ('quarter', '2026-01-01'), "
            "('financial_year', '2025-04-01')) order by all"
        ).fetchall()
    random.Random(5).shuffle(cells)
    looked_at = 0
    for indicator, period_type, area, value, status in cells:
        tree = parsed(site / "indicators" / indicator / "index.html")
        rows = table_below(tree, "by organisation, ")
        if f"by organisation, {LEADS[period_type]}" not in text_of(tree):
            continue
        looked_at += 1
        shown = rows[names[area]][0].removesuffix(" [p] provisional")
        if status == "shown":
            assert shown == printed(statistics[indicator], value), (indicator, area)
        else:
            assert shown.startswith("["), (indicator, area)
    assert looked_at > 200


def test_a_page_leads_with_the_finest_period_of_which_most_are_shown(site: Path) -> None:
    assert "by month, Northamptonshire" in page_text(site, "indicators/contacts_attended")
    thin = page_text(site, "indicators/throughput")
    assert "by financial quarter, Northamptonshire" in thin
    assert "by month, Northamptonshire" in thin
    assert "The same by financial year" in thin


def test_a_page_whose_areas_are_mostly_hidden_leads_with_a_longer_period(site: Path) -> None:
    # The whole system's quarters are shown, but most of its parts' are too small.
    thin = page_text(site, "indicators/step_down_after_discharge")
    assert "by financial year, Northamptonshire" in thin
    assert "The same by financial quarter" in thin


def test_an_indicator_page_answers_every_question(site: Path) -> None:
    said = page_text(site, "indicators/mdt_coverage")
    for words in (
        "Out of every 100 people on the caseload",
        "95 per cent confidence interval is",
        "rounded to the nearest 5",
        "By organisation",
        "Inclusion health group",
        "By age",
        "monthly returns that were expected count",
        "Top number (numerator)",
        "What it cannot say",
        "activity data, case notes",
    ):
        assert words in said, words


def test_the_home_page_says_how_domains_stand_and_what_is_covered(site: Path) -> None:
    said = page_text(site, "")
    assert re.search("Latest month ?March 2026", said)
    assert "264 returns that have been expected so far, 241 count" in said
    assert PUBLISHED_AT in said
    assert re.search(r"Contacts attended ?[\d,]+ contacts", said)


def test_the_footer_names_release_and_date_and_that_the_data_is_made_up(site: Path) -> None:
    for path in pages(site):
        said = text_of(next(parsed(path).iter("footer")))
        assert f"Release {RELEASE_ID}. Returns up to 8 April 2026." in said
        assert "made up" in said


def test_real_data_is_not_called_made_up(odd_site: Path) -> None:
    assert "made up" not in page_text(odd_site, "")
    assert "made-up" not in page_text(odd_site, "")


def test_names_with_markup_are_shown_as_text(odd_site: Path) -> None:
    assert broken_links(odd_site) == []
    for path in pages(odd_site):
        assert [s.get("src", "")[-3:] for s in parsed(path).iter("script") if not s.text] == [
            ".js" for _ in parsed(path).iter("script")
        ]
        assert "javascript:z" not in [a.get("href") for a in parsed(path).iter("a")]
    said = page_text(odd_site, "indicators/unit_cost")
    assert NASTY in said
    assert NASTY in page_text(odd_site, "data-quality")
    assert NASTY in page_text(odd_site, "")


def test_a_period_that_is_not_over_does_not_lead(odd_site: Path) -> None:
    said = page_text(odd_site, "indicators/contacts_attended")
    assert "January 2026: about" in said
    assert "Jan–Mar 2026" not in said
    assert "Oct–Dec 2025" in said


def test_a_period_for_which_nobody_sent_anything_does_not_lead_but_is_told(
    tmp_path: Path,
) -> None:
    late = date(2026, 3, 10)
    data = write_published(
        tmp_path / "data",
        as_at=late,
        only=("contacts_attended",),
        change="update published set numerator = null, value = null, lower_ci = null, "
        "upper_ci = null, returns_in_effect = 0, status = 'not_submitted' "
        "where period_type = 'month' and period_start >= '2026-01-01'",
    )
    build_site(data, tmp_path / "site", ReleaseFacts("late", late, "today"))
    said = page_text(tmp_path / "site", "indicators/contacts_attended")
    assert "December 2025: about" in said
    assert "2 later periods are over for which no organisation has sent" in said
    assert "Jan 2026: not submitted; Feb 2026: not submitted" in said


def test_an_indicator_that_nobody_sent_anything_for_says_so_and_draws_nothing(
    odd_site: Path,
) -> None:
    said = page_text(odd_site, "indicators/mdt_coverage")
    assert "[x] not submitted" in said
    assert "No value can be drawn." in said
    assert "0.0%" not in said


def test_the_same_data_makes_the_same_site_to_the_byte(few: Path, tmp_path: Path) -> None:
    def built(name: str) -> dict[str, bytes]:
        build_site(few, tmp_path / name, RELEASE)
        files = (path for path in (tmp_path / name).rglob("*") if path.is_file())
        return {path.relative_to(tmp_path / name).as_posix(): path.read_bytes() for path in files}

    assert built("one") == built("other")


def test_a_mistake_in_a_page_leaves_nothing_behind(few: Path, tmp_path: Path) -> None:
    source = tmp_path / "site"
    shutil.copytree(SITE, source)
    page = source / "pages" / "method.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n<Wrong />\n", encoding="utf-8")
    with pytest.raises(PublishError, match=r"pages/method\.md, line \d+: .*<Wrong>"):
        build_site(few, tmp_path / "out", RELEASE, source)
    assert not (tmp_path / "out").exists()


def test_a_link_to_no_page_stops_the_build(few: Path, tmp_path: Path) -> None:
    source = tmp_path / "site"
    shutil.copytree(SITE, source)
    page = source / "pages" / "glossary.md"
    page.write_text("# Words\n\n[Nowhere](nowhere.md) [No place](method.md#nowhere)\n")
    with pytest.raises(PublishError, match=r"nowhere\.md"):
        build_site(few, tmp_path / "out", RELEASE, source)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_is_not_built_over(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("Mine.")
    with pytest.raises(PublishError, match="not empty"):
        build_site(sample_data(), tmp_path, RELEASE)
    assert (tmp_path / "mine.txt").exists()


def test_an_indicators_page_says_whether_it_is_high_changing_and_in_reach(site: Path) -> None:
    said = page_text(site, "indicators/mdt_coverage")
    for words in (
        "1 of 11 returns is missing",
        "Getting better: the figure for March 2026 was",
        "by month, Northamptonshire",
        "Is it changing in local authorities, places and organisations?",
        "Local authorities and places against Northamptonshire as a whole",
        "organisations by size",
        "How far groups are from everyone",
        "the widest gaps of all indicators",
        "How far the figure could move",
        "The targets in sentences",
    ):
        assert words in said, words


def test_no_two_columns_of_the_targets_have_one_name(site: Path) -> None:
    for table in parsed(site / "targets" / "index.html").iter("table"):
        named = [
            "".join(head.itertext()) for head in table.iter("th") if head.get("scope") == "col"
        ]
        assert len(set(named)) == len(named), named


def test_what_is_judged_has_a_word_beside_its_sign(site: Path) -> None:
    signs = 0
    for path in pages(site):
        for element in parsed(path).iter("span"):
            if "mark" in (element.get("class") or "").split():
                signs += 1
                assert element.get("aria-hidden") == "true"
                assert (element.tail or "").strip(), path
    assert signs > 500


def test_counts_and_costs_are_not_compared_and_the_page_says_why(site: Path) -> None:
    assert "depends on how large they are" in page_text(site, "indicators/contacts_attended")
    assert "a cost has no interval" in page_text(site, "indicators/unit_cost")
    for indicator in ("contacts_attended", "unit_cost"):
        assert "organisations by size" not in page_text(site, f"indicators/{indicator}")


def test_targets_stand_with_their_words_and_a_refused_one_says_what_is_wrong(site: Path) -> None:
    said = page_text(site, "targets")
    assert "Line 40 has no due_date" in said
    rows = table_below(parsed(site / "targets" / "index.html"), "Targets")
    assert rows
    assert all("Refused" not in cells for cells in rows.values())


def test_the_widest_gap_of_an_indicator_is_the_widest_that_is_more_than_chance(
    site: Path,
) -> None:
    source = sample_data() / "inequalities.csv"
    with duckdb.connect() as connection:
        widest = connection.execute(
            "select breakdown_value, absolute_gap from "
            f"read_csv('{source}') where indicator_id = 'mdt_coverage' and period_type = 'month' "
            "and period_start = '2026-03-01' and area_type = 'system' and not gap_holds_zero "
            "and breakdown_type = 'inclusion_group' order by abs(absolute_gap) desc limit 1"
        ).fetchone()
    assert widest is not None
    rows = table_below(parsed(site / "inequalities" / "index.html"), "Inclusion health group: the")
    shown = rows["People managed by a multi-disciplinary team"]
    assert shown[0] == "Gypsy, Roma and Traveller communities"
    assert widest[0] == "grt"
    assert shown[3] == f"{widest[1]:+.1f}".replace("-", "−")
