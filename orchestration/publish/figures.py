"""What every chart on a page has: its title, its words for those who do not see it, what its signs
mean, and its numbers as a table."""

from __future__ import annotations

from collections.abc import Iterable

from orchestration.publish import tables, words
from orchestration.publish.calls import CHART_CLOSES, CHART_OPENS, Call
from orchestration.publish.drawing import FONT_SIZE
from orchestration.publish.markup import text
from orchestration.publish.row_files import row_file
from orchestration.publish.tables import Column


def table(call: Call, columns: tuple[Column, ...], caption: str, hidden: bool = False) -> str:
    """The component's rows as a table, with a link to the same rows as a file below it."""
    try:
        shown = tables.table(
            columns,
            call.records,
            call.href,
            caption=caption,
            element_id=call.context.new_id("table"),
            hidden_caption=hidden,
            name=call.context.new_name(call.tag.attributes["data"].value),
        )
    except ValueError as error:
        raise call.error(str(error)) from None
    if not call.records:
        return shown
    query = call.tag.attributes["data"].value
    href = call.context.row_file(
        query, row_file(columns, call.records, caption, call.context.release_id)
    )
    return (
        f'{shown}<p class="rows"><a href="{text(href)}" download>Download these rows (CSV)'
        f"{tables.unseen(f': {caption}')}</a></p>"
    )


def details(title: str, content: str, *, is_open: bool = False) -> str:
    """HTML that shows only its title until it is opened; `content` is HTML itself."""
    opened = " open" if is_open else ""
    return (
        f'<details class="nhsuk-details"{opened}><summary class="nhsuk-details__summary">'
        f'<span class="nhsuk-details__summary-text">{text(title)}</span></summary>'
        f'<div class="nhsuk-details__text">{content}</div></details>'
    )


def figure(
    call: Call,
    drawn: dict[str, str],
    described: str,
    notes: list[str],
    columns: tuple[Column, ...],
    missing: Iterable[str] = (),
) -> str:
    """A chart as HTML: `drawn` are its specifications by width (none: no value can be drawn),
    `described` what one sees, `notes` what its signs mean, `columns` those of its table and
    `missing` the statuses of the points that have no value."""
    title, base = call.values["title"], call.context.new_id("chart")
    numbers = table(call, columns, f"{title}: the numbers", hidden=True)
    behind = details("The numbers in a table", numbers)
    subtitle = call.values.get("subtitle")
    below = f'<span class="subtitle">{text(subtitle)}</span>' if subtitle else ""
    caption = f'<figcaption id="{base}">{text(title)}{below}</figcaption>'
    if not drawn:
        said = text(f"No value can be drawn. {described}")
        return f'<figure aria-labelledby="{base}">{caption}<p>{said}</p>{behind}</figure>'
    pictures = []
    for name, specification in drawn.items():
        chart, own = call.context.chart(specification), f"{base}-{name}"
        pictures.append(
            f'<svg class="{name}" role="img" aria-labelledby="{own}-t {own}-d" '
            f'font-size="{FONT_SIZE}" {CHART_OPENS}{chart}:size{CHART_CLOSES}>'
            f'<title id="{own}-t">{text(title)}</title>'
            f'<desc id="{own}-d">{text(described)}</desc>'
            f"{CHART_OPENS}{chart}:body{CHART_CLOSES}</svg>"
        )
    hidden = set(missing)
    notes = notes + [
        f"{sign} {words.status_label(status).lower()}."
        for status, sign in words.SIGNS.items()
        if status in hidden
    ]
    said = f'<p class="key">{text(" ".join(notes))}</p>' if notes else ""
    return f'<figure aria-labelledby="{base}">{caption}{"".join(pictures)}{said}{behind}</figure>'
