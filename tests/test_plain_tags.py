"""What is taken out of a page before it is read names nothing, and no line moves."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.publish.plain_tags import plain_tags

NAMED = ("id", "href")
Told = list[tuple[str, str, str | None, int]]


class Reader(HTMLParser):
    """The attributes that name something, and the headings, each with its line."""

    def __init__(self) -> None:
        super().__init__()
        self.told: Told = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = [(name, value) for name, value in attrs if name in NAMED]
        if tag == "h2" and not named:
            named = [("", None)]
        self.told += [(tag, *each, self.getpos()[0]) for each in named]


def read(html: str) -> Told:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.told


def quickly(html: str) -> str:
    return plain_tags(but=["h2"], naming=NAMED).sub("", html)


PIECES = (
    "<p>", "</p>", '<td class="n">', "<br/>", "<circle r='1'/>", '<a href="x">', "<a\nhref=x>",
    '<i title="a > b" ID = "c">', '<i HREF="d">', "<h2>", "<H2 class=\"e\">", "</h2>",
    '<path d="M0,0" id="f"/>', "<b data-id=\"g\">", "text", "&amp;", "\n", "<i lang=en id=h>",
    '<i hidden id="i">', "<script src='j'>", "var a = '<p>'", "</script>", "<h20>",
    "<!-- <a href='k'>", "-->",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_the_rest_says_what_the_whole_says(html: str) -> None:
    assert read(quickly(html)) == read(html)


@pytest.mark.parametrize("plain", ["<p>", "</p>", '<td class="n">', "<br/>", '<b data-id="g">'])
def test_a_plain_tag_is_taken_out(plain: str) -> None:
    assert quickly(f"a{plain}b{plain}{plain}c") == "abc"
