"""Narratives on a page: words that others wrote, with who speaks, where and when.

The words are foreign. They come out as text and nothing else: neither Markdown nor Jinja ever sees
them, since a component's HTML joins the page when that has become HTML, and each text stands in an
element of its own direction, so that no writing from right to left turns what follows.
"""

from __future__ import annotations

import re

from orchestration.publish import words
from orchestration.publish.calls import Call
from orchestration.publish.markup import text
from orchestration.spreadsheets import as_written

NEEDS = ("text", "kind", "area_code", "period")


def narratives(call: Call) -> str:
    """A quotation for each row, in the rows' order; nothing where there are no rows."""
    said = []
    for record in call.records:
        parts = re.split(r"\n\s*\n", as_written(record["text"]).strip())
        quoted = "".join(
            f"<p>{'<br>'.join(text(line) for line in part.splitlines())}</p>" for part in parts
        )
        area = call.context.area_names.get(record["area_code"], record["area_code"])
        month = call.show(record["period"], "month")
        speaks = text(f"{words.narrative_kind_label(record['kind'])}, {area}, {month}")
        said.append(
            f'<li><blockquote dir="auto">{quoted}</blockquote><p class="note">{speaks}</p></li>'
        )
    if not said:
        return ""
    return f'<ul class="narratives">{"".join(said)}</ul>'
