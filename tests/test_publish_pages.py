"""Writing pages: what an author may write, and how a mistake is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.publish.components import COMPONENTS
from orchestration.publish.contents import (
    Contents,
    Page,
    ReleaseFacts,
    common_values,
    read_contents,
)
from orchestration.publish.errors import PublishError
from orchestration.publish.pages import Author, Prepared
from orchestration.publish.queries import Published, open_published
from tests.published_sample import AS_AT, PUBLISHED_AT, RELEASE_ID, sample_data

PLACES = {"index.md": "", "test.md": "test/", "indicators/mdt_coverage.md": "indicators/mdt/"}
AREAS = "```sql areas_\nselect area_code, area_name from areas order by area_code\n```\n"


@pytest.fixture(scope="module")
def published() -> Iterator[Published]:
    with open_published(sample_data()) as tables:
        yield tables


@pytest.fixture(scope="module")
def contents(published: Published) -> Contents:
    return read_contents(published, sample_data(), ReleaseFacts(RELEASE_ID, AS_AT, PUBLISHED_AT))


class Desk:
    """Where a test writes a page and has it prepared."""

    def __init__(self, published: Published, contents: Contents, folder: Path) -> None:
        self.published, self.contents, self.folder = published, contents, folder
        (folder / "pages").mkdir()
        (folder / "queries").mkdir()

    def prepare(self, text: str, **values: object) -> Prepared:
        path = self.folder / "pages" / "test.md"
        path.write_text(text, encoding="utf-8")
        author = Author(self.published, self.contents, self.folder)
        page = Page(path, "test.md", {**common_values(self.contents), **values})
        return author.prepare(page, PLACES)

    def html(self, text: str, **values: object) -> str:
        """The HTML of the page's components, one after the other."""
        return "\n".join(self.prepare(text, **values).blocks)

    def error(self, text: str, **values: object) -> PublishError:
        with pytest.raises(PublishError) as wrong:
            self.prepare(text, **values)
        return wrong.value


@pytest.fixture
def desk(published: Published, contents: Contents, tmp_path: Path) -> Desk:
    return Desk(published, contents, tmp_path)


def test_a_fence_runs_and_does_not_show(desk: Desk) -> None:
    made = desk.prepare(AREAS + "\nThe first is <Value data={areas_} column=area_code />.\n")
    assert "select" not in made.markdown
    assert made.blocks == ["AB01"]


def test_a_wrong_query_names_page_and_line(desk: Desk) -> None:
    wrong = desk.error("# Title\n\n```sql mine\nselect\n  nope\nfrom areas\n```\n")
    assert (wrong.page, wrong.line) == ("pages/test.md", 5)
    assert "nope" in str(wrong)
    assert "pages/test.md, line 5" in str(wrong)


def test_a_line_is_still_right_below_a_loop_and_a_condition(desk: Desk) -> None:
    text = (
        "{% for n in [1, 2, 3] %}\nLine {{ n }}\n{% endfor %}\n"
        "{% if false %}\nleft\nout\n{% endif %}\n"
        "{{\n 1\n}}\n"
        "<Nothing />\n"
    )
    assert desk.error(text).line == 11


def test_a_mistake_in_a_shared_query_names_its_own_file_and_line(desk: Desk) -> None:
    (desk.folder / "queries" / "mine.sql").write_text("-- Mine.\nselect\n  nope\nfrom areas\n")
    wrong = desk.error("# Title\n")
    assert (wrong.page, wrong.line) == ("queries/mine.sql", 3)


def test_a_query_can_use_a_shared_one_and_an_earlier_one_of_its_page(desk: Desk) -> None:
    (desk.folder / "queries" / "mine.sql").write_text("select 2 as n -- two\n")
    text = (
        "```sql one\nselect n * 3 as n from ${mine}\n```\n"
        "```sql two\nselect n + 1 as n from ${one}\n```\n<Value data={two} />"
    )
    assert desk.html(text) == "7"
    assert "no query nobody" in str(desk.error("```sql one\nselect * from ${nobody}\n```\n"))


def test_a_query_that_others_build_on_is_answered_once_and_keeps_its_order(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    for way in ("rows", "keep"):
        whole = getattr(Published, way)

        def noting(self: Published, *given: str, whole: object = whole) -> object:
            asked.append(given[-1])
            return whole(self, *given)  # type: ignore[operator]

        monkeypatch.setattr(Published, way, noting)
    ordered = "select area_code from areas order by area_code desc limit 3"
    made = desk.html(
        f"```sql base\n{ordered}\n```\n"
        "```sql one\nselect * from ${base}\n```\n"
        "```sql two\nselect count(*) as n from ${base}\n```\n"
        "<DataTable data={one} title=Areas><Column id=area_code /></DataTable><Value data={two} />"
    )
    assert asked.count(ordered) == 1
    assert sum(ordered in sql for sql in asked) == 1
    codes = desk.published.rows(ordered).column("area_code")
    assert [made.index(code) for code in codes] == sorted(made.index(code) for code in codes)
    # What stops such a query is told as of any other.
    wrong = desk.error(
        "```sql base\nselect\n  nope\nfrom areas\n```\n```sql one\nfrom ${base}\n```\n"
    )
    assert wrong.line == 3
    assert "nope" in wrong.message


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("<Pie data={areas_} />", "no component <Pie>"),
        ("<DataTable data={areas_} title=Areas colour=red />", "no attribute colour"),
        ("<DataTable data={areas_} />", "needs title"),
        ("<DataTable data={nobody} title=Areas />", "expected a query of this page"),
        ("<DataTable data=areas_ title=Areas />", "expected a query of this page"),
        ("<Value data={areas_} column=nope />", "no column 'nope'"),
        ("<Value data={areas_} fmt=euro />", "no format 'euro'"),
        ("<Value data={areas_} fmt=num0 />", "not a number"),
        ("<Value data={areas_} row=99 />", "no row 99"),
        ("<Value data={areas_} row=first />", "not a whole number"),
        ("<LineChart data={areas_} x=area_code y=area_name title=T />", "not a number"),
        ("<Alert status=loud>Hush</Alert>", "not one of info"),
        ("<Alert>Hush", "never closed"),
        ("Hush</Alert>", "closes nothing"),
        ("<Value data={areas_}>Text</Value>", "encloses nothing"),
        ("<DataTable data={areas_} title=T>Text</DataTable>", "encloses <Column"),
        ("<DataTable data={areas_} title=T><Column id=nope /></DataTable>", "no column 'nope'"),
        ("<DataTable data={areas_} title=T title=U />", "has title twice"),
        ("<Value data={areas_} = />", "cannot be read"),
        ("<InWords data={areas_} />", "no column 'indicator_id'"),
        (
            "<DataTable data={areas_} title=T><Column id=area_name verdict=mood /></DataTable>",
            "not one of comparisons",
        ),
        ("<Sentences data={areas_} />", "needs column"),
        ("<Narratives data={areas_} />", "no column 'text'"),
        ("<ControlChart data={areas_} title=T x=area_code y=area_name />", "needs lower"),
        (
            "<ControlChart data={areas_} title=T x=area_code y=area_name mean=area_name "
            "lower=area_name upper=area_name variation=area_name phase=area_name />",
            "not a number",
        ),
        (
            "<FunnelChart data={areas_} limits={areas_} x=area_code y=area_code name=area_name "
            "position=area_code title=T xAxisTitle=N />",
            "no number",
        ),
        ("{{ nobody }}", "nobody"),
        ("{% for x in %}", "Expected"),
        ("{{ 1 / 0 }}", "division"),
        ("```sql\nselect 1\n```", "needs one name"),
        ("```sql areas_\nselect 1\n```", "two queries named areas_"),
        ("```sql more\ndrop table areas\n```", "one SELECT"),
        ("```sql more\nselect 1", "never closed"),
    ],
)
def test_a_mistake_stops_the_build_and_is_told_with_its_line(
    desk: Desk, written: str, said: str
) -> None:
    wrong = desk.error(f"{AREAS}\nA line.\n\n{written}\n")
    assert said in str(wrong)
    assert wrong.page == "pages/test.md"
    assert wrong.line == (8 if "drop" in written else 7)


def test_a_mistake_in_a_template_says_for_which_page(desk: Desk, contents: Contents) -> None:
    path = desk.folder / "templates" / "domain.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text("# {{ domain.label }}\n\n<Nothing />\n")
    domain = contents.domains[0]
    values = {**common_values(contents), "domain": domain}
    author = Author(desk.published, contents, desk.folder)
    with pytest.raises(PublishError, match=r"domain\.md, line 3.*domains/activity\.md"):
        author.prepare(
            Page(path, domain.page, values, domain=domain), {**PLACES, domain.page: "d/"}
        )


def test_a_link_to_a_page_that_is_not_there_stops_the_build(desk: Desk) -> None:
    text = (
        "```sql rows\nselect 'a' as name, 'nowhere.md' as page\n```\n"
        "<DataTable data={rows} title=T><Column id=name link=page /></DataTable>\n"
    )
    assert "no page nowhere.md" in str(desk.error(text))
    right = text.replace("nowhere.md", "indicators/mdt_coverage.md")
    assert '<a href="../indicators/mdt/">a</a>' in desk.html(right)


def test_markup_in_data_is_shown_as_text(desk: Desk) -> None:
    nasty = (
        """<script>alert("1")</script> & </title> "quoted" 'single' **bold** [x](y) `z` \ue005"""
    )
    text = (
        "```sql rows\nselect $${{ name }}$$ as name, '{{ name }}' as other, 1 as n\n```\n"
        "# {{ name }}\n\n{{ name }} and _{{ name }}_\n\n{{ name }}\n\n"
        '<DataTable data={rows} title="{{ name }}" />\n<Value data={rows} column=other />\n'
        '<BarChart data={rows} x=name y=n swapXY title="{{ name }}" subtitle="{{ name }}" />\n'
        '<Details title="{{ name }}">Text</Details>\n'
    ).replace("$${{ name }}$$", "'{{ name }}'")
    made = desk.prepare(text, name=nasty)
    for html in [made.markdown, *made.blocks]:
        assert "<script" not in html
        assert "</title> " not in html
        assert "**bold**" not in made.markdown
        assert "[x](y)" not in made.markdown
        assert "z` \ue005" not in html
    assert made.blocks[1] == (
        "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &lt;/title&gt; &quot;quoted&quot; "
        "&#x27;single&#x27; **bold** [x](y) `z` "
    )


def test_a_placeholder_at_the_start_of_a_line_begins_no_list_and_no_heading(desk: Desk) -> None:
    for value in ("1. First", "# Heading", "- Point", "> Said"):
        line = desk.prepare("Text\n\n{{ value }}\n", value=value).markdown.split("\n")[2]
        assert line.startswith("&#")


def test_code_is_shown_as_written(desk: Desk) -> None:
    text = "Write `<Value data={x} />` or:\n\n```html\n<Nothing />\n```\n"
    assert desk.prepare(text).markdown.strip() == text.strip()


def test_the_content_of_an_alert_is_markdown_and_may_hold_components(desk: Desk) -> None:
    made = desk.prepare(
        AREAS + "<Alert status=warning>\nMind **this**: <Value data={areas_} />\n</Alert>\n"
    )
    assert "Mind **this**: <span data-block" in made.markdown
    finished = made.finish('<div data-block="0"></div>', {})
    assert finished.startswith('<div class="nhsuk-card nhsuk-card--warning">')
    assert made.blocks[1:] == ["AB01", "</div></div>"]


def test_a_table_shows_why_a_number_is_missing_and_explains_its_signs(desk: Desk) -> None:
    html = desk.html(
        "```sql rows\nselect * from (values ('a', 12.34, 'shown', true), "
        "('b', null, 'suppressed', false), ('c', 0.0, 'shown', false), "
        "('d', null, 'shown', false)) as t(name, value, status, prov)\n```\n"
        "<DataTable data={rows} title=T><Column id=name /><Column id=value fmt=percent1 "
        "status=status provisional=prov words /></DataTable>"
    )
    hidden = '<span class="nhsuk-u-visually-hidden">'
    assert f'12.3% <span class="sign">[p]</span> {hidden}provisional</span>' in html
    assert '<span class="sign">[c]</span> too small to show' in html
    assert ">0.0%<" in html
    assert f'<span aria-hidden="true">–</span>{hidden}none</span>' in html
    assert '<p class="key">[c] too small to show; [p] provisional</p>' in html


def test_a_column_of_sentences_is_told_from_one_of_names(desk: Desk) -> None:
    html = desk.html(
        "```sql rows\nselect 'Castle' as name, repeat('long ', 20) as sentence, 3 as n\n```\n"
        "<DataTable data={rows} title=T />"
    )
    assert '<th scope="col" class="said">Sentence</th>' in html
    assert '<td class="said">long' in html
    assert '<th scope="row">Castle</th>' in html
    assert '<td class="n">3</td>' in html


def test_ids_do_not_repeat_within_a_page(desk: Desk) -> None:
    one = "<DataTable data={areas_} title=T />\n"
    html = desk.html(AREAS + one + one)
    assert 'id="table-1"' in html
    assert 'id="table-2"' in html


def test_every_component_says_what_it_takes() -> None:
    for name, component in COMPONENTS.items():
        assert name[0].isupper()
        assert component.takes.get("data") is None or component.takes["data"].required


def test_sentences_stand_each_in_a_paragraph_with_their_sign(desk: Desk) -> None:
    html = desk.html(
        "```sql rows\nselect * from (values ('<b>Up</b>', 'rising'), ('None', 'no_verdict'), "
        "(null, 'rising')) as t(said, verdict)\n```\n"
        "<Sentences data={rows} column=said code=verdict verdict=change_verdicts />"
    )
    assert html == (
        '<p><span class="mark" aria-hidden="true">↑</span> &lt;b&gt;Up&lt;/b&gt;</p><p>None</p>'
    )


def test_a_judged_word_stands_beside_its_sign_and_an_unknown_one_by_itself(desk: Desk) -> None:
    html = desk.html(
        "```sql rows\nselect * from (values ('a', 'much_better'), ('b', '<other>')) as t(n, c)\n"
        "```\n<DataTable data={rows} title=T><Column id=n /><Column id=c verdict=comparisons />"
        "</DataTable>"
    )
    assert '<span class="mark good" aria-hidden="true">++</span> Much better</span>' in html
    assert '<span class="verdict">&lt;other&gt;</span>' in html


def test_a_table_without_rows_can_say_so_in_words_of_its_own(desk: Desk) -> None:
    html = desk.html(
        "```sql rows\nselect area_code from areas where false\n```\n"
        '<DataTable data={rows} title=T empty="None is <missing>." />'
    )
    assert html == "<p>None is &lt;missing&gt;.</p>"
