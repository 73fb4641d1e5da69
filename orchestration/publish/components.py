"""The components that pages may use, each an entry of `COMPONENTS`.

To add one: write a function from a `Call` to HTML and enter it with the attributes it takes. What
an attribute must be is checked here, before the function runs, so that an author learns of a wrong
one with the page and the line. Attribute names are those of the Evidence tool where it has them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from orchestration.publish import (
    area_charts,
    charts,
    control_charts,
    funnel_charts,
    tables,
    verdicts,
    words,
)
from orchestration.publish.calls import (
    CELL_COLUMNS,
    CHART_TAKES,
    COLUMN,
    COLUMN_TAKES,
    CONTENT,
    DATA,
    FROM_CELL,
    Call,
    Component,
    Context,
    Takes,
)
from orchestration.publish.errors import PublishError
from orchestration.publish.figures import details, figure, table
from orchestration.publish.markup import Attribute, Tag, text
from orchestration.publish.narratives import NEEDS as NARRATIVE_NEEDS
from orchestration.publish.narratives import narratives
from orchestration.publish.queries import Rows
from orchestration.publish.tables import Column


def use(tag: Tag, context: Context) -> Call:
    """Check a component's attributes against what it takes; PublishError where one does not fit."""
    component = COMPONENTS.get(tag.name)
    if component is None:
        known = ", ".join(COMPONENTS)
        raise PublishError(
            f"there is no component <{tag.name}>; there are {known}", context.page, tag.line
        )
    values = _checked(tag, component.takes, context, None)
    rows: Rows | None = values.get("data")
    if rows is not None:
        for column in component.needs:
            _known_column(tag, "data", column, rows, context)
    columns: tuple[Column, ...] = ()
    if component.content == "columns":
        columns = _columns(tag, rows, context)
    elif component.content == "nothing" and any(
        isinstance(part, Tag) or part.text.strip() for part in tag.content
    ):
        raise PublishError(f"<{tag.name}> encloses nothing: end it with />", context.page, tag.line)
    return Call(tag, values, columns, context)


def _checked(
    tag: Tag, takes: dict[str, Takes], context: Context, rows: Rows | None
) -> dict[str, Any]:
    for name in tag.attributes:
        if name not in takes:
            raise PublishError(
                f"<{tag.name}> has no attribute {name}; it takes {', '.join(takes)}",
                context.page,
                tag.line,
            )
    values: dict[str, Any] = {}
    # Columns are looked for in the data, so data comes first whatever its place in the tag.
    for name, kind in sorted(takes.items(), key=lambda item: item[1].kind != "data"):
        if name not in tag.attributes:
            if kind.required:
                raise PublishError(f"<{tag.name}> needs {name}", context.page, tag.line)
            continue
        values[name] = _value(tag, name, kind, context, values.get("data", rows))
    return values


def _value(tag: Tag, name: str, kind: Takes, context: Context, rows: Rows | None) -> Any:
    attribute: Attribute = tag.attributes[name]
    value = attribute.value

    def wrong(message: str) -> PublishError:
        return PublishError(f"<{tag.name} {name}>: {message}", context.page, tag.line)

    if kind.kind == "flag":
        if attribute.given and value not in ("true", "false"):
            raise wrong(f"{value!r} is neither true nor false")
        return value != "false"
    if not attribute.given:
        raise wrong("it has no value")
    if kind.kind == "data":
        if not attribute.braces or value not in context.rows:
            named = ", ".join(context.rows) or "none"
            raise wrong(f"expected a query of this page in braces; there are {named}")
        return context.rows[value]
    if kind.kind == "column":
        assert rows is not None
        _known_column(tag, name, value, rows, context)
    elif kind.kind == "format":
        if value not in words.FORMATS:
            raise wrong(f"there is no format {value!r}; there are {', '.join(words.FORMATS)}")
    elif kind.kind == "number":
        if not value.isdigit():
            raise wrong(f"{value!r} is not a whole number")
        return int(value)
    elif kind.kind == "choice" and value not in kind.choices:
        raise wrong(f"{value!r} is not one of {', '.join(kind.choices)}")
    return value


def _known_column(tag: Tag, name: str, column: str, rows: Rows, context: Context) -> None:
    if column not in rows.columns:
        raise PublishError(
            f"<{tag.name} {name}>: the query has no column {column!r}; "
            f"it has {', '.join(rows.columns)}",
            context.page,
            tag.line,
        )


def _columns(tag: Tag, rows: Rows | None, context: Context) -> tuple[Column, ...]:
    assert rows is not None
    columns = []
    for part in tag.content:
        if not isinstance(part, Tag):
            if part.text.strip():
                raise PublishError(
                    f"<{tag.name}> encloses <Column .../> only", context.page, tag.line
                )
            continue
        if part.name != "Column":
            raise PublishError(f"<{tag.name}> encloses <Column .../> only", context.page, part.line)
        values = _checked(part, COLUMN_TAKES, context, rows)
        columns.append(
            Column(
                id=values["id"],
                title=values.get("title", tables.heading(values["id"])),
                format=values.get("fmt"),
                to=values.get("to"),
                of=values.get("of"),
                link=values.get("link"),
                status=values.get("status"),
                provisional=values.get("provisional"),
                in_words=values.get("words", False),
                verdict=values.get("verdict"),
            )
        )
    return tuple(columns)


def _data_table(call: Call) -> str:
    rows: Rows = call.values["data"]
    if not rows.rows and "empty" in call.values:
        return f"<p>{text(call.values['empty'])}</p>"
    columns = call.columns or tuple(Column(name, tables.heading(name)) for name in rows.columns)
    return table(call, columns, call.values["title"])


def _one_value(call: Call, record: dict[str, Any], column: str) -> str:
    value, status = record[column], call.cell(record, "status")
    if value is None:
        return tables.sign(status, in_words=True) if status in words.SIGNS else "–"
    shown = text(call.show(value, call.values.get("fmt")))
    return shown + (tables.provisional_sign() if call.cell(record, "provisional") else "")


def _value_of(call: Call) -> str:
    records, row = call.records, call.values.get("row", 0)
    if row >= len(records):
        raise call.error(f"the query has {len(records)} rows, there is no row {row}")
    column = call.values.get("column", call.values["data"].columns[0])
    return _one_value(call, records[row], column)


def _big_value(call: Call) -> str:
    if not call.records:
        raise call.error("the query has no rows")
    shown = _one_value(call, call.records[0], call.values["value"])
    return (
        f'<div class="big-value"><p class="big-title">{text(call.values["title"])}</p>'
        f'<p class="big-number">{shown}</p></div>'
    )


def _alert(call: Call) -> str:
    status = call.values.get("status", "info")
    if status in ("warning", "negative"):
        return (
            '<div class="nhsuk-card nhsuk-card--warning"><div class="nhsuk-card__content">'
            f'<p class="nhsuk-card__heading">Important</p>{CONTENT}</div></div>'
        )
    kind = tables.unseen("Good:" if status == "positive" else "Note:")
    return f'<div class="nhsuk-inset-text {status}">{kind}{CONTENT}</div>'


def _details(call: Call) -> str:
    return details(call.values["title"], CONTENT, is_open=call.values.get("open", False))


def _points(call: Call) -> tuple[charts.Point, ...]:
    points = []
    for record in call.records:
        value = call.cell(record, "y")
        if value is not None and not tables.is_number(value):
            raise call.error(f"y={call.values['y']}: {value!r} is not a number")
        lower, upper = call.cell(record, "lower"), call.cell(record, "upper")
        points.append(
            charts.Point(
                x=str(call.cell(record, "x")),
                value=None if value is None else float(value),
                lower=None if lower is None else float(lower),
                upper=None if upper is None else float(upper),
                status=str(call.cell(record, "status") or ("" if value is None else words.SHOWN)),
                provisional=bool(call.cell(record, "provisional")),
                series=str(call.cell(record, "series") or ""),
            )
        )
    places = {(point.series, point.x) for point in points}
    if len(places) < len(points):
        raise call.error("two rows have the same place on the x axis")
    return tuple(points)


def _line_chart(call: Call) -> str:
    plot = charts.Plot(_points(call), call.values.get("fmt", "num1"))
    drawn = {name: charts.line_chart(plot, width) for name, width in charts.WIDTHS.items()}
    notes = []
    if any(point.lower is not None for point in plot.shown) and len(plot.series) == 1:
        notes.append("The band is the 95 per cent confidence interval.")
    if any(point.provisional for point in plot.shown):
        notes.append("A hollow point is provisional.")
    return _figure(call, plot, drawn, charts.describe_lines(plot), notes)


def _bar_chart(call: Call) -> str:
    sideways = call.values.get("swapXY", False)
    plot = charts.Plot(_points(call), call.values.get("fmt", "num1"))
    if sideways and len(plot.series) > 1:
        raise call.error("bars that lie on their side have no series")
    drawn = {n: charts.bar_chart(plot, width, sideways) for n, width in charts.WIDTHS.items()}
    notes = []
    if sideways and any(point.lower is not None for point in plot.shown):
        notes.append("The thin line is the 95 per cent confidence interval.")
    if any(point.provisional for point in plot.shown):
        notes.append(f"{words.PROVISIONAL_SIGN} marks a provisional figure.")
    return _figure(call, plot, drawn, charts.describe_bars(plot), notes)


def _area_chart(call: Call) -> str:
    plot = charts.Plot(_points(call), call.values.get("fmt", "num1"))
    try:
        drawn = {name: area_charts.area_chart(plot, w) for name, w in charts.WIDTHS.items()}
    except ValueError as error:
        raise call.error(str(error)) from None
    notes = []
    if any(point.provisional for point in plot.shown):
        notes.append("p above the area marks a provisional figure.")
    return _figure(call, plot, drawn, area_charts.describe_areas(plot), notes)


def _figure(
    call: Call, plot: charts.Plot, drawn: dict[str, str], described: str, notes: list[str]
) -> str:
    return figure(
        call,
        drawn if plot.shown else {},
        described,
        notes,
        call.columns or _chart_columns(call),
        (point.status for point in plot.missing),
    )


def _chart_columns(call: Call) -> tuple[Column, ...]:
    """The columns of the table behind a chart whose author chose none."""
    values, form = call.values, call.values.get("fmt", "num1")
    columns = [Column(values["x"], values.get("xAxisTitle", tables.heading(values["x"])))]
    if "series" in values:
        columns.append(Column(values["series"], tables.heading(values["series"])))
    y = Column(values["y"], values.get("yAxisTitle", tables.heading(values["y"])), form)
    y = replace(y, status=values.get("status"), provisional=values.get("provisional"))
    columns.append(replace(y, in_words=True))
    if "lower" in values and "upper" in values:
        columns.append(
            Column(values["lower"], "95% interval", form, to=values["upper"], status=y.status)
        )
    return tuple(columns)


def _cell_of(call: Call, record: dict[str, Any]) -> tuple[words.Entry, words.Cell]:
    entry = call.context.entries.get(record["indicator_id"])
    if entry is None:
        raise call.error(f"the catalogue has no indicator {record['indicator_id']!r}")
    return entry, words.Cell(
        period_type=record["period_type"],
        period_start=record["period_start"],
        area_name=call.context.area_names.get(record["area_code"], record["area_code"]),
        numerator=record["numerator"],
        denominator=record["denominator"],
        value=record["value"],
        lower=record["lower_ci"],
        upper=record["upper_ci"],
        status=record["status"],
        provisional=bool(record["is_provisional"]),
        returns_expected=record["returns_expected"],
        returns_in_effect=record["returns_in_effect"],
    )


def _figure_in_large(entry: words.Entry, cell: words.Cell) -> str:
    number, after = words.figure(entry, cell)
    return f"<strong>{text(number)}</strong> {text(after)}"


def _in_words(call: Call) -> str:
    """The first row is stated; those after it, earlier periods, are what it is compared with."""
    if not call.records:
        return "<p>There is no figure yet.</p>"
    (entry, now), *before = [_cell_of(call, record) for record in call.records]
    said = [" ".join(words.sentences(entry, now)), words.BETTER[entry.better]]
    compared = [words.comparison(entry, now, earlier) for _, earlier in before]
    said.append(" ".join(sentence for sentence in compared if sentence))
    paragraphs = "".join(f"<p>{text(sentence)}</p>" for sentence in said if sentence)
    return (
        f'<div class="statement"><p class="figure">{_figure_in_large(entry, now)}</p>'
        f"{paragraphs}</div>"
    )


def _standing(call: Call) -> str:
    """One line for each row: the indicator, its figure in words and the period it is of."""
    items = []
    for record in call.records:
        entry, cell = _cell_of(call, record)
        name = call.context.indicator_names[record["indicator_id"]]
        page = call.href(f"indicators/{record['indicator_id']}.md")
        notes = cell.period + (", provisional" if cell.provisional else "")
        interval = words.interval(entry, cell)
        notes += f". 95% interval {interval}." if interval else "."
        items.append(
            f'<li><a href="{text(page)}">{text(name)}</a>'
            f'<div><span class="figure">{_figure_in_large(entry, cell)}</span>'
            f'<span class="note">{text(notes)}</span></div></li>'
        )
    return f'<ul class="standing">{"".join(items)}</ul>' if items else "<p>No figure yet.</p>"


def _sentences(call: Call) -> str:
    """A paragraph for each row; with `verdict` and `code` the sign of the word before it."""
    kind = call.values.get("verdict")
    said = []
    for record in call.records:
        sentence = call.cell(record, "column")
        if sentence is None:
            continue
        code = call.cell(record, "code")
        before = verdicts.sign_html(kind, str(code)) if kind and code else ""
        said.append(f"<p>{before}{text(sentence)}</p>")
    return "".join(said)


def _side_by_side(call: Call) -> str:  # noqa: ARG001
    return f'<div class="beside">{CONTENT}</div>'


def _side(call: Call) -> str:  # noqa: ARG001
    return f"<div>{CONTENT}</div>"


COMPONENTS: dict[str, Component] = {
    "Value": Component(
        _value_of,
        {
            "data": DATA,
            "column": Takes("column"),
            "row": Takes("number"),
            "fmt": Takes("format"),
            **FROM_CELL,
        },
        inline=True,
    ),
    "BigValue": Component(
        _big_value,
        {
            "data": DATA,
            "value": COLUMN,
            "title": Takes("text", required=True),
            "fmt": Takes("format"),
            **FROM_CELL,
        },
    ),
    "LineChart": Component(_line_chart, CHART_TAKES, content="columns"),
    "BarChart": Component(
        _bar_chart,
        {**CHART_TAKES, "swapXY": Takes("flag")},
        content="columns",
    ),
    "AreaChart": Component(
        _area_chart,
        # An area has no interval: it would lie on the area below or above it.
        {name: takes for name, takes in CHART_TAKES.items() if name not in ("lower", "upper")},
        content="columns",
    ),
    "ControlChart": Component(control_charts.component, control_charts.TAKES, content="columns"),
    "FunnelChart": Component(funnel_charts.component, funnel_charts.TAKES, content="columns"),
    "DataTable": Component(
        _data_table,
        {"data": DATA, "title": Takes("text", required=True), "empty": Takes("text")},
        content="columns",
    ),
    "Alert": Component(
        _alert,
        {"status": Takes("choice", choices=("info", "warning", "positive", "negative"))},
        content="markdown",
    ),
    "Details": Component(
        _details,
        {"title": Takes("text", required=True), "open": Takes("flag")},
        content="markdown",
    ),
    "Sentences": Component(
        _sentences,
        {
            "data": DATA,
            "column": COLUMN,
            "code": Takes("column"),
            "verdict": Takes("choice", choices=tuple(verdicts.SIGNS)),
        },
    ),
    "SideBySide": Component(_side_by_side, {}, content="markdown"),
    "Side": Component(_side, {}, content="markdown"),
    "Narratives": Component(narratives, {"data": DATA}, needs=NARRATIVE_NEEDS),
    "InWords": Component(_in_words, {"data": DATA}, needs=CELL_COLUMNS),
    "Standing": Component(_standing, {"data": DATA}, needs=CELL_COLUMNS),
}
