"""Foreign words through the whole build of the site: they come out as they were, and as text."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.etree.ElementTree import Element

import duckdb
import html5lib
import pytest

from orchestration.publish.contents import NARRATIVES_ON_A_PAGE
from orchestration.publish.data_files import write_data_files
from orchestration.publish.links import broken_links
from orchestration.publish.site import ReleaseFacts, build_site
from tests.published_sample import AS_AT, PUBLISHED_AT, RELEASE_ID, sample_site, write_published
from tests.warehouse import build_empty_warehouse

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)> & <b>Bold</b> &lt;i&gt; &#60;",
    '" onmouseover="alert(1)" \' </title></style></blockquote></li></ul></div><h1>Mine</h1>',
    "# Not a heading",
    "1. Not a list\n2. At all",
    "**not bold** _nor that_ `code` [here](javascript:alert(1)) ![x](y) <http://x.example>",
    "```sql mine\nselect 1\n```",
    "{{ release }} {% for a in b %} {# note #} ${latest} {{ 7 * 7 }}",
    "<Value data={told} /> <Nothing /> </Side></SideBySide>",
    "'; drop table narratives; -- \\",
    '<div data-block="0"></div><span data-block="1"></span>',
    "\ue0050000:body\ue006 \ue004 \ue00061\ue001",
    "\u202eright to left\u202c and \u200bhidden\u2066",
    "مرحبا بالعالم, she said",
    "=HYPERLINK(\"https://x.example\",\"Click\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-1+1",
    'She said "no", then: yes,\n\nand "then"\nnothing.',
    "~~~\n| a | b |\n|---|---|\n    code\n\tcode",
    "\\u0041 %s %(x)s $HOME ; `id`",
    "A" * 2000,
)  # fmt: skip
FEW = ("contacts_attended",)


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def text_of(element: Element) -> str:
    return "".join(element.itertext())


def parsed(path: Path) -> Element:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(path.read_text(encoding="utf-8"))


def as_shown(said: str) -> str:
    """Words as a page has them: without the private use area, of which the site's own marks are."""
    return said.translate(dict.fromkeys(range(0xE000, 0xF900))).strip()


def quotations(page: Element) -> list[str]:
    """The words of each quotation, paragraphs and lines parted as they were sent."""
    found = []
    for quotation in page.iter("blockquote"):
        parts = []
        for paragraph in quotation.iter("p"):
            lines = [paragraph.text or "", *(each.tail or "" for each in paragraph.iter("br"))]
            parts.append("\n".join(lines))
        found.append("\n\n".join(parts))
    return found


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Published files in which every narrative is hostile, all of them of one month and domain, as
    `write_data_files` writes them from a warehouse."""
    folder = tmp_path_factory.mktemp("hostile")
    settings = build_empty_warehouse(
        Path(__file__).parents[1] / "seeds" / "registry", folder / "build", date(2026, 4, 15)
    )
    with duckdb.connect(str(settings.warehouse)) as connection:
        for number, said in enumerate(HOSTILE):
            month = f"2026-{1 + number // NARRATIVES_ON_A_PAGE:02}"
            connection.execute(
                "insert into marts.published_narratives (release_id, narrative, domain, kind, "
                "period, area_type, area_code, text) values "
                f"('r', {number}, 'social', 'case_story', '{month}', "
                f"'local_authority', 'E06000061', {literal(said)})"
            )
    write_data_files(settings.warehouse, folder / "written", "r")
    published = write_published(folder / "data", only=FEW)
    (folder / "written" / "narratives.csv").replace(published / "narratives.csv")
    return published


@pytest.fixture(scope="module")
def site(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("site") / "site"
    build_site(data, folder, ReleaseFacts(RELEASE_ID, AS_AT, PUBLISHED_AT))
    yield folder


def test_hostile_words_come_out_as_text_on_the_page(data: Path, tmp_path: Path) -> None:
    shown = []
    for first in range(0, len(HOSTILE), NARRATIVES_ON_A_PAGE):
        here = tmp_path / str(first)
        narrowed = here / "data"
        narrowed.mkdir(parents=True)
        for path in data.iterdir():
            (narrowed / path.name).write_bytes(path.read_bytes())
        with (data / "narratives.csv").open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        rows.sort(key=lambda row: int(row[1]))
        with (narrowed / "narratives.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows[first : first + NARRATIVES_ON_A_PAGE]])
        build_site(narrowed, here / "site", ReleaseFacts(RELEASE_ID, AS_AT, PUBLISHED_AT))
        page = parsed(here / "site" / "domains" / "social" / "index.html")
        shown += quotations(page)
        assert broken_links(here / "site") == []
        # The one script is the site's own file; nothing that somebody wrote has become one.
        scripts = [(script.get("src") or "", script.text) for script in page.iter("script")]
        assert [(Path(address).name, text) for address, text in scripts] == [("site.js", None)]
        assert len(list(page.iter("h1"))) == 1
        for element in page.iter():
            assert not [name for name in element.attrib if name.startswith("on")]
            assert "javascript:" not in (element.get("href") or "")
    assert shown == [as_shown(said) for said in HOSTILE]


def test_each_quotation_stands_in_an_element_of_its_own_direction(site: Path) -> None:
    page = parsed(site / "domains" / "social" / "index.html")
    assert {each.get("dir") for each in page.iter("blockquote")} == {"auto"}


def test_a_page_shows_the_newest_and_says_how_many_there_are(site: Path) -> None:
    page = parsed(site / "domains" / "social" / "index.html")
    # Six of a month: numbers 18 and 19 are of April, 12 to 17 of March.
    assert quotations(page) == [as_shown(said) for said in (*HOSTILE[18:], *HOSTILE[12:16])]
    said = " ".join(text_of(page).split())
    assert f"The newest {NARRATIVES_ON_A_PAGE} of {len(HOSTILE)}." in said
    assert "Case story, North Northamptonshire, March 2026" in said


def test_no_cell_of_the_file_is_a_formula(data: Path) -> None:
    with (data / "narratives.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert [cell for cell in cells if cell[:1] in set("=+-@\t\r")] == []
    assert '\'=HYPERLINK("https://x.example","Click")' in cells


def test_a_domain_without_words_says_so_and_one_with_few_shows_all() -> None:
    domains = sample_site() / "domains"
    none = " ".join(text_of(parsed(domains / "employment" / "index.html")).split())
    assert "There are no words to show yet" in none
    few = " ".join(text_of(parsed(domains / "choice" / "index.html")).split())
    assert "All 3, the newest first." in few
    many = " ".join(text_of(parsed(domains / "social" / "index.html")).split())
    assert f"The newest {NARRATIVES_ON_A_PAGE} of 12." in many


def test_words_and_numbers_have_headings_of_one_rank() -> None:
    page = parsed(sample_site() / "domains" / "social" / "index.html")
    assert [text_of(each) for each in page.iter("h2")][:2] == ["In numbers", "In words"]
