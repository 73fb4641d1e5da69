"""The language in which pages are written: placeholders, SQL fences and component tags.

A page is Markdown with three additions, read in this order:

1. Jinja: `{{ placeholders }}`, `{% for %}` and `{% if %}`. What a placeholder gives is carried as a
   mark and written out only when it is known where it stands, so that a name from the data can end
   neither an SQL string nor an attribute, and its stars and brackets are text.
2. Fences ```` ```sql name ````, which run and do not show; fences ````` ````example `````, whose
   content is shown as written and then happens, queries, components and all.
3. Component tags: `<Name attribute=word attribute="words" attribute={query} />`, or with content
   between `<Name ...>` and `</Name>`. A tag with a capital is a component; all else is HTML.

Every part knows the line of the file it came from. What components do is none of this module's.
"""

from __future__ import annotations

import html
import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import jinja2

from orchestration.publish.errors import PublishError

# From the private use area of Unicode: they stand for something while a page is made.
VALUE_OPENS, VALUE_CLOSES, LINE_OPENS, LINE_CLOSES = "\ue000", "\ue001", "\ue002", "\ue003"
PRIVATE = re.compile("[\ue000-\uf8ff]")
VALUE = re.compile(f"(^|\n)?{VALUE_OPENS}([0-9a-f]*){VALUE_CLOSES}")
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
MARKDOWN_SPECIAL = re.compile(r"[\\`*\[\]<>&|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
FENCE = re.compile(r"^(?P<mark>`{3,}|~{3,})(?P<about>[^\n`]*)$")
TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Z][A-Za-z0-9]*)")
ATTRIBUTE = re.compile(
    r"""\s+(?P<name>[A-Za-z][\w-]*)
        (?:=(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|\{(?P<braces>[^{}]*)\}
              |(?P<bare>[^\s"'={}<>/]+)))?""",
    re.VERBOSE,
)
QUERY_NAME = re.compile(r"[A-Za-z_]\w*")


def text(value: object) -> str:
    """Any value as HTML text or attribute value, whatever characters are in it."""
    return html.escape(PRIVATE.sub("", str(value)))


def _as_markdown(value: str) -> str:
    value = " ".join(PRIVATE.sub("", value).split())
    return MARKDOWN_SPECIAL.sub(lambda match: f"&#{ord(match[0])};", value)


def _values(written: str, how: str) -> str:
    """Write out the values of placeholders as text of Markdown (`markdown`), SQL or `raw`."""

    def one(match: re.Match[str]) -> str:
        before, value = match[1] or "", bytes.fromhex(match[2]).decode()
        at_start = match[1] is not None
        if how == "raw":
            return before + value
        if how == "sql":
            return before + value.replace("'", "''")
        value = _as_markdown(value)
        if at_start and value[:1].isascii() and not value.startswith("&"):
            # `1.`, `#` or `-` at the start of a line would begin a list or a heading.
            value = re.sub(r"^(\d+|.)", lambda m: "".join(f"&#{ord(c)};" for c in m[0]), value)
        return before + value

    return VALUE.sub(one, written)


def _mark(value: object) -> str:
    """A placeholder's value as a mark that survives everything until it is written out."""
    if isinstance(value, jinja2.Undefined):
        return str(value)  # raises, with Jinja's own message
    return f"{VALUE_OPENS}{str(value).encode().hex()}{VALUE_CLOSES}"


def environment() -> jinja2.Environment:
    """The Jinja environment of pages: an unknown placeholder is an error, not nothing."""
    return jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        finalize=_mark,
        keep_trailing_newline=True,
        autoescape=False,  # a mark is resolved for where it stands, which is not always HTML
    )


@dataclass(frozen=True)
class Lines:
    """Text whose lines know which line of the file they came from."""

    lines: tuple[tuple[int, str], ...]

    @cached_property
    def text(self) -> str:
        return "\n".join(line for _, line in self.lines)

    def line_at(self, offset: int) -> int:
        """The file's line of a place in `text`."""
        return self.lines[self.text.count("\n", 0, offset)][0]


@lru_cache(maxsize=32)
def _compiled(jinja: jinja2.Environment, source: str) -> jinja2.Template:
    """Compiled once however many pages are made from it."""
    return jinja.from_string(source)


def fill_in(jinja: jinja2.Environment, source: str, values: Mapping[str, Any], page: str) -> Lines:
    """Fill in a page's placeholders. Raises PublishError with the line where that is impossible."""
    # Each line carries its own number through loops and conditions, except inside a Jinja tag.
    marked: list[str] = []
    line, place = 1, 0
    for tag in [*JINJA.finditer(source), None]:
        for part in re.split("(\n)", source[place : tag.start() if tag else None]):
            if part == "\n":
                marked.append(f"{LINE_OPENS}{line}{LINE_CLOSES}\n")
                line += 1
            else:
                marked.append(part)
        if tag:
            marked.append(tag[0])
            line += tag[0].count("\n")
            place = tag.end()
    marked.append(f"{LINE_OPENS}{line}{LINE_CLOSES}")
    try:
        filled = _compiled(jinja, "".join(marked)).render(**values)
    except jinja2.TemplateSyntaxError as error:
        raise PublishError(str(error.message), page, error.lineno) from error
    except Exception as error:
        # Jinja gives the template's own lines in the traceback, under the name <template>.
        at = [
            f.lineno
            for f in traceback.extract_tb(error.__traceback__)
            if f.filename == "<template>"
        ]
        raise PublishError(str(error), page, at[-1] if at else None) from error
    found: list[tuple[int, str]] = []
    last = 1
    for written in filled.split("\n"):
        numbers = re.findall(f"{LINE_OPENS}(\\d+){LINE_CLOSES}", written)
        last = int(numbers[-1]) if numbers else last
        found.append((last, re.sub(f"{LINE_OPENS}\\d+{LINE_CLOSES}", "", written)))
    return Lines(tuple(found))


@dataclass(frozen=True)
class Query:
    """An SQL fence: its name, its text and the line on which that text begins."""

    name: str
    sql: str
    line: int


@dataclass(frozen=True)
class Attribute:
    """An attribute as written; `braces` tells `{rows}` from `rows`, `given` a bare flag."""

    value: str
    braces: bool = False
    given: bool = True


@dataclass(frozen=True)
class Tag:
    """A component as written, with what lies between its opening and closing tag."""

    name: str
    attributes: dict[str, Attribute]
    line: int
    content: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Markdown:
    """Markdown to be rendered as it is."""

    text: str


Part = Markdown | Tag


@dataclass
class _Open:
    name: str
    attributes: dict[str, Attribute]
    line: int
    parts: list[Part] = field(default_factory=list)


def _with_examples(lines: Lines) -> list[tuple[int, str]]:
    """The lines, with the content of each example fence a second time below it, to happen there."""
    told: list[tuple[int, str]] = []
    fence: str | None = None
    body: list[tuple[int, str]] = []
    for number, line in lines.lines:
        opening = FENCE.match(line)
        about = opening["about"].strip() if opening else None
        if fence is None and opening and about == "example":
            fence, body = opening["mark"], []
            told.append((number, opening["mark"]))
            continue
        told.append((number, line))
        if fence is not None and opening and not about and opening["mark"].startswith(fence):
            fence = None
            told += [(number, ""), *body, (number, "")]
        elif fence is not None:
            body.append((number, line))
    return told


def read_page(lines: Lines, page: str) -> tuple[list[Query], list[Part]]:
    """The queries and the parts of a filled-in page; PublishError where it is not well formed."""
    queries: list[Query] = []
    kept: list[tuple[int, str, bool]] = []  # line, text, whether tags are looked for in it
    fence: re.Match[str] | None = None
    fence_line, body = 0, []
    for number, line in _with_examples(lines):
        opening = FENCE.match(line)
        if fence is None and opening is not None:
            fence, fence_line, body = opening, number, [(number, line)]
            continue
        if fence is None:
            kept.append((number, line, True))
            continue
        body.append((number, line))
        closes = (
            opening and not opening["about"].strip() and opening["mark"].startswith(fence["mark"])
        )
        if not closes:
            continue
        about = _values(fence["about"], "raw").split()
        if about[:1] == ["sql"]:
            queries.append(_query(about, body[1:-1], fence_line, page, queries))
            kept.append((number, "", True))
        else:
            kept += [(n, _values(written, "raw"), False) for n, written in body]
        fence = None
    if fence is not None:
        raise PublishError("this fence is never closed", page, fence_line)
    return queries, _parts(kept, page)


def _query(
    about: list[str], body: list[tuple[int, str]], line: int, page: str, before: list[Query]
) -> Query:
    if len(about) != 2 or not QUERY_NAME.fullmatch(about[1]):
        raise PublishError("an SQL fence needs one name: ```sql name", page, line)
    if any(query.name == about[1] for query in before):
        raise PublishError(f"there are two queries named {about[1]}", page, line)
    sql = "\n".join(_values(written, "sql") for _, written in body)
    return Query(about[1], sql, body[0][0] if body else line)


def _parts(kept: list[tuple[int, str, bool]], page: str) -> list[Part]:
    """Tell component tags from the Markdown around them, and nest what they enclose."""
    stack = [_Open("", {}, 0)]
    chunk: list[tuple[int, str]] = []

    def end_chunk() -> None:
        if chunk:
            _scan(Lines(tuple(chunk)), page, stack)
            chunk.clear()

    for number, line, tagged in kept:
        if tagged:
            chunk.append((number, line))
        else:
            end_chunk()
            stack[-1].parts.append(Markdown(line + "\n"))
    end_chunk()
    if len(stack) > 1:
        raise PublishError(f"<{stack[-1].name}> is never closed", page, stack[-1].line)
    return stack[0].parts


def _scan(lines: Lines, page: str, stack: list[_Open]) -> None:
    written, place = lines.text + "\n", 0
    # What stands between backticks is shown as written.
    code = [match.span() for match in re.finditer(r"(`+)(?!`).+?(?<!`)\1(?!`)", written)]
    for match in TAG.finditer(written):
        if match.start() < place or any(a <= match.start() < b for a, b in code):
            continue
        line = lines.line_at(match.start())
        stack[-1].parts.append(Markdown(_values(written[place : match.start()], "markdown")))
        if match["end"]:
            close = re.compile(r"\s*>").match(written, match.end())
            if close is None or len(stack) == 1 or stack[-1].name != match["name"]:
                raise PublishError(f"</{match['name']}> closes nothing here", page, line)
            done = stack.pop()
            stack[-1].parts.append(Tag(done.name, done.attributes, done.line, tuple(done.parts)))
            place = close.end()
            continue
        attributes, place = _attributes(written, match.end(), match["name"], page, line)
        if written.startswith("/>", place):
            stack[-1].parts.append(Tag(match["name"], attributes, line))
            place += 2
        else:
            stack.append(_Open(match["name"], attributes, line))
            place += 1
    stack[-1].parts.append(Markdown(_values(written[place:], "markdown")))


def _attributes(
    written: str, place: int, name: str, page: str, line: int
) -> tuple[dict[str, Attribute], int]:
    """The attributes from `place` on, and the place of the `>` or `/>` that ends the tag."""
    attributes: dict[str, Attribute] = {}
    while match := ATTRIBUTE.match(written, place):
        if match["name"] in attributes:
            raise PublishError(f"<{name}> has {match['name']} twice", page, line)
        values = [match[kind] for kind in ("double", "single", "braces", "bare")]
        value = next((value for value in values if value is not None), None)
        attributes[match["name"]] = Attribute(
            _values(value or "", "raw").strip(), match["braces"] is not None, value is not None
        )
        place = match.end()
    end = re.compile(r"\s*(?=/?>)").match(written, place)
    if end is None:
        shown = written[place : place + 30].partition("\n")[0].strip()
        raise PublishError(f"<{name}> cannot be read from here: {shown}", page, line)
    return attributes, end.end()
